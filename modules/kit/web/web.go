// Package web asks web servers as the reference's modules do (uri, get_url):
// one request with redirects, authentication, cookies, proxies and TLS. It
// speaks HTTP/1.1 by itself, over one connection for each request: that keeps
// net/http out of the agent, and gives the order of headers and the messages
// that users know from urllib.
//
//   - [Client] holds the options and goes from answer to answer (web.go).
//   - exchange.go writes a request and reads the head of its answer; body.go
//     reads what follows.
//   - dial.go connects: proxy, unix socket; tls.go secures; ftp.go loads files
//     by FTP, which get_url can do, too.
//   - auth.go: Basic, Digest, .netrc. cookie.go: cookies. header.go: headers.
//   - error.go: what went wrong, in the reference's words.
package web

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
)

// Client is how requests are made. The zero value verifies nothing and knows
// no proxy: see New.
type Client struct {
	Timeout time.Duration // for each step of reading, writing and connecting
	Env     []string      // for proxies and .netrc

	UseProxy   bool
	UnixSocket string

	Verify     bool   // the server's certificate
	CAPath     string // PEM file of authorities instead of the system's
	CADir      string // directory of such files
	ServerName string // instead of the address's, in the server's certificate
	ClientCert string
	ClientKey  string
	Ciphers    []string

	User, Password string
	HasPassword    bool // else a server that asks gets no answer
	ForceBasic     bool // send them at once
	Netrc          bool

	Redirects    string   // all, safe, none, urllib2
	Unredirected []string // headers that are not sent again after a redirect
	Decompress   bool

	Jar Jar
}

// Request is what to ask for.
type Request struct {
	Method string
	URL    string
	Header Header
	// Body is nil for none. It is read from its start for each attempt.
	Body   io.ReadSeeker
	Length int64
}

// Response is an answer. Close its Body.
type Response struct {
	URL    string // where it came from, after redirects
	Status int    // 0 for what is no HTTP
	Reason string
	Header Header
	Body   io.ReadCloser
}

// Failed reports whether urllib would raise the answer as an HTTPError.
func (r *Response) Failed() bool { return r.Status != 0 && (r.Status < 200 || r.Status > 299) }

// Problem is urllib's word for an answer that failed.
func (r *Response) Problem() string { return fmt.Sprintf("HTTP Error %d: %s", r.Status, r.Reason) }

// Message is what results say of an answer: the problem, or how much came.
func (r *Response) Message() string {
	if r.Failed() {
		return r.Problem()
	}
	length := r.Header.Get("Content-Length")
	if length == "" {
		length = "unknown"
	}
	return "OK (" + length + " bytes)"
}

const (
	maxRepeats   = 4  // of one place in a chain of redirects
	maxRedirects = 10 // different places
)

// place is where a request goes, as it was written and as it was read.
type place struct {
	text string // without user and password
	url  *url.URL
}

// Do makes the request and follows redirects. The error is an *Error, or the
// context's.
func (c *Client) Do(ctx context.Context, req Request) (*Response, error) {
	at, err := parse(req.URL)
	if err != nil {
		return nil, err
	}
	req.Header = req.Header.Clone()
	auth := newAuth(c, at.url, &req)
	if at.url.Scheme != "ftp" {
		at = at.anonymous()
	}
	visited := map[string]int{}
	for {
		if at.url.Scheme == "ftp" {
			if proxy, err := c.proxy(at.url); proxy == nil {
				if err != nil {
					return nil, err
				}
				return c.ftp(ctx, at)
			}
		}
		resp, err := c.once(ctx, at, &req, auth)
		if err != nil {
			return nil, err
		}
		if resp.Status == 401 && auth.answer(&req, resp) {
			resp.Body.Close()
			continue
		}
		if !redirect(resp.Status) || !c.follows(req.Method, resp.Status) {
			return resp, nil
		}
		to, ok := location(at.url, resp)
		if !ok {
			return resp, nil
		}
		if to.Scheme != "http" && to.Scheme != "https" && to.Scheme != "ftp" {
			resp.Reason += " - Redirection to url '" + to.String() + "' is not allowed"
			return resp, nil
		}
		if visited[to.String()] >= maxRepeats || len(visited) >= maxRedirects {
			resp.Reason = "The HTTP server returned a redirect error that would lead to an infinite loop.\nThe last 30x error message was:\n" + resp.Reason
			return resp, nil
		}
		visited[to.String()]++
		resp.Body.Close()
		c.again(&req, resp.Status)
		if at = (place{to.String(), to}); to.Scheme != "ftp" {
			at = at.anonymous()
		}
	}
}

func (c *Client) once(ctx context.Context, at place, req *Request, auth *auth) (*Response, error) {
	var first Header // these urllib sends before the headers of the request
	if cookies := c.Jar.For(at.url); cookies != "" && !req.Header.Has("Cookie") {
		first.Add("Cookie", cookies)
	}
	if v := auth.header(at.url, req.Method); v != "" {
		first.Add("Authorization", v)
	}
	resp, err := c.exchange(ctx, at, req, Header{append(first.fields, req.Header.fields...)})
	if err != nil {
		return nil, err
	}
	c.Jar.Take(at.url, resp.Header)
	return resp, nil
}

func redirect(status int) bool {
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308
}

func (c *Client) follows(method string, status int) bool {
	switch c.Redirects {
	case "all", "yes":
		return true
	case "safe":
		return method == "GET" || method == "HEAD"
	case "urllib2":
		return method == "GET" || method == "HEAD" || method == "POST" && status < 304
	}
	return false
}

// location gives where an answer redirects to.
func location(from *url.URL, resp *Response) (*url.URL, bool) {
	to := resp.Header.Get("Location")
	if to == "" {
		to = resp.Header.Get("URI")
	}
	if to == "" {
		return nil, false
	}
	u, err := from.Parse(strings.ReplaceAll(to, " ", "%20"))
	if err != nil {
		return nil, false
	}
	if u.Path == "" && u.Host != "" {
		u.Path = "/"
	}
	return u, true
}

// again makes req the request that follows a redirect. With 301 other methods
// than POST stay, but lose their body.
func (c *Client) again(req *Request, status int) {
	for _, name := range c.Unredirected {
		req.Header.Del(name)
	}
	if status == 307 || status == 308 {
		return
	}
	req.Body, req.Length = nil, 0
	req.Header.Del("Content-Length")
	req.Header.Del("Content-Type")
	req.Header.Del("Transfer-Encoding")
	if c.Redirects == "urllib2" || req.Method != "HEAD" && (status != 301 || req.Method == "POST") {
		req.Method = "GET"
	}
}

// unredirected tells whether a header is for the first request only; urllib
// writes those before the others.
func (c *Client) unredirected(name string) bool {
	return slices.ContainsFunc(c.Unredirected, func(n string) bool { return strings.EqualFold(n, name) })
}

// Absolute gives ref as seen from base, as far as both can be read.
func Absolute(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	u, err := b.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// parse reads a URL; urllib's messages for what cannot be one.
func parse(text string) (place, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || scheme == "" || strings.ContainsAny(scheme, "/?# ") {
		return place{}, &Error{Kind: Malformed, Msg: "unknown url type: '" + text + "'"}
	}
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" && scheme != "ftp" {
		return place{}, refused("unknown url type: " + scheme)
	}
	if rest, ok = strings.CutPrefix(rest, "//"); !ok || rest == "" || strings.ContainsAny(rest[:1], "/?#") {
		return place{}, refused("no host given")
	}
	u, err := url.Parse(strings.ReplaceAll(text, " ", "%20"))
	if err != nil {
		return place{}, &Error{Kind: Unknown, Msg: "An unknown error occurred: " + err.Error(), Err: err}
	}
	return place{text, u}, nil
}

// anonymous is p without user and password.
func (p place) anonymous() place {
	if p.url.User == nil {
		return p
	}
	u := *p.url
	u.User = nil
	before, _, after := credentials(p.text)
	return place{before + after, &u}
}

// credentials parts a URL before and after user, password and @.
func credentials(text string) (before, who, after string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text, "", ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	return scheme + "://", rest[:at+1], rest[at+1:]
}

// Redact gives a URL as results show it: stars for user and password.
func Redact(text string) string {
	before, who, after := credentials(text)
	switch {
	case who == "":
		return text
	case strings.Contains(who, ":"):
		return before + "****:****@" + after
	}
	return before + "****@" + after
}

// Anonymous gives a URL without user and password.
func Anonymous(text string) string {
	before, _, after := credentials(text)
	return before + after
}

// target is what the request line asks for: path and query as they were written.
func (p place) target() (string, error) {
	_, rest, _ := strings.Cut(p.text, "://")
	rest, _, _ = strings.Cut(rest, "#")
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		rest = rest[i:]
	} else {
		rest = ""
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	at := 0
	for _, r := range rest {
		if r <= ' ' || r == 0x7f {
			return "", unknown("URL can't contain control characters. " + value.Repr(value.Str(rest)) + " (found at least " + value.Repr(value.Str(string(r))) + ")")
		}
	}
	for _, r := range rest {
		if r >= 0x80 {
			return "", unknown("'ascii' codec can't encode character " + escaped(r) + " in position " + strconv.Itoa(at) + ": ordinal not in range(128)")
		}
		at++
	}
	return rest, nil
}

// escaped writes a character as Python's error messages do.
func escaped(r rune) string {
	switch {
	case r <= 0xff:
		return fmt.Sprintf("'\\x%02x'", r)
	case r <= 0xffff:
		return fmt.Sprintf("'\\u%04x'", r)
	}
	return fmt.Sprintf("'\\U%08x'", r)
}

// Unescape undoes the percent signs of a path, as far as they can be.
func Unescape(path string) string {
	if p, err := url.PathUnescape(path); err == nil {
		return p
	}
	return path
}
