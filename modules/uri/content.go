package uri

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// receive reads the content as far as somebody wants it: into the result, as
// JSON, into a file.
func (t *task) receive(ctx context.Context, resp *web.Response, a *answer) error {
	isJSON := jsonType(resp.Header.Get("Content-Type"))
	accepted := t.accepted(resp.Status)
	if t.Args.Given("dest") {
		a.path = t.destination(resp)
	}
	read := t.Args.Bool("return_content") || isJSON || !accepted || resp.Failed()
	if !read && !t.Args.Given("dest") {
		return nil
	}
	store := t.Args.Given("dest") && accepted && resp.Status != 304
	tmp := ""
	var file *os.File
	if store {
		dir, err := t.Tmp()
		if err != nil {
			return err
		}
		if file, err = os.CreateTemp(dir, "tmp"); err != nil {
			return err
		}
		defer os.Remove(file.Name())
		defer file.Close()
		tmp = file.Name()
	}
	var memory strings.Builder
	var into io.Writer = &memory
	switch {
	case store && read && !resp.Failed():
		into = io.MultiWriter(&memory, file)
	case store && !resp.Failed():
		into = file
	}
	// What an error says is not stored: the reference has read it before it
	// writes the file.
	if n, err := io.Copy(into, resp.Body); err != nil {
		return incomplete(resp, n, err)
	}
	if read {
		a.content, a.have = []byte(memory.String()), true
	}
	if isJSON {
		text, err := decode(a)
		if err != nil {
			return err
		}
		if v, err := value.ParseJSON(text); err == nil {
			a.json = v
		}
	}
	if store {
		if err := file.Close(); err != nil {
			return err
		}
		return t.place(ctx, a, tmp)
	}
	return nil
}

func incomplete(resp *web.Response, got int64, err error) error {
	var short *web.Incomplete
	msg := ""
	switch {
	case errors.As(err, &short):
		msg = fmt.Sprintf("IncompleteRead(%d bytes read, %d more expected)", got, short.Missing)
	case errors.Is(err, io.ErrUnexpectedEOF):
		msg = fmt.Sprintf("IncompleteRead(%d bytes read)", got)
	}
	if msg == "" {
		return err
	}
	if resp.Failed() {
		return errors.New(msg)
	}
	return &module.Failure{Msg: "HTTP Error while fetching " + resp.URL + ": " + msg, Err: err}
}

// jsonType tells whether a content type is JSON: its subtype, or what follows
// a plus in it, is json or javascript.
func jsonType(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	_, sub, ok := strings.Cut(strings.ToLower(strings.TrimSpace(kind)), "/")
	if i := strings.LastIndexByte(sub, '+'); i >= 0 {
		sub = sub[i+1:]
	}
	return ok && (sub == "json" || sub == "javascript")
}

// decode gives the content as text, by the charset that the server named.
func decode(a *answer) (string, error) {
	kind, _ := a.headers.GetStr("content-type")
	charset := "utf-8"
	if s, ok := kind.(value.Str); ok {
		_, params, _ := strings.Cut(string(s), ";")
		for _, p := range strings.Split(params, ";") {
			name, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(name, "charset") && v != "" {
				charset = strings.Trim(v, `"' `)
			}
		}
	}
	return web.Decode(a.content, charset)
}
