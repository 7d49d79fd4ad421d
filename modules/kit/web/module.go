package web

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Args are the arguments that uri and get_url share: url_argument_spec of the
// reference.
func Args() []module.Arg {
	return []module.Arg{
		{Name: "url", Required: true, Doc: "Where to ask."},
		{Name: "force", Type: module.Bool, Default: value.False, Doc: "Take no answer from a cache, and none that says nothing has changed."},
		{Name: "http_agent", Default: value.Str("ansible-httpget"), Doc: "What to say who is asking."},
		{Name: "use_proxy", Type: module.Bool, Default: value.True, Doc: "Use the proxy of the environment."},
		{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check the server's certificate."},
		{Name: "url_username", Aliases: []string{"user"}, Doc: "Name for authentication."},
		{Name: "url_password", Aliases: []string{"password"}, NoLog: true, Doc: "Password for authentication."},
		{Name: "force_basic_auth", Type: module.Bool, Default: value.False, Doc: "Send name and password before the server asks."},
		{Name: "client_cert", Type: module.Path, Doc: "PEM file of the client's certificate, and maybe its key."},
		{Name: "client_key", Type: module.Path, Doc: "PEM file of the client's key."},
		{Name: "use_gssapi", Type: module.Bool, Default: value.False, Doc: "Use GSSAPI for authentication: not supported."},
		{Name: "use_netrc", Type: module.Bool, Default: value.True, Doc: "Look for name and password in ~/.netrc."},
		{Name: "unredirected_headers", Type: module.List, Default: value.NewList(), Doc: "Headers that are not sent after a redirect."},
		{Name: "decompress", Type: module.Bool, Default: value.True, Doc: "Undo gzip."},
		{Name: "ciphers", Type: module.List, Doc: "Cipher suites to offer."},
	}
}

// ClientOf makes the client that a call's arguments describe.
func ClientOf(c *module.Call) (*Client, error) {
	a := c.Args
	if a.Bool("use_gssapi") {
		return nil, module.Failf("use_gssapi is not supported by churten: there is no GSSAPI in its agent")
	}
	return &Client{
		Timeout: time.Duration(a.Int("timeout")) * time.Second, Env: c.Env, UseProxy: a.Bool("use_proxy"),
		Verify: a.Bool("validate_certs"), ClientCert: a.Str("client_cert"), ClientKey: a.Str("client_key"), Ciphers: a.Strs("ciphers"),
		User: a.Str("url_username"), Password: a.Str("url_password"), HasPassword: a.Given("url_password"),
		ForceBasic: a.Bool("force_basic_auth"), Netrc: a.Bool("use_netrc"),
		Redirects: "urllib2", Unredirected: a.Strs("unredirected_headers"), Decompress: a.Bool("decompress"),
	}, nil
}

// Headers gives the headers of a request: who asks, that nothing of a cache will
// do, and those of the task.
func Headers(c *module.Call, force bool, given *value.Dict) (Header, error) {
	var h Header
	h.Add("User-Agent", c.Args.Str("http_agent"))
	if force {
		h.Add("cache-control", "no-cache")
	}
	for k, v := range given.All() {
		switch v.(type) {
		case value.Str, value.Int, value.Bool:
		default:
			return h, unknown("expected string or bytes-like object, got '" + v.Type() + "'")
		}
		h.Set(value.Text(k), value.Text(v))
	}
	return h, nil
}

// FileName gives the name of the file that came: what the server calls it, or
// what the URL ends with.
func FileName(resp *Response, otherwise string) string {
	if name := disposition(resp.Header.Get("Content-Disposition")); name != "" {
		return name
	}
	return BaseName(resp.URL, otherwise)
}

// BaseName gives the last part of a URL's path.
func BaseName(text, otherwise string) string {
	_, rest, ok := strings.Cut(text, "://")
	if !ok {
		rest = text
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	_, p, ok := strings.Cut(rest, "/")
	if !ok || p == "" || strings.HasSuffix(p, "/") {
		return otherwise
	}
	return path.Base(p)
}

// disposition reads the file name of a Content-Disposition header; only its
// last part, so that no server chooses a directory.
func disposition(text string) string {
	_, params, ok := strings.Cut(text, ";")
	if !ok {
		return ""
	}
	name := parameters(params)["filename"]
	if name = filepath.Base(name); name == "." || name == ".." || name == "/" {
		return ""
	}
	return name
}

// Install puts a file that was loaded in its place, in the words of the
// reference where it cannot.
func Install(ctx context.Context, c *module.Call, from, dest string, attrs *kit.Attrs) error {
	t, attrs, err := create(dest, attrs)
	switch {
	case dest == "" || t == nil && errors.Is(err, os.ErrNotExist) && missing(filepath.Dir(dest)):
		return errors.New("Could not replace '" + dest + "' with '" + from + "'")
	case err != nil && !c.Args.Bool("unsafe_writes"):
		return errors.New("The destination directory '" + filepath.Dir(dest) + "' is not writable by the current user.")
	case err != nil:
		return overwrite(from, dest)
	}
	defer t.Discard()
	if err := t.Take(from); err != nil {
		return err
	}
	return t.Commit(ctx, kit.Options{Unsafe: c.Args.Bool("unsafe_writes"), New: attrs})
}

// create makes the temporary file. A link is replaced by a file that is what its
// target was.
func create(dest string, attrs *kit.Attrs) (*kit.Temp, *kit.Attrs, error) {
	if info, err := os.Lstat(dest); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t, err := kit.Create(dest, nil)
		return t, attrs, err
	}
	if info, err := os.Stat(dest); err == nil {
		st := info.Sys().(*syscall.Stat_t)
		owner, group := strconv.Itoa(int(st.Uid)), strconv.Itoa(int(st.Gid))
		attrs = &kit.Attrs{Owner: &owner, Group: &group, Mode: value.Str(strconv.FormatUint(uint64(st.Mode&0o7777), 8))}
	}
	t, err := kit.CreateOver(dest, nil)
	return t, attrs, err
}

func missing(dir string) bool {
	_, err := os.Stat(dir)
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func overwrite(from, dest string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(dest, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return errors.New(kit.PyError(err, dest))
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
