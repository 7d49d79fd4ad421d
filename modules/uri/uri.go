// Package uri talks to web services.
//
//   - uri.go: arguments, the request and what becomes of the answer.
//   - body.go, multipart.go: what is sent.
//   - content.go: what came, as text, as JSON, into a file.
//   - action.go: files of the controller.
//
// Source: documentation of ansible.builtin.uri; results and messages seen on
// ansible-core 2.19.
package uri

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the uri module.
var Module = module.Module{
	Name: "ansible.builtin.uri", Doc: "Interact with web services.",
	Spec: module.Spec{
		FileArgs: true,
		Args: append(web.Args(),
			module.Arg{Name: "dest", Type: module.Path, Doc: "File or directory to store the content in."},
			module.Arg{Name: "body", Type: module.Raw, Doc: "What to send."},
			module.Arg{Name: "body_format", Default: value.Str("raw"), Choices: []string{"form-urlencoded", "json", "raw", "form-multipart"}, Doc: "How body is written."},
			module.Arg{Name: "src", Type: module.Path, Doc: "File to send."},
			module.Arg{Name: "method", Default: value.Str("GET"), Doc: "Method of the request."},
			module.Arg{Name: "return_content", Type: module.Bool, Default: value.False, Doc: "Give the content in the result."},
			module.Arg{Name: "follow_redirects", Default: value.Str("safe"), Choices: []string{"all", "no", "none", "safe", "urllib2", "yes"}, Doc: "Which redirects to follow."},
			module.Arg{Name: "creates", Type: module.Path, Doc: "Nothing is done when this file exists."},
			module.Arg{Name: "removes", Type: module.Path, Doc: "Nothing is done when this file does not exist."},
			module.Arg{Name: "status_code", Type: module.List, Elements: module.Int, Default: value.NewList(value.Int(200)), Doc: "Statuses that are a success."},
			module.Arg{Name: "timeout", Type: module.Int, Default: value.Int(30), Doc: "Seconds that one step may take."},
			module.Arg{Name: "headers", Type: module.Dict, Default: value.NewDict(0), Doc: "Headers to send."},
			module.Arg{Name: "unix_socket", Type: module.Path, Doc: "Unix socket to connect to."},
			module.Arg{Name: "remote_src", Type: module.Bool, Default: value.False, Doc: "src is on the host."},
			module.Arg{Name: "ca_path", Type: module.Path, Doc: "PEM file of the authorities to trust."},
			module.Arg{Name: "_churten", Type: module.Bool, Hidden: true},
		),
		Rules: module.Rules{MutuallyExclusive: [][]string{{"body", "src"}}},
	},
	Run: run,
}

// task is one call.
type task struct {
	*module.Call
	client  *web.Client
	header  *value.Dict // headers to send: the task's, and those of the body's format
	started time.Time
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	t := &task{Call: c, header: value.NewDict(4), started: time.Now()}
	for k, v := range c.Args.Sub("headers").All() {
		t.header.Set(k, v)
	}
	switch c.Args.Str("follow_redirects") {
	case "yes", "no":
		c.Deprecate(module.Deprecation{Msg: "Using 'yes' or 'no' for 'follow_redirects' parameter is deprecated.", Version: "2.22", Collection: "ansible.builtin"})
	}
	method := strings.ToUpper(c.Args.Str("method"))
	if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return nil, module.Failf("Parameter 'method' needs to be a single word in uppercase, like GET or POST.")
	}
	body, err := t.body()
	if err != nil {
		return nil, err
	}
	if skipped := t.skip(); skipped != "" {
		return &module.Result{Values: value.DictOf("stdout", value.Str(skipped), "changed", value.None)}, nil
	}
	if t.client, err = web.ClientOf(c); err != nil {
		return nil, err
	}
	a := c.Args
	t.client.Redirects, t.client.UnixSocket, t.client.CAPath = a.Str("follow_redirects"), a.Str("unix_socket"), a.Str("ca_path")
	req := web.Request{Method: method, URL: a.Str("url")}
	if req.Header, err = web.Headers(c, a.Bool("force"), t.header); err != nil {
		return t.finish(ctx, nil, err)
	}
	if info, err := os.Stat(a.Str("dest")); err == nil && !info.IsDir() && !a.Bool("force") {
		req.Header.Add("If-Modified-Since", info.ModTime().UTC().Format("Mon, 02 Jan 2006 15:04:05")+" GMT")
	}
	closeBody, err := t.attach(ctx, &req, body)
	if err != nil {
		return t.broken(ctx, err)
	}
	defer closeBody()
	t.Shown("headers", t.header)
	resp, err := t.client.Do(ctx, req)
	return t.finish(ctx, resp, err)
}

// broken passes on a Failure and makes the rest a request that failed.
func (t *task) broken(ctx context.Context, err error) (*module.Result, error) {
	var e *web.Error
	if errors.As(err, &e) {
		return t.finish(ctx, nil, err)
	}
	return nil, err
}

func (t *task) elapsed() value.Int { return value.Int(time.Since(t.started) / time.Second) }

// skip tells why there is nothing to do.
func (t *task) skip() string {
	if p := t.Args.Str("creates"); p != "" && exists(p) {
		return "skipped, since '" + p + "' exists"
	}
	if p := t.Args.Str("removes"); p != "" && !exists(p) {
		return "skipped, since '" + p + "' does not exist"
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// answer collects the result.
type answer struct {
	status  int
	message string
	values  *value.Dict // url, redirected, status, headers …
	headers *value.Dict
	changed bool
	content []byte
	have    bool // content was read
	json    value.Value
	path    string
}

func (t *task) finish(ctx context.Context, resp *web.Response, err error) (*module.Result, error) {
	a := &answer{status: -1, values: value.NewDict(16), headers: value.NewDict(8)}
	asked := t.Args.Str("url")
	if err != nil {
		var e *web.Error
		if !errors.As(err, &e) {
			return nil, err
		}
		if e.Kind == web.Malformed {
			return nil, (&module.Failure{Msg: e.Msg, Err: e}).With("url", value.Str(web.Redact(asked)), "status", value.Int(-1))
		}
		a.message = e.Msg
		a.values = value.DictOf("redirected", value.False, "url", value.Str(web.Redact(asked)), "status", value.Int(-1))
		if t.Args.Bool("return_content") {
			a.have = true
		}
		return t.result(a)
	}
	defer resp.Body.Close()
	a.status = resp.Status
	from := resp.URL
	if resp.Failed() && from == web.Anonymous(asked) {
		from = asked // urllib's HTTPError has the URL with user and password
	}
	a.values = value.DictOf("redirected", value.Bool(from != asked), "url", value.Str(web.Redact(from)), "status", value.Int(resp.Status))
	for name, v := range resp.Header.All {
		if name == "location" {
			v = web.Absolute(resp.URL, v)
		}
		a.headers.SetStr(name, value.Str(v))
	}
	a.message = resp.Message()
	if err := t.receive(ctx, resp, a); err != nil {
		return nil, err
	}
	return t.result(a)
}

// underscored renames the headers of the result: content_type.
func underscored(headers *value.Dict) *value.Dict {
	out := value.NewDict(headers.Len())
	for k, v := range headers.All() {
		out.SetStr(strings.ReplaceAll(value.Text(k), "-", "_"), v)
	}
	return out
}

// own are keys of the result that a header must not take.
var own = []string{"changed", "failed", "msg", "content", "json", "path", "elapsed", "redirected", "url", "status", "cookies", "cookies_string", "invocation", "diff", "warnings", "deprecations", "ansible_facts", "exception", "skipped", "unreachable"}

func (t *task) result(a *answer) (*module.Result, error) {
	v := value.NewDict(16)
	if t.Args.Bool("return_content") {
		text, err := decode(a)
		if err != nil {
			return nil, err
		}
		v.SetStr("content", value.Str(text))
	}
	for k, item := range a.values.All() {
		v.Set(k, item)
	}
	for k, item := range underscored(a.headers).All() {
		if !slices.Contains(own, value.Text(k)) {
			v.Set(k, item)
		}
	}
	if a.status >= 200 && a.status <= 299 {
		t.cookies(v)
	}
	accepted := t.accepted(a.status)
	if accepted {
		v.SetStr("msg", value.None)
		if a.status != -1 && (a.status < 200 || a.status > 299) && !t.Args.Bool("return_content") && a.json == nil {
			text, err := decode(a)
			if err != nil {
				return nil, err
			}
			v.SetStr("body", value.Str(text))
		}
	}
	v.SetStr("elapsed", t.elapsed())
	v.SetStr("changed", value.None)
	if a.path != "" {
		v.SetStr("path", value.Str(a.path))
	}
	if a.json != nil {
		v.SetStr("json", a.json)
	}
	if accepted {
		return &module.Result{Changed: a.changed, Msg: a.message, Values: v}, nil
	}
	codes := value.Repr(value.NewList(t.Args.List("status_code")...))
	return nil, &module.Failure{Msg: fmt.Sprintf("Status code was %d and not %s: %s", a.status, codes, a.message), Values: v}
}

// cookies adds those that came, as a header to send again and one by one.
func (t *task) cookies(v *value.Dict) {
	var line []string
	cookies := value.NewDict(2)
	for name, item := range t.client.Jar.All {
		line = append(line, name+"="+item)
		cookies.SetStr(name, value.Str(item))
	}
	v.SetStr("cookies_string", value.Str(strings.Join(line, "; ")))
	v.SetStr("cookies", cookies)
}

func (t *task) accepted(status int) bool {
	return slices.ContainsFunc(t.Args.List("status_code"), func(v value.Value) bool { return v == value.Value(value.Int(status)) })
}

// place puts what came where dest says, and sets owner, mode and so on.
func (t *task) place(ctx context.Context, a *answer, tmp string) error {
	dest := a.path
	attrs := kit.AttrsOf(t.Call)
	if err := t.move(ctx, tmp, dest, &attrs); err != nil {
		v := value.NewDict(8)
		for k, item := range a.values.All() {
			v.Set(k, item)
		}
		for k, item := range a.headers.All() {
			v.Set(k, item)
		}
		t.cookies(v)
		v.SetStr("elapsed", t.elapsed())
		return &module.Failure{Msg: fmt.Sprintf("failed to copy %s to %s: %s. %s", tmp, dest, strings.TrimSuffix(err.Error(), "."), a.message), Values: v, Err: err}
	}
	a.changed = true
	t.Shown("path", value.Str(dest))
	_, err := attrs.Apply(ctx, dest, t.Check, nil)
	return err
}

func (t *task) move(ctx context.Context, tmp, dest string, attrs *kit.Attrs) error {
	have, errHave := kit.SHA1(dest)
	got, err := kit.SHA1(tmp)
	if err != nil {
		return err
	}
	if errHave == nil && have == got {
		return nil
	}
	return web.Install(ctx, t.Call, tmp, dest, attrs)
}

// destination gives the file that dest means.
func (t *task) destination(resp *web.Response) string {
	dest := t.Args.Str("dest")
	if info, err := os.Stat(dest); err != nil || !info.IsDir() {
		return dest
	}
	return filepath.Join(dest, web.FileName(resp, "index.html"))
}
