// wire CLIENT ADDRESS CASES: send each case with net/http; a second upload streams, so it is chunked.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"runtime"
	"strings"
)

type file struct {
	Name, Filename, Type, Base64 string
}

type testCase struct {
	Case, Method, Path, User, Password string
	Fields                             [][2]string
	File                               *file
	JSON                               json.RawMessage
}

func main() {
	address := os.Args[2]
	text, err := os.ReadFile(os.Args[3])
	must(err)
	var cases []testCase
	must(json.Unmarshal(text, &cases))
	fmt.Println("net/http of", runtime.Version())
	for _, c := range cases {
		answer, err := http.DefaultClient.Do(request(address, c))
		must(err)
		_, err = io.Copy(io.Discard, answer.Body)
		must(err)
		answer.Body.Close()
	}
}

func request(address string, c testCase) *http.Request {
	values := url.Values{}
	for _, pair := range c.Fields {
		values.Set(pair[0], pair[1])
	}
	target := address + c.Path
	switch c.Case {
	case "get":
		return build("GET", target+"?"+values.Encode(), nil, "")
	case "json":
		r := build("POST", target, bytes.NewReader(c.JSON), "application/json")
		r.SetBasicAuth(c.User, c.Password)
		return r
	case "multipart":
		body, kind := upload(c)
		return build("POST", target, body, kind)
	case "chunked":
		body, kind := upload(c)
		return build("POST", target, io.MultiReader(body), kind)
	}
	return build("POST", target, strings.NewReader(values.Encode()), "application/x-www-form-urlencoded")
}

func upload(c testCase) (*bytes.Buffer, string) {
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for _, pair := range c.Fields {
		must(w.WriteField(pair[0], pair[1]))
	}
	head := textproto.MIMEHeader{}
	head.Set("Content-Disposition", multipart.FileContentDisposition(c.File.Name, c.File.Filename))
	head.Set("Content-Type", c.File.Type)
	part, err := w.CreatePart(head)
	must(err)
	content, err := base64.StdEncoding.DecodeString(c.File.Base64)
	must(err)
	_, err = part.Write(content)
	must(err)
	must(w.Close())
	return body, w.FormDataContentType()
}

func build(method, target string, body io.Reader, kind string) *http.Request {
	r, err := http.NewRequest(method, target, body)
	must(err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
