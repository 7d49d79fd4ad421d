package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

// What goes over the wire is tested with the modules that use this package
// (uri, get_url), by cases recorded from the reference. Here is the rest.

func TestParse(t *testing.T) {
	for _, c := range []struct{ url, target, host, failure string }{
		{"http://h", "/", "h", ""},
		{"http://h:8080/a/b?c=d#e", "/a/b?c=d", "h:8080", ""},
		{"http://h?c", "/?c", "h", ""},
		{"HTTP://u:p@h/x@y", "/x@y", "h", ""},
		{"http://[::1]:80/", "/", "[::1]:80", ""},
		{"foo", "", "", "unknown url type: 'foo'"},
		{"/a:b", "", "", "unknown url type: '/a:b'"},
		{"foo://x", "", "", "Request failed: <urlopen error unknown url type: foo>"},
		{"http:///x", "", "", "Request failed: <urlopen error no host given>"},
		{"http:x", "", "", "Request failed: <urlopen error no host given>"},
		{"http://h/a b", "", "", `An unknown error occurred: URL can't contain control characters. '/a b' (found at least ' ')`},
		{"http://h/é", "", "", `An unknown error occurred: 'ascii' codec can't encode character '\xe9' in position 1: ordinal not in range(128)`},
	} {
		at, err := parse(c.url)
		target := ""
		if err == nil {
			at = at.anonymous()
			target, err = at.target()
		}
		if got := fmt.Sprint(err); err != nil && got != c.failure || err == nil && c.failure != "" {
			t.Errorf("%s: error %v, want %s", c.url, err, c.failure)
		}
		if err == nil && (target != c.target || at.url.Host != c.host) {
			t.Errorf("%s: %s at %s", c.url, target, at.url.Host)
		}
	}
}

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"http://h/x@y": "http://h/x@y", "http://u@h/": "http://****@h/", "http://u:p@h": "http://****:****@h", "x": "x",
	} {
		if got := Redact(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestFileName(t *testing.T) {
	for _, c := range []struct{ url, disposition, want string }{
		{"http://h/a/b.txt?c=/d", "", "b.txt"},
		{"http://h/a/", "", "index.html"},
		{"http://h", "", "index.html"},
		{"http://h/a", `attachment; filename="b c.txt"`, "b c.txt"},
		{"http://h/a", `attachment; filename=../../etc/passwd`, "passwd"},
		{"http://h/a", `attachment; filename=".."`, "a"},
		{"http://h/a", `inline`, "a"},
	} {
		resp := &Response{URL: c.url}
		if c.disposition != "" {
			resp.Header.Add("Content-Disposition", c.disposition)
		}
		if got := FileName(resp, "index.html"); got != c.want {
			t.Errorf("%s %s: %s", c.url, c.disposition, got)
		}
	}
}

func TestNetrc(t *testing.T) {
	const text = "# machine h login no password no\nmachine h login u password \"p\"\nmachine x\n login y account z password w\ndefault login d password e\n"
	for host, want := range map[string]string{"h": "u p true", "x": "y w true", "other": "d e true"} {
		user, password, ok := lookup(text, host)
		if got := fmt.Sprint(user, " ", password, " ", ok); got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
	if _, _, ok := lookup("machine h login u", "x"); ok {
		t.Error("found a host that is not there")
	}
}

// The example of RFC 2617, section 3.5, with our count and without a cnonce of its own.
func TestDigest(t *testing.T) {
	challenge := `realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`
	a := &auth{user: "Mufasa", password: "Circle Of Life", digest: parameters(challenge)}
	u, _ := url.Parse("http://www.nowhere.org/dir/index.html")
	got := a.header(u, "GET")
	// Without qop the answer needs no random part: MD5(HA1:nonce:HA2).
	if !strings.Contains(got, `response="670fd8c2df070c60b045671b8b24ff02"`) {
		t.Error(got)
	}
}

func TestExempt(t *testing.T) {
	for _, c := range []struct {
		list, host string
		want       bool
	}{
		{"", "h", false}, {"*", "h", true}, {"h", "h", true}, {".example.com", "a.example.com", true},
		{"example.com", "aexample.com", false}, {"x, h:80", "h:80", true}, {"h:81", "h:80", false},
	} {
		client := &Client{Env: []string{"no_proxy=" + c.list}}
		if got := client.exempt(&url.URL{Host: c.host}); got != c.want {
			t.Errorf("%s of %s: %v", c.host, c.list, got)
		}
	}
}

// FTP as a small server speaks it: greeting of three lines, EPSV, sizes.
func TestFTP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go serveFTP(listener)
	client := &Client{Timeout: 5 * time.Second}
	base := "ftp://" + listener.Addr().String()
	resp, err := client.Do(context.Background(), Request{Method: "GET", URL: base + "/pub/a%20b"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(data) != "hello\n" || err != nil || resp.Message() != "OK (6 bytes)" {
		t.Errorf("%q, %v, %s", data, err, resp.Message())
	}
	_, err = client.Do(context.Background(), Request{Method: "GET", URL: base + "/no/f"})
	if want := "Request failed: <urlopen error 550 no>"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func serveFTP(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		io.WriteString(conn, "220-hi\r\n there\r\n220 ready\r\n")
		var data net.Listener
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			switch command, arg, _ := strings.Cut(lines.Text(), " "); command + " " + arg {
			case "USER anonymous":
				io.WriteString(conn, "331 password\r\n")
			case "EPSV ":
				data, _ = net.Listen("tcp", "127.0.0.1:0")
				fmt.Fprintf(conn, "229 here (|||%d|)\r\n", data.Addr().(*net.TCPAddr).Port)
			case "RETR a b":
				out, _ := data.Accept()
				io.WriteString(conn, "150 opening (6 bytes)\r\n")
				io.WriteString(out, "hello\n")
				out.Close()
			case "CWD no":
				io.WriteString(conn, "550 no\r\n")
			default:
				io.WriteString(conn, "200 ok\r\n")
			}
		}
		conn.Close()
	}
}

// Whatever a server sends, reading ends without a panic.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\n\nx",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nSet-Cookie: a=b; Path=/; Max-Age=0\r\n X\r\n\r\n\x1f\x8b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := bufio.NewReader(strings.NewReader(text))
		resp, err := readHead(in)
		if err != nil {
			reading(err)
			return
		}
		client := &Client{Decompress: true}
		u := &url.URL{Scheme: "http", Host: "h", Path: "/a/b"}
		client.Jar.Take(u, resp.Header)
		client.Jar.For(u)
		disposition(resp.Header.Get("Content-Disposition"))
		location(u, resp)
		body, err := client.body(resp, "GET", in, func() error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(body, 1<<20))
		var short *Incomplete
		if errors.As(err, &short) && short.Missing <= 0 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine h login u password p\n", "h")
	f.Fuzz(func(t *testing.T, text, host string) {
		lookup(text, host)
		parameters(text)
		if _, err := Decode([]byte(text), "utf-16"); err != nil {
			t.Error(err)
		}
		_ = value.Str(Redact(text))
	})
}
