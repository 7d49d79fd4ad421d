package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
)

// Limits of what a server's head may be, as Python's http.client has them.
const (
	maxLine   = 65536
	maxFields = 100
)

// exchange sends one request and reads the head of its answer.
func (c *Client) exchange(ctx context.Context, at place, req *Request, h Header) (*Response, error) {
	conn, viaProxy, err := c.dial(ctx, at.url)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	fail := func(err error) (*Response, error) {
		stop()
		conn.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	if err := c.send(conn, at, req, h, viaProxy); err != nil {
		return fail(err)
	}
	in := bufio.NewReader(conn)
	resp, err := readHead(in)
	if err != nil {
		return fail(reading(err))
	}
	resp.URL = at.text
	resp.Body, err = c.body(resp, req.Method, in, func() error { stop(); return conn.Close() })
	if err != nil {
		return fail(err)
	}
	return resp, nil
}

func (c *Client) send(conn net.Conn, at place, req *Request, h Header, viaProxy *url.URL) error {
	target, err := at.target()
	if err != nil {
		return err
	}
	if viaProxy != nil {
		target = at.url.Scheme + "://" + at.url.Host + target
	}
	for _, f := range h.fields {
		if strings.ContainsAny(f.name, "\r\n:") || strings.ContainsAny(f.value, "\r\n") {
			return &Error{Kind: Malformed, Msg: "Invalid header value b" + value.Repr(value.Str(f.value))}
		}
	}
	var head strings.Builder
	put := func(name, value string) { head.WriteString(name + ": " + value + "\r\n") }
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\n", req.Method, target)
	if !h.Has("Accept-Encoding") {
		put("Accept-Encoding", "identity")
	}
	for _, f := range h.fields {
		if c.unredirected(f.name) {
			put(title(f.name), f.value)
		}
	}
	if req.Body != nil {
		if !h.Has("Content-Type") {
			put("Content-Type", "application/x-www-form-urlencoded")
		}
		if !h.Has("Content-Length") {
			put("Content-Length", strconv.FormatInt(req.Length, 10))
		}
	}
	if req.Body == nil && (req.Method == "POST" || req.Method == "PUT" || req.Method == "PATCH") && !h.Has("Content-Length") {
		put("Content-Length", "0")
	}
	if !h.Has("Host") {
		put("Host", at.url.Host)
	}
	if viaProxy != nil && viaProxy.User != nil {
		password, _ := viaProxy.User.Password()
		put("Proxy-Authorization", basic(viaProxy.User.Username(), password))
	}
	for _, f := range h.fields {
		if strings.EqualFold(f.name, "Connection") || c.unredirected(f.name) {
			continue
		}
		put(title(f.name), f.value)
	}
	put("Connection", "close")
	head.WriteString("\r\n")
	if req.Body == nil {
		if _, err := io.WriteString(conn, head.String()); err != nil {
			return connecting(err)
		}
		return nil
	}
	if _, err := req.Body.Seek(0, io.SeekStart); err != nil {
		return unknown(err.Error())
	}
	// One packet for both where they fit.
	out := bufio.NewWriterSize(conn, 64<<10)
	_, err = io.Copy(out, io.MultiReader(strings.NewReader(head.String()), req.Body))
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		// The server may have answered without reading everything.
		var netErr net.Error
		if errors.As(err, &netErr) && netErr.Timeout() {
			return connecting(err)
		}
	}
	return nil
}

// readHead reads the status line and headers; interim answers are skipped.
func readHead(in *bufio.Reader) (*Response, error) {
	for {
		line, err := readLine(in)
		if err != nil {
			return nil, err
		}
		resp, err := statusLine(line)
		if err != nil {
			return nil, err
		}
		if err := readFields(in, &resp.Header); err != nil {
			return nil, err
		}
		if resp.Status < 100 || resp.Status > 199 || resp.Status == 101 {
			return resp, nil
		}
	}
}

func statusLine(line string) (*Response, error) {
	version, rest, _ := strings.Cut(line, " ")
	code, text, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	if !strings.HasPrefix(version, "HTTP/") || err != nil || status < 100 || status > 999 {
		return nil, broken("connection was closed before a valid response was received: " + line + "\r\n")
	}
	return &Response{Status: status, Reason: strings.TrimSpace(text)}, nil
}

func readFields(in *bufio.Reader, h *Header) error {
	for n := 0; ; n++ {
		line, err := readLine(in)
		if err != nil || line == "" {
			return err
		}
		if n >= maxFields {
			return unknown(fmt.Sprintf("got more than %d headers", maxFields))
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h.fields) > 0 {
			h.fields[len(h.fields)-1].value += " " + strings.TrimSpace(line)
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
}

// readLine gives a line without its end.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return "", unknown(fmt.Sprintf("got more than %d bytes when reading header line", maxLine))
		}
		if err == nil {
			return strings.TrimRight(string(line), "\r\n"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
}

// patient gives each step on a connection the same time.
type patient struct {
	net.Conn
	timeout time.Duration
}

func (p patient) Read(b []byte) (int, error) {
	if p.timeout > 0 {
		if err := p.SetReadDeadline(time.Now().Add(p.timeout)); err != nil {
			return 0, err
		}
	}
	return p.Conn.Read(b)
}

func (p patient) Write(b []byte) (int, error) {
	if p.timeout > 0 {
		if err := p.SetWriteDeadline(time.Now().Add(p.timeout)); err != nil {
			return 0, err
		}
	}
	return p.Conn.Write(b)
}
