package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
)

// prefix is what the reference puts before what ssh said.
const prefix = "Failed to connect to the host via ssh: "

// unreachable puts together what ssh would have said. OpenSSH ends its lines
// with CR LF when it has no terminal, and the reference shows them so.
func (d *Dialer) unreachable(o *connection.Options, said []string, err error) error {
	return &connection.Unreachable{Host: o.Name(), Msg: strings.TrimRight(prefix+lines(said)+err.Error(), " "), Err: err}
}

// lines puts what was said together.
func lines(said []string) string {
	var b strings.Builder
	for _, line := range said {
		b.WriteString(line)
		if !strings.HasSuffix(line, "\n") { // a banner has an end of its own
			b.WriteString("\r\n")
		}
	}
	return b.String()
}

// lost is the error of a connection that had been open.
func lost(o *connection.Options, text string, err error) error {
	return &connection.Unreachable{Host: o.Name(), Msg: prefix + text, Lost: true, Err: err}
}

// deniedError is the end of all ways to log in.
type deniedError struct {
	who     string // user@host, the host as typed
	methods []string
}

func (e *deniedError) Error() string {
	return fmt.Sprintf("%s: Permission denied (%s).", e.who, strings.Join(e.methods, ","))
}

// strerror is the C library's text for a system error, which Go has with a
// small first letter.
func strerror(err error) string {
	var errno syscall.Errno
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return "Name or service not known"
		}
		return "Temporary failure in name resolution"
	case errors.As(err, &errno):
		text := errno.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "Connection timed out"
	}
	return err.Error()
}

// connectError is what ssh says when it gets no socket.
func connectError(host string, port int, err error) error {
	var dns *net.DNSError
	var addr *net.AddrError
	if errors.As(err, &addr) && addr.Err == "no suitable address found" { // AddressFamily leaves none
		return &worded{fmt.Sprintf("ssh: Could not resolve hostname %s: Address family for hostname not supported", host), err}
	}
	if errors.As(err, &dns) {
		return &worded{fmt.Sprintf("ssh: Could not resolve hostname %s: %s", host, strerror(err)), err}
	}
	return &worded{fmt.Sprintf("ssh: connect to host %s port %d: %s", host, port, strerror(err)), err}
}

// worded is an error with OpenSSH's words for it.
type worded struct {
	text string
	err  error
}

func (e *worded) Error() string { return e.text }
func (e *worded) Unwrap() error { return e.err }

// peer is how ssh names the other end of a socket in its messages.
func peer(c net.Conn) string {
	if c != nil {
		if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
			return a.IP.String() + " port " + strconv.Itoa(a.Port)
		}
	}
	return "UNKNOWN port 65535"
}

// offer is OpenSSH's name for what was to be agreed on.
func offer(what string) string {
	switch {
	case strings.HasSuffix(what, "cipher"):
		return "cipher"
	case strings.HasSuffix(what, "MAC"):
		return "MAC"
	case what == "host key":
		return "host key type"
	}
	return "key exchange method"
}

// handshakeError words the failure of a handshake whose socket had the given
// first error.
func handshakeError(l *link, err error) error {
	var denied *deniedError
	switch {
	case errors.Is(err, errHostKey):
		return errHostKey
	case errors.As(err, &denied):
		return denied
	}
	who := peer(l.Conn)
	if l.timedOut() {
		return &worded{"Connection timed out during banner exchange\r\nConnection to " + who + " timed out", err}
	}
	text := strings.TrimPrefix(err.Error(), "ssh: handshake failed: ")
	if reason, ok := strings.CutPrefix(text, "ssh: disconnect, reason "); ok {
		if code, quoted, ok := strings.Cut(reason, ": "); ok {
			if message, err := strconv.Unquote(quoted); err == nil {
				reason = code + ": " + message
			}
		}
		return &worded{fmt.Sprintf("Received disconnect from %s:%s\r\nDisconnected from %s", who, reason, who), err}
	}
	failure := l.failure()
	before := "" // the host's first words came
	if l.received() == 0 || !l.spoke() {
		before = "kex_exchange_identification: "
	}
	switch {
	case failure == nil:
		var none *ssh.AlgorithmNegotiationError
		if errors.As(err, &none) {
			return &worded{fmt.Sprintf("Unable to negotiate with %s: no matching %s found. Their offer: %s",
				who, offer(none.What), strings.Join(none.RequestedAlgorithms, ",")), err}
		}
		return &worded{fmt.Sprintf("Connection to %s failed: %s", who, text), err}
	case errors.Is(failure, io.EOF):
		if before != "" {
			before += "Connection closed by remote host\r\n"
		}
		return &worded{before + "Connection closed by " + who, err}
	}
	if before != "" {
		before += "read: " + strerror(failure) + "\r\n"
	}
	if errors.Is(failure, syscall.ECONNRESET) {
		return &worded{before + "Connection reset by " + who, err}
	}
	return &worded{before + "Connection to " + who + ": " + strerror(failure), err}
}
