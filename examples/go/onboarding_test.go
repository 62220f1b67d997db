package onboarding

// go test, against a running mock server (MOCK_SERVER_URL). Each test is an account of its own, so they may run at once.

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

var person = map[string]any{
	"name":        map[string]string{"given": "Tamsin", "family": "Okafor"},
	"dateofbirth": "1987-03-14",
}

func mockURL() string {
	if address := os.Getenv("MOCK_SERVER_URL"); address != "" {
		return address
	}
	return "http://127.0.0.1:8484"
}

// newAccount is the name of a fresh account and its secret. It needs no set-up: it exists from its first request.
func newAccount() (string, string) {
	random := make([]byte, 8)
	_, _ = rand.Read(random)
	name := "test-" + hex.EncodeToString(random)
	return name, name + "-secret"
}

func TestAnOrdinaryCustomerIsApproved(t *testing.T) {
	t.Parallel()
	key, secret := newAccount()
	if decision, err := VerifyPerson(mockURL(), key, secret, person, "customer-1"); decision != "approved" {
		t.Fatal(decision, err)
	}
}

func TestAWrongSecretIsRefused(t *testing.T) {
	t.Parallel()
	key, secret := newAccount()
	if _, err := VerifyPerson(mockURL(), key, secret+"\n", person, "customer-2"); err == nil || !strings.HasPrefix(err.Error(), "106") {
		t.Fatal(err)
	}
}

func TestTheCallbackArrivesSigned(t *testing.T) {
	t.Parallel()
	client, secret := newAccount()
	genuine := make(chan bool, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodPost {
			body, _ := io.ReadAll(request.Body)
			genuine <- IsGenuine(body, request.Header.Get("Signature"), secret)
		}
	}))
	defer receiver.Close()
	event, err := ScreenPerson(mockURL(), client, secret, "Ingrid", "Solvang", "1979-11-04", "customer-3", receiver.URL)
	if event != "verification.accepted" {
		t.Fatal(event, err)
	}
	select {
	case ok := <-genuine:
		if !ok {
			t.Fatal("the signature is wrong")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no callback came")
	}
}
