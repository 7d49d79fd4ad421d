package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// session is a control connection of FTP (RFC 959).
type session struct {
	net.Conn
	in *bufio.Reader
}

// ftp loads a file by FTP: as who the URL says or anonymous, binary, passive.
// The answer has the status 0.
func (c *Client) ftp(ctx context.Context, at place) (*Response, error) {
	u := at.url
	port := u.Port()
	if port == "" {
		port = "21"
	}
	d := net.Dialer{Timeout: c.Timeout}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, connecting(err)
	}
	s := &session{Conn: patient{conn, c.Timeout}}
	s.in = bufio.NewReader(s.Conn)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	resp, err := s.retrieve(ctx, c, &d, u)
	if err != nil {
		stop()
		conn.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var e *Error
		if !errors.As(err, &e) {
			err = connecting(err)
		}
		return nil, err
	}
	resp.URL = at.text
	data := resp.Body
	resp.Body = &body{Reader: data, done: func() error {
		stop()
		return errors.Join(data.Close(), conn.Close())
	}}
	return resp, nil
}

func (s *session) retrieve(ctx context.Context, c *Client, d *net.Dialer, u *url.URL) (*Response, error) {
	user, password := "anonymous", "anonymous@"
	if u.User != nil {
		user = u.User.Username()
		password, _ = u.User.Password()
	}
	if _, _, err := s.reply(); err != nil {
		return nil, err
	}
	code, _, err := s.do("USER " + user)
	if err == nil && code == 331 {
		_, _, err = s.do("PASS " + password)
	}
	if err == nil {
		_, _, err = s.do("TYPE I")
	}
	if err != nil {
		return nil, err
	}
	// Each part of the path is a directory to change to: / at the start of a
	// part has to be written %2F.
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for i := range parts {
		parts[i] = Unescape(parts[i])
	}
	for _, dir := range parts[:len(parts)-1] {
		if dir == "" {
			continue
		}
		if _, _, err := s.do("CWD " + dir); err != nil {
			return nil, err
		}
	}
	address, err := s.passive()
	if err != nil {
		return nil, err
	}
	data, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(parts[len(parts)-1], ";type=")
	if name == "" {
		data.Close()
		return nil, refused("ftp error: " + u.Path + " is a directory")
	}
	_, text, err := s.do("RETR " + name)
	if err != nil {
		data.Close()
		return nil, err
	}
	resp := &Response{Body: patientBody{patient{data, c.Timeout}}}
	if size, ok := announced(text); ok {
		resp.Header.Add("Content-Length", strconv.FormatInt(size, 10))
		resp.Body = &body{Reader: &exact{in: resp.Body, left: size}, done: data.Close}
	}
	return resp, nil
}

type patientBody struct{ patient }

// passive asks where the data is to be fetched: EPSV (RFC 2428), PASV for old
// servers. The host is always the one we talk to.
func (s *session) passive() (string, error) {
	host, _, err := net.SplitHostPort(s.RemoteAddr().String())
	if err != nil {
		return "", err
	}
	if _, text, err := s.do("EPSV"); err == nil {
		if _, rest, ok := strings.Cut(text, "("); ok && len(rest) > 4 {
			if port, _, ok := strings.Cut(rest[3:], rest[:1]); ok {
				return net.JoinHostPort(host, port), nil
			}
		}
	}
	_, text, err := s.do("PASV")
	if err != nil {
		return "", err
	}
	if i := strings.IndexByte(text, '('); i >= 0 {
		text = text[i+1:]
	}
	text, _, _ = strings.Cut(text, ")")
	numbers := strings.Split(text, ",")
	if len(numbers) != 6 {
		return "", refused(text)
	}
	high, err1 := strconv.Atoi(numbers[4])
	low, err2 := strconv.Atoi(numbers[5])
	if err := errors.Join(err1, err2); err != nil {
		return "", refused(text)
	}
	return net.JoinHostPort(host, strconv.Itoa(high<<8|low)), nil
}

// announced finds the size in "150 Opening … (1234 bytes)".
func announced(text string) (int64, bool) {
	head, _, ok := strings.Cut(text, " bytes)")
	if !ok {
		return 0, false
	}
	size, err := strconv.ParseInt(head[strings.LastIndexByte(head, '(')+1:], 10, 64)
	return size, err == nil
}

func (s *session) do(command string) (int, string, error) {
	if strings.ContainsAny(command, "\r\n") {
		return 0, "", unknown("an illegal newline character should not be contained")
	}
	if _, err := io.WriteString(s, command+"\r\n"); err != nil {
		return 0, "", err
	}
	return s.reply()
}

// reply reads an answer, which may have many lines; what is not 1xx to 3xx is
// an error.
func (s *session) reply() (int, string, error) {
	line, err := readLine(s.in)
	if err != nil {
		return 0, "", noEOF(err)
	}
	code, err := strconv.Atoi(line[:min(3, len(line))])
	if err != nil {
		return 0, "", refused(line)
	}
	text := line
	for len(line) > 3 && line[3] == '-' || !strings.HasPrefix(line, text[:3]) {
		if line, err = readLine(s.in); err != nil {
			return 0, "", noEOF(err)
		}
		if len(text) < maxLine {
			text += "\n" + line
		}
		if strings.HasPrefix(line, text[:3]) && (len(line) == 3 || line[3] != '-') {
			break
		}
	}
	switch {
	case code >= 100 && code < 400:
		return code, text, nil
	case code >= 400 && code < 500:
		return code, text, refused(text)
	case code >= 500 && code < 600:
		return code, text, refused(text)
	}
	return code, text, refused(text)
}
