// Package onboarding signs customers up. It knows nothing of any mock: only base URLs and credentials differ between a test and production.
package onboarding

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// VerifyPerson asks Cloudcheck to verify a person: approved, review or rejected.
func VerifyPerson(baseURL, key, secret string, details map[string]any, reference string) (string, error) {
	const path = "/verify/"
	data, err := json.Marshal(map[string]any{"details": details, "reference": reference, "consent": "Yes"})
	if err != nil {
		return "", err
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	params := map[string]string{
		"data": string(data), "key": key, "nonce": hex.EncodeToString(nonce),
		"timestamp": strconv.FormatInt(time.Now().UnixMilli(), 10),
	}
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	sort.Strings(names)
	canonical, form := path, url.Values{}
	for _, name := range names {
		canonical += name + "=" + params[name] + ";"
		form.Set(name, params[name])
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(canonical))
	form.Set("signature", hex.EncodeToString(mac.Sum(nil)))
	response, err := http.PostForm(strings.TrimRight(baseURL, "/")+path, form)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct {
		Verification struct {
			Error               int    `json:"error"`
			Message             string `json:"message"`
			VerificationSuccess bool   `json:"verificationSuccess"`
			PepMatches          []any  `json:"pepMatches"`
		} `json:"verification"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", err
	}
	found := answer.Verification
	switch {
	case found.Error != 0:
		return "", fmt.Errorf("%d: %s", found.Error, found.Message)
	case len(found.PepMatches) > 0:
		return "review", nil
	case found.VerificationSuccess:
		return "approved", nil
	}
	return "rejected", nil
}

// ScreenPerson has Shufti Pro screen a person; the decision comes to the callback URL, too.
func ScreenPerson(baseURL, clientID, secretKey, first, last, dob, reference, callbackURL string) (string, error) {
	body, err := json.Marshal(map[string]any{
		"reference": reference, "callback_url": callbackURL,
		"background_checks": map[string]any{"dob": dob, "name": map[string]string{"first_name": first, "last_name": last}},
	})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequest(http.MethodPost, baseURL, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(clientID, secretKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct {
		Event string `json:"event"`
	}
	err = json.NewDecoder(response.Body).Decode(&answer)
	return answer.Event, err
}

// IsGenuine tells whether Shufti Pro sent these bytes.
func IsGenuine(body []byte, signature, secretKey string) bool {
	hashed := sha256.Sum256([]byte(secretKey))
	sum := sha256.Sum256(append(append([]byte{}, body...), hex.EncodeToString(hashed[:])...))
	return hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(signature))
}
