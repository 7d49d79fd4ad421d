package sshtest

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"
)

// forwardAgent listens on a socket for the command of one session and carries
// what connects to it to the client's agent.
func (s *session) forwardAgent(work *sync.WaitGroup) (string, error) {
	dir, err := os.MkdirTemp("", "sshtest-agent-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "agent")
	l, err := net.Listen("unix", path)
	if err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	work.Go(func() {
		_ = s.conn.Wait()
		l.Close()
		os.RemoveAll(dir)
	})
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer c.Close()
				ch, reqs, err := s.conn.OpenChannel("auth-agent@openssh.com", nil)
				if err != nil {
					return
				}
				defer ch.Close()
				work.Go(func() { ssh.DiscardRequests(reqs) })
				work.Go(func() { _, _ = io.Copy(c, ch) })
				_, _ = io.Copy(ch, c)
			})
		}
	})
	return path, nil
}
