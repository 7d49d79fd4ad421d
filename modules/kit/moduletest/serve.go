package moduletest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

// server answers as a case says and keeps what it got: modules/testdata/serve.py
// in Go.
type server struct {
	listener net.Listener
	port     string
	done     sync.WaitGroup

	mu       sync.Mutex
	answers  *value.Dict
	requests []string
}

// serve starts the server of a case; it ends with the test.
func serve(t *testing.T, answers *value.Dict) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &server{listener: listener, answers: answers.Clone(), port: strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)}
	s.done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.talk(conn)
			conn.Close()
		}
	})
	t.Cleanup(func() {
		listener.Close()
		s.done.Wait()
	})
	return s
}

func (s *server) talk(conn net.Conn) {
	if has(s.answers, "greet") {
		io.WriteString(conn, str(s.answers, "greet"))
		return
	}
	in := bufio.NewReader(conn)
	var got bytes.Buffer
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		got.WriteString(line)
		if name, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Content-Length") {
			length, _ = strconv.Atoi(strings.TrimSpace(v))
		}
		if line == "\r\n" {
			break
		}
	}
	_, _ = io.CopyN(&got, in, int64(length))
	words := strings.Fields(got.String())
	path, _, _ := strings.Cut(words[1], "?")
	s.mu.Lock()
	s.requests = append(s.requests, undated(backslashed(got.Bytes())))
	answer := s.answer(words[0], path)
	s.mu.Unlock()
	_, _ = conn.Write(answer)
}

// undated has {NOW} for a file's date in a request, if the file is new.
func undated(request string) string {
	lines := strings.Split(request, "\r\n")
	for i, line := range lines {
		date, ok := strings.CutPrefix(line, "If-Modified-Since: ")
		if !ok {
			continue
		}
		for _, layout := range []string{time.RFC1123, time.RFC1123Z} {
			if at, err := time.Parse(layout, date); err == nil && time.Since(at) < time.Hour {
				lines[i] = "If-Modified-Since: {NOW}"
			}
		}
	}
	return strings.Join(lines, "\r\n")
}

// backslashed shows bytes that are no UTF-8 as Python's backslashreplace.
func backslashed(data []byte) string {
	var b strings.Builder
	for len(data) > 0 {
		valid := bytes.ToValidUTF8(data, []byte{0})
		n := 0
		for n < len(data) && n < len(valid) && data[n] == valid[n] {
			n++
		}
		b.Write(data[:n])
		if n < len(data) {
			fmt.Fprintf(&b, "\\x%02x", data[n])
			n++
		}
		data = data[n:]
	}
	return b.String()
}

func (s *server) answer(method, path string) []byte {
	v, ok := s.answers.GetStr(path)
	if !ok {
		v = value.DictOf("status", value.Str("404 Not Found"), "body", value.Str("nothing here\n"))
	}
	if l, ok := v.(*value.List); ok {
		v = l.Items[0]
		if len(l.Items) > 1 {
			s.answers.SetStr(path, value.NewList(l.Items[1:]...))
		}
	}
	a := v.(*value.Dict)
	text := func(key string) string { return strings.ReplaceAll(str(a, key), "{PORT}", s.port) }
	if has(a, "raw") {
		return []byte(text("raw"))
	}
	body := []byte(text("body"))
	if has(a, "b64") {
		body, _ = base64.StdEncoding.DecodeString(str(a, "b64"))
	}
	status := "200 OK"
	if has(a, "status") {
		status = str(a, "status")
	}
	head := "HTTP/1.1 " + status + "\r\n"
	for _, h := range texts(a, "headers") {
		head += strings.ReplaceAll(h, "{PORT}", s.port) + "\r\n"
	}
	if v, ok := a.GetStr("length"); !ok || value.Truth(v) {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	if method == "HEAD" {
		body = nil
	}
	return append([]byte(head+"\r\n"), body...)
}

// take gives the requests since it was last called.
func (s *server) take() *value.List {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := value.Strings(s.requests...)
	s.requests = nil
	return got
}

// Answer gives the URL of a server that answers everything asked of /a with raw,
// as it is, and closes the connection.
func Answer(t *testing.T, raw string) string {
	t.Helper()
	s := serve(t, value.DictOf("/a", value.DictOf("raw", value.Str(raw))))
	return "http://127.0.0.1:" + s.port + "/a"
}
