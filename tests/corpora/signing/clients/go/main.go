// Signs each job of a JSON file with Go's own means, as the job says, and prints signature and form.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf16"
)

type form struct {
	Path, Lead, Equals, Between, Last, Values, File string
	Sorted                                          bool
	Fields                                          [][2]string
}

type job struct {
	ID                                      int
	Text, Secret, Key, Charset, Mac, Digest string
	Texts                                   []string
	Form                                    *form
	Upload                                  struct{ Filename, Base64 string }
}

func parsed(text string) any {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(err)
	}
	return value
}

func numbers(text string) any {
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	return value
}

func marshalled(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func encoded(value any, escape bool) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(escape)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return text.String()
}

func indented(value any, indent string) string {
	text, err := json.MarshalIndent(value, "", indent)
	if err != nil {
		panic(err)
	}
	return string(text)
}

var texts = map[string]func(string) string{
	"encoding/json":                           func(text string) string { return marshalled(parsed(text)) },
	"encoding/json RawMessage":                func(text string) string { return marshalled(json.RawMessage(text)) },
	"encoding/json with json.Number":          func(text string) string { return marshalled(numbers(text)) },
	"encoding/json Encoder":                   func(text string) string { return encoded(parsed(text), true) },
	"encoding/json with SetEscapeHTML(false)": func(text string) string { return strings.TrimSuffix(encoded(parsed(text), false), "\n") },
	"encoding/json MarshalIndent":             func(text string) string { return indented(parsed(text), "  ") },
	"encoding/json tab":                       func(text string) string { return indented(parsed(text), "\t") },
	"%v":                                      func(text string) string { return fmt.Sprintf("%v", parsed(text)) },
	"Marshal twice":                           func(text string) string { return marshalled(text) },
	"html.EscapeString":                       html.EscapeString,
	"url.QueryEscape":                         url.QueryEscape,
	"strings.TrimSpace":                       strings.TrimSpace,
	"Println":                                 func(text string) string { return fmt.Sprintln(text) },
	"base64":                                  func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
	"empty":                                   func(string) string { return "" },
	"strings.ToLower":                         strings.ToLower,
}

func wide(text string) []byte {
	var raw []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		raw = append(raw, byte(unit), byte(unit>>8))
	}
	return raw
}

func low(text string) []byte {
	var raw []byte
	for _, letter := range text {
		raw = append(raw, byte(letter))
	}
	return raw
}

func mac(name string, text, key []byte) []byte {
	hashes := map[string]func() hash.Hash{"": sha256.New, "sha1": sha1.New, "md5": md5.New, "sha512": sha512.New}
	kind, algorithm, _ := strings.Cut(name, "-")
	made := hashes[algorithm]()
	switch kind {
	case "hmac":
		made = hmac.New(hashes[algorithm], key)
		made.Write(text)
	case "swapped":
		made = hmac.New(hashes[algorithm], text)
		made.Write(key)
	case "append":
		made.Write(append(text, key...))
	case "prepend":
		made.Write(append(key, text...))
	case "bare":
		made.Write(text)
	}
	return made.Sum(nil)
}

var digests = map[string]func([]byte) string{
	"hex":       hex.EncodeToString,
	"%X":        func(digest []byte) string { return fmt.Sprintf("%X", digest) },
	"base64":    base64.StdEncoding.EncodeToString,
	"rawurl":    base64.RawURLEncoding.EncodeToString,
	"%v":        func(digest []byte) string { return fmt.Sprintf("%v", digest) },
	"%x of hex": func(digest []byte) string { return fmt.Sprintf("%x", hex.EncodeToString(digest)) },
	"unpadded": func(digest []byte) string {
		text := ""
		for _, each := range digest {
			text += fmt.Sprintf("%x", each)
		}
		return text
	},
}

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var jobs []job
	if err := json.Unmarshal(raw, &jobs); err != nil {
		panic(err)
	}
	for _, job := range jobs {
		text := job.Text
		for _, op := range job.Texts {
			text = texts[op](text)
		}
		sent := url.Values{}
		if form := job.Form; form != nil {
			var parts []string
			fields := form.Fields
			if form.File != "" {
				content, err := base64.StdEncoding.DecodeString(job.Upload.Base64)
				if err != nil {
					panic(err)
				}
				value := filepath.Base(job.Upload.Filename)
				if form.File == "content" {
					value = string(content)
				}
				fields = append(append([][2]string{}, fields...), [2]string{"file", value})
			}
			if form.Sorted {
				sort.Slice(fields, func(i, j int) bool { return fields[i][0] < fields[j][0] })
			}
			for _, field := range fields {
				name, value := field[0], field[1]
				sent.Add(name, value)
				if name == "data" {
					value = text
				}
				if form.Values == "encoded" {
					value = url.QueryEscape(value)
				}
				parts = append(parts, name+form.Equals+value)
			}
			text = form.Path + form.Lead + strings.Join(parts, form.Between) + form.Last
		}
		bytes := map[string]func(string) []byte{
			"utf-8": func(text string) []byte { return []byte(text) }, "utf-16": wide, "low": low,
		}[job.Charset](text)
		key := []byte(job.Secret)
		if job.Key == "sha256" {
			key = []byte(fmt.Sprintf("%x", sha256.Sum256(key)))
		}
		signature := digests[job.Digest](mac(job.Mac, bytes, key))
		wire := ""
		if job.Form != nil {
			sent.Set("signature", signature)
			wire = sent.Encode()
		}
		fmt.Println(strings.TrimSuffix(encoded(map[string]any{"id": job.ID, "signature": signature, "wire": wire}, false), "\n"))
	}
}
