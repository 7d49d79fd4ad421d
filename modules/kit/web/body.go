package web

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// body gives what follows the head of an answer.
func (c *Client) body(resp *Response, method string, in *bufio.Reader, done func() error) (io.ReadCloser, error) {
	b := &body{Reader: in, done: done}
	length, lengthErr := strconv.ParseInt(resp.Header.Get("Content-Length"), 10, 64)
	switch {
	case method == "HEAD" || resp.Status == 204 || resp.Status == 304 || resp.Status < 200:
		b.Reader = strings.NewReader("")
		return b, nil
	case lengthErr == nil && length == 0:
		b.Reader = strings.NewReader("")
		return b, nil
	case strings.EqualFold(resp.Header.Get("Transfer-Encoding"), "chunked"):
		b.Reader = &chunked{in: in}
	case lengthErr == nil && length >= 0:
		b.Reader = &exact{in: in, left: length}
	}
	if c.Decompress && strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		b.Reader = &unzip{from: b.Reader}
	}
	return b, nil
}

type body struct {
	io.Reader
	done func() error
}

func (b *body) Close() error { return b.done() }

// unzip reads the head of gzip only when something is asked of it.
type unzip struct {
	from io.Reader
	z    *gzip.Reader
}

func (u *unzip) Read(p []byte) (int, error) {
	if u.z == nil {
		in := bufio.NewReader(u.from)
		if magic, _ := in.Peek(2); len(magic) == 2 && string(magic) != "\x1f\x8b" {
			return 0, errors.New("Not a gzipped file (b" + value.Repr(value.Str(magic)) + ")")
		}
		z, err := gzip.NewReader(in)
		if err != nil {
			return 0, err
		}
		u.z = z
	}
	return u.z.Read(p)
}

// exact reads as much as was announced.
type exact struct {
	in   io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.in.Read(p)
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		return n, &Incomplete{Missing: e.left}
	}
	return n, err
}

// Incomplete is the error of a body that ended too early.
type Incomplete struct{ Missing int64 }

func (e *Incomplete) Error() string {
	return "connection ended, " + strconv.FormatInt(e.Missing, 10) + " more bytes expected"
}

// chunked reads the chunked transfer coding (RFC 9112, section 7.1).
type chunked struct {
	in    *bufio.Reader
	left  int64
	begun bool
	err   error
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if c.left == 0 {
		if c.err = c.next(); c.err != nil {
			return 0, c.err
		}
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.in.Read(p)
	c.left -= int64(n)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		c.err = err
	}
	return n, c.err
}

// next reads the line that begins a chunk; io.EOF after the last.
func (c *chunked) next() error {
	if c.begun {
		if _, err := readLine(c.in); err != nil {
			return noEOF(err)
		}
	}
	c.begun = true
	line, err := readLine(c.in)
	if err != nil {
		return noEOF(err)
	}
	size, _, _ := strings.Cut(line, ";")
	c.left, err = strconv.ParseInt(strings.TrimSpace(size), 16, 64)
	if err != nil || c.left < 0 {
		return errors.New("not a size of a chunk: " + strconv.Quote(line))
	}
	if c.left > 0 {
		return nil
	}
	var trailer Header
	if err := readFields(c.in, &trailer); err != nil {
		return noEOF(err)
	}
	return io.EOF
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
