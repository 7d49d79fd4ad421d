// Package sshtest has SSH hosts inside the test's own process, and a TCP proxy
// that makes them far away.
//
// A Host listens on a loopback port, has an ed25519 host key of its own, lets
// in a generated client key, a password or both, and runs exec requests by
// /bin/sh as the current user in a scratch home directory. It is light enough
// for a thousand in one process, needs neither root nor sshd, and can be made
// to refuse, to hang and to drop its connections. It guards nothing: whoever
// can log in runs commands as the user of the test.
//
// A Proxy stands before any TCP server and delays each direction by half a
// round trip, counting bytes and bursts (proxy.go).
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Options of a Host; the zero value is a host that lets in its own client key
// and nothing else.
type Options struct {
	User     string // whose login is accepted; any when empty
	Password string // accepted by password and keyboard-interactive; neither is offered when empty
	// OnlyKeyboardInteractive takes the password method away.
	OnlyKeyboardInteractive bool
	NoClientKey             bool            // the generated client key is refused
	AuthorizedKeys          []ssh.PublicKey // let in beside the client key
	UserCA                  ssh.PublicKey   // certificates that it signed are let in
	BothNeeded              bool            // key first, then password
	MaxAuthTries            int             // as sshd's; 6 when 0
	HostKeys                []ssh.Signer    // instead of a generated ed25519 key
	Home                    string          // home directory; a scratch one, removed by Close, when empty
	Env                     []string        // further environment of commands
	Shell                   string          // /bin/sh when empty
	Banner                  string
	NoForwarding            bool // refuse direct-tcpip
	RefuseExec              bool // refuse exec requests, as some appliances do
	// LeaveRunning is what sshd does: a command whose connection is gone only
	// loses its pipes. Otherwise it is killed, so that nothing outlives a test.
	LeaveRunning bool
}

// Stats counts what a Host has seen.
type Stats struct {
	Connections int      // TCP connections accepted
	Logins      int      // of them, authenticated
	Open        int      // connections open now
	Channels    int      // session channels opened
	Execs       int      // commands run
	Forwards    int      // direct-tcpip channels opened
	Keepalives  int      // global requests that asked for an answer
	Auth        []string // each attempt at authentication: method, and its key's fingerprint
}

// Host is one running SSH host.
type Host struct {
	opts      Options
	signers   []ssh.Signer
	clientKey ed25519.PrivateKey
	client    ssh.Signer
	config    *ssh.ServerConfig
	addr      *net.TCPAddr
	scratch   string // to remove

	work sync.WaitGroup // every goroutine and process of the host

	mu       sync.Mutex // guards the rest
	listener net.Listener
	conns    map[net.Conn]struct{}
	stats    Stats
	hang     bool
	closed   bool
}

// NewHost starts a host on 127.0.0.1. Close ends it.
func NewHost(o Options) (*Host, error) {
	h := &Host{opts: o, conns: map[net.Conn]struct{}{}, signers: o.HostKeys}
	if len(h.signers) == 0 {
		_, s, err := newKey()
		if err != nil {
			return nil, err
		}
		h.signers = []ssh.Signer{s}
	}
	var err error
	if h.clientKey, h.client, err = newKey(); err != nil {
		return nil, err
	}
	if h.opts.Home == "" {
		if h.scratch, err = os.MkdirTemp("", "sshtest-"); err != nil {
			return nil, err
		}
		h.opts.Home = h.scratch
	}
	h.config = h.serverConfig()
	if err := h.listen("127.0.0.1:0"); err != nil {
		os.RemoveAll(h.scratch)
		return nil, err
	}
	h.addr = h.listener.Addr().(*net.TCPAddr)
	return h, nil
}

func newKey() (ed25519.PrivateKey, ssh.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	s, err := ssh.NewSignerFromKey(key)
	return key, s, err
}

func (h *Host) listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.listener = l
	h.mu.Unlock()
	h.work.Go(func() { h.accept(l) })
	return nil
}

func (h *Host) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		h.mu.Lock()
		if h.closed {
			h.mu.Unlock()
			c.Close()
			return
		}
		h.conns[c] = struct{}{}
		h.stats.Connections++
		h.stats.Open++
		hang := h.hang
		h.mu.Unlock()
		h.work.Go(func() {
			defer h.forget(c)
			if hang {
				// Silence until the client or Close ends it.
				_, _ = c.Read(make([]byte, 1024))
				_, _ = c.Read(make([]byte, 1024))
				return
			}
			h.serve(c)
		})
	}
}

func (h *Host) forget(c net.Conn) {
	c.Close()
	h.mu.Lock()
	delete(h.conns, c)
	h.stats.Open--
	h.mu.Unlock()
}

// Cut drops all connections, without a word.
func (h *Host) Cut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		c.Close()
	}
}

// Refuse closes the port: new connections are refused until Resume.
func (h *Host) Refuse() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listener.Close()
}

// Hang makes new connections be accepted and met with silence until Resume.
func (h *Host) Hang() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hang = true
}

// Resume ends Refuse and Hang.
func (h *Host) Resume() error {
	h.mu.Lock()
	h.hang = false
	h.listener.Close()
	h.mu.Unlock()
	return h.listen(h.addr.String())
}

// Close ends the host, its connections and the commands it runs, and waits for
// all of them.
func (h *Host) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	h.listener.Close()
	for c := range h.conns {
		c.Close()
	}
	h.mu.Unlock()
	h.work.Wait()
	if h.scratch != "" {
		return os.RemoveAll(h.scratch)
	}
	return nil
}

// Stats returns the counts so far.
func (h *Host) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.stats
	s.Auth = append([]string(nil), s.Auth...)
	return s
}

func (h *Host) count(f func(s *Stats)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.stats)
}

// Addr is "127.0.0.1:port".
func (h *Host) Addr() string { return h.addr.String() }

// Port is the port it listens on.
func (h *Host) Port() int { return h.addr.Port }

// Home is the home directory of its user.
func (h *Host) Home() string { return h.opts.Home }

// HostKey is its first host key.
func (h *Host) HostKey() ssh.PublicKey { return h.signers[0].PublicKey() }

// ClientKey signs in.
func (h *Host) ClientKey() ssh.Signer { return h.client }

// KnownHostsLine is its line for a known_hosts file, with a newline.
func (h *Host) KnownHostsLine() string {
	return fmt.Sprintf("[127.0.0.1]:%d %s", h.Port(), ssh.MarshalAuthorizedKey(h.HostKey()))
}

// InventoryLine is its line for an INI inventory, without a newline. The key
// file, if any, is for the caller to add: WriteClientKey knows it.
func (h *Host) InventoryLine(name string) string {
	line := name + " ansible_host=127.0.0.1 ansible_port=" + strconv.Itoa(h.Port())
	if h.opts.User != "" {
		line += " ansible_user=" + h.opts.User
	}
	return line
}

// WriteClientKey writes the client's private key into dir, under the name of
// the host's port, and returns the file.
func (h *Host) WriteClientKey(dir string) (string, error) {
	return WritePrivateKey(filepath.Join(dir, "key-"+strconv.Itoa(h.Port())), h.clientKey, "")
}

// WritePrivateKey writes a private key in OpenSSH's format, encrypted when the
// passphrase is not empty, mode 0600, and returns the file name.
func WritePrivateKey(file string, key any, passphrase string) (string, error) {
	var block *pem.Block
	var err error
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(key, "sshtest")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "sshtest", []byte(passphrase))
	}
	if err != nil {
		return "", err
	}
	return file, os.WriteFile(file, pem.EncodeToMemory(block), 0o600)
}

// errDenied is what the server's log would hold; clients never see it.
var errDenied = errors.New("denied")

// note counts one attempt at authentication.
func (h *Host) note(words ...string) {
	h.count(func(s *Stats) { s.Auth = append(s.Auth, strings.Join(words, " ")) })
}
