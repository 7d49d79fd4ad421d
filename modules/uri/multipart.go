package uri

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

func badForm(format string, args ...any) error {
	return module.Failf("failed to parse body as form-multipart: "+format, args...)
}

// multipart writes a dict of fields as multipart/form-data, and gives the
// content type with the boundary.
func (t *task) multipart(body value.Value) (kind, text string, err error) {
	fields, ok := body.(*value.Dict)
	if !ok {
		return "", "", badForm("Mapping is required, cannot be type %s", body.Type())
	}
	n, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(19), nil))
	if err != nil {
		return "", "", err
	}
	boundary := fmt.Sprintf("===============%019d==", n)
	var b strings.Builder
	b.WriteString("--" + boundary + "\r\n")
	between := ""
	for k, v := range fields.All() {
		b.WriteString(between)
		if err := t.part(&b, value.Text(k), v); err != nil {
			return "", "", err
		}
		between = "\r\n--" + boundary + "\r\n"
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return `multipart/form-data; boundary="` + boundary + `"`, b.String(), nil
}

// part writes one field.
func (t *task) part(b *strings.Builder, name string, v value.Value) error {
	disposition := "form-data; " + parameter("name", name)
	if s, ok := v.(value.Str); ok {
		fmt.Fprintf(b, "Content-Type: text/plain\r\nContent-Disposition: %s\r\n\r\n%s", disposition, crlf(string(s)))
		return nil
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return badForm("value must be a string, or mapping, cannot be type %s", v.Type())
	}
	f := module.Args{Dict: d}
	filename, content := f.Str("filename"), f.Str("content")
	if filename == "" && content == "" {
		return badForm("at least one of filename or content must be provided")
	}
	if filename != "" {
		disposition += "; " + parameter("filename", filepath.Base(filename))
	}
	kind := f.Str("mime_type")
	if kind == "" {
		kind = guess(filename)
	}
	if !strings.Contains(kind, "/") {
		kind += "/"
	}
	if content != "" {
		fmt.Fprintf(b, "Content-Type: %s\r\nContent-Disposition: %s\r\n\r\n%s", kind, disposition, crlf(content))
		return nil
	}
	data, err := t.readPart(name, filename)
	if err != nil {
		return err
	}
	encoding, text := "base64", ""
	switch f.Str("multipart_encoding") {
	case "", "base64":
		text = lines76(base64.StdEncoding.EncodeToString(data))
	case "7or8bit":
		encoding, text = "7bit", crlf(string(data))
		for _, c := range data {
			if c >= 0x80 {
				encoding = "8bit"
			}
		}
	default:
		return badForm("multipart_encoding must be one of dict_keys(['base64', '7or8bit']).")
	}
	fmt.Fprintf(b, "Content-Transfer-Encoding: %s\r\nContent-Type: %s\r\nContent-Disposition: %s\r\n\r\n%s", encoding, kind, disposition, text)
	return nil
}

// readPart reads a file of the host, or one of the controller that came along.
func (t *task) readPart(name, filename string) ([]byte, error) {
	if t.Args.Bool("_churten") {
		in, _, err := t.Blob(context.Background(), "body."+name)
		if err == nil {
			defer in.Close()
			return io.ReadAll(in)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	data, err := os.ReadFile(filename)
	if err != nil {
		return nil, errors.New(kit.PyError(err, filename))
	}
	return data, nil
}

// crlf has all lines end as mail wants them.
func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

func lines76(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\r\n"
}

// parameter writes a parameter of a header; RFC 2231 where it is not ASCII.
func parameter(name, text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return name + "*=utf-8''" + percent(text)
		}
	}
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("_.-~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
