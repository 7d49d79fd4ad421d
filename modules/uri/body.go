package uri

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// body gives what is sent, by its format; nil for nothing. Content types go to
// the headers.
func (t *task) body() (value.Value, error) {
	body := t.Args.Value("body")
	format := t.Args.Str("body_format")
	if body == value.Value(value.None) && format != "json" && format != "form-multipart" {
		return nil, nil
	}
	switch format {
	case "json":
		if _, ok := body.(value.Str); !ok {
			text, err := value.Compact.Text(body)
			if err != nil {
				return nil, err
			}
			body = value.Str(text)
		}
		t.contentType("application/json")
	case "form-urlencoded":
		switch body.(type) {
		case *value.Dict, *value.List, *value.Tuple:
			text, err := urlencoded(body)
			if errors.Is(err, errPlain) {
				return nil, err
			}
			if err != nil {
				return nil, module.Failf("failed to parse body as form_urlencoded: %s", err).With("elapsed", value.Int(0))
			}
			body = value.Str(text)
		}
		t.contentType("application/x-www-form-urlencoded")
	case "form-multipart":
		kind, text, err := t.multipart(body)
		if err != nil {
			return nil, err
		}
		t.replaceHeader("Content-Type", kind)
		body = value.Str(text)
	}
	return body, nil
}

// contentType adds the header unless the task has it.
func (t *task) contentType(kind string) {
	for k := range t.header.All() {
		if strings.EqualFold(value.Text(k), "content-type") {
			return
		}
	}
	t.header.SetStr("Content-Type", value.Str(kind))
}

func (t *task) replaceHeader(name, text string) {
	for _, k := range t.header.Keys() {
		if strings.EqualFold(value.Text(k), name) {
			t.header.Delete(k)
		}
	}
	t.header.SetStr(name, value.Str(text))
}

// urlencoded writes a dict, or a list of pairs, as a form. Lists among the
// values give their name several times; None gives nothing.
func urlencoded(body value.Value) (string, error) {
	var parts []string
	pair := func(k, v value.Value) {
		for _, item := range formValues(v) {
			parts = append(parts, quotePlus(value.Text(k))+"="+quotePlus(value.Text(item)))
		}
	}
	if d, ok := body.(*value.Dict); ok {
		for k, v := range d.All() {
			pair(k, v)
		}
		return strings.Join(parts, "&"), nil
	}
	for _, item := range items(body) {
		two := items(item)
		if two == nil {
			return "", plainError("cannot unpack non-iterable " + item.Type() + " object")
		}
		if len(two) < 2 {
			return "", fmt.Errorf("not enough values to unpack (expected 2, got %d)", len(two))
		}
		if len(two) > 2 {
			return "", errors.New("too many values to unpack (expected 2)")
		}
		pair(two[0], two[1])
	}
	return strings.Join(parts, "&"), nil
}

// plainError is one that the reference's module does not catch.
type plainError string

var errPlain error = plainError("")

func (e plainError) Error() string        { return string(e) }
func (e plainError) Is(target error) bool { return target == errPlain }

// items are what Python gets by walking v; nil for what it cannot walk.
func items(v value.Value) []value.Value {
	out := []value.Value{}
	switch v := v.(type) {
	case *value.List:
		return v.Items
	case *value.Tuple:
		return v.Items
	case *value.Dict:
		return v.Keys()
	case value.Str:
		for _, r := range string(v) {
			out = append(out, value.Str(string(r)))
		}
		return out
	}
	return nil
}

func formValues(v value.Value) []value.Value {
	switch v := v.(type) {
	case *value.List, *value.Tuple, *value.Dict:
		return items(v)
	case value.NoneType:
		return nil
	}
	return []value.Value{v}
}

// quotePlus is Python's quote_plus: letters, digits and _.-~ stay.
func quotePlus(s string) string {
	return strings.NewReplacer("!", "%21", "*", "%2A", "(", "%28", ")", "%29", "'", "%27").Replace(url.QueryEscape(s))
}

// attach gives the request its body: src, or what body made.
func (t *task) attach(ctx context.Context, req *web.Request, body value.Value) (closeBody func(), err error) {
	closeBody = func() {}
	if src := t.Args.Str("src"); src != "" {
		return t.attachFile(ctx, req, src)
	}
	switch b := body.(type) {
	case nil:
	case value.Str:
		req.Body, req.Length = strings.NewReader(string(b)), int64(len(b))
	default:
		return closeBody, &web.Error{Kind: web.Unknown, Msg: "An unknown error occurred: message_body should be a bytes-like object or an iterable, got <class '" + b.Type() + "'>"}
	}
	return closeBody, nil
}

func (t *task) attachFile(ctx context.Context, req *web.Request, src string) (func(), error) {
	if t.Args.Bool("_churten") {
		path, err := t.keep(ctx, "src")
		if err != nil {
			return nil, err
		}
		src = path
	}
	f, err := os.Open(src)
	if err != nil {
		return nil, (&module.Failure{Msg: "Unable to open source file " + src, Err: err}).With("elapsed", t.elapsed())
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	req.Body, req.Length = f, info.Size()
	req.Header.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	t.header.SetStr("Content-Length", value.Int(info.Size()))
	return func() { f.Close() }, nil
}

// keep stores content that came along in a file: a request may be sent twice.
func (t *task) keep(ctx context.Context, name string) (string, error) {
	in, _, err := t.Blob(ctx, name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	dir, err := t.Tmp()
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "src")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, in)
	return f.Name(), errors.Join(err, f.Close())
}
