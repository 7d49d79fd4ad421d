package sshtest

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
)

// serve is one connection from handshake to end. It returns when everything
// that the connection started has ended.
func (h *Host) serve(c net.Conn) {
	conn, channels, requests, err := ssh.NewServerConn(c, h.config)
	if err != nil {
		return
	}
	defer conn.Close()
	h.count(func(s *Stats) { s.Logins++ })
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() {
		for r := range requests {
			if r.WantReply {
				h.count(func(s *Stats) { s.Keepalives++ })
			}
			// sshd too answers keepalive@openssh.com with a failure.
			_ = r.Reply(false, nil)
		}
	})
	for n := range channels {
		switch n.ChannelType() {
		case "session":
			ch, reqs, err := n.Accept()
			if err != nil {
				continue
			}
			h.count(func(s *Stats) { s.Channels++ })
			work.Go(func() { h.session(conn, ch, reqs) })
		case "direct-tcpip":
			work.Go(func() { h.forward(n) })
		default:
			_ = n.Reject(ssh.UnknownChannelType, "unsupported channel type")
		}
	}
}

// forward connects a direct-tcpip channel (RFC 4254 section 7.2).
func (h *Host) forward(n ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if h.opts.NoForwarding {
		_ = n.Reject(ssh.Prohibited, "open failed")
		return
	}
	if err := ssh.Unmarshal(n.ExtraData(), &to); err != nil {
		_ = n.Reject(ssh.ConnectionFailed, fmt.Sprintf("bad request: %v", err))
		return
	}
	c, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		_ = n.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	defer c.Close()
	ch, reqs, err := n.Accept()
	if err != nil {
		return
	}
	defer ch.Close()
	h.count(func(s *Stats) { s.Forwards++ })
	var work sync.WaitGroup
	work.Go(func() { ssh.DiscardRequests(reqs) })
	work.Go(func() {
		_, _ = io.Copy(c, ch)
		_ = c.(*net.TCPConn).CloseWrite()
	})
	_, _ = io.Copy(ch, c)
	_ = ch.CloseWrite()
	_ = ch.Close()
	c.Close()
	work.Wait()
}
