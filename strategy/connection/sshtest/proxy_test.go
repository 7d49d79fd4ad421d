package sshtest

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"testing"
	"time"
)

// echo serves a port that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func newProxy(t *testing.T, target string, rtt time.Duration) *Proxy {
	t.Helper()
	p, err := NewProxy("127.0.0.1:0", target, rtt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestDelay(t *testing.T) {
	const rtt = 60 * time.Millisecond
	p := newProxy(t, echo(t), rtt)
	start := time.Now()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := make([]byte, 1)
	for i := range 3 {
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatal(err)
		}
		// One to connect, one for each question.
		if took, want := time.Since(start), time.Duration(i+2)*rtt; took < want || took > want+2*time.Second {
			t.Errorf("%d questions took %v, want %v", i+1, took, want)
		}
	}
	if s := p.Stats(); s != (ProxyStats{Connections: 1, BytesUp: 3, BytesDown: 3, BurstsUp: 3, BurstsDown: 3}) {
		t.Errorf("got %+v", s)
	}
}

// What is sent in one go is one burst and one round trip, however much.
func TestBandwidth(t *testing.T) {
	const rtt = 60 * time.Millisecond
	p := newProxy(t, echo(t), rtt)
	data := make([]byte, 8<<20)
	_, _ = rand.Read(data)
	start := time.Now()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		_, _ = c.Write(data)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("got %d bytes, equal %v, %v", len(got), bytes.Equal(got, data), err)
	}
	if took := time.Since(start); took < 2*rtt || took > 2*rtt+2*time.Second {
		t.Errorf("took %v", took)
	}
	if s := p.Stats(); s.BytesUp != int64(len(data)) || s.BytesDown != int64(len(data)) {
		t.Errorf("got %+v", s)
	}
}

func TestProxyFaults(t *testing.T) {
	p := newProxy(t, echo(t), 0)
	open := func() net.Conn {
		c, err := net.Dial("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	ask := func(c net.Conn) error {
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		return err
	}
	c := open()
	if err := ask(c); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if err := ask(c); err == nil {
		t.Error("cut, and it answers")
	}
	if c, err := net.Dial("tcp", p.Addr()); err == nil { // else reset already
		if err := ask(c); err == nil {
			t.Error("cut, and a new connection answers")
		}
		c.Close()
	}
	p.Resume()
	c = open()
	if err := ask(c); err != nil {
		t.Error(err)
	}
	p.Freeze()
	_ = c.SetDeadline(time.Now().Add(50 * time.Millisecond))
	if err := ask(c); err == nil {
		t.Error("frozen, and it answers")
	}
	p.Resume()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Error("what was sent while frozen is lost: ", err)
	}
}

func TestProxyNoTarget(t *testing.T) {
	p := newProxy(t, "127.0.0.1:1", 0)
	c, err := net.Dial("tcp", p.Addr())
	if err != nil { // reset already
		return
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("something answered")
	}
}
