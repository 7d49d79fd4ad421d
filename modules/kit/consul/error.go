package consul

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// errLate is the cause of a request's own time-out.
var errLate = errors.New("no answer in time")

// Error is why Consul did not do what was asked.
type Error struct {
	Addr   string
	Path   string
	Status int    // of HTTP; 0 when there was no answer
	Body   string // what the server said
	Right  string // the right a token needs for the request
	Err    error
	Msg    string
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

// Denied reports whether the token lacks a right.
func (e *Error) Denied() bool {
	return e.Status == 403 || strings.Contains(e.Body, "Permission denied") || strings.Contains(e.Body, "ACL not found")
}

// Passing reports whether asking again later may help: no leader, an agent
// that starts, a connection that broke.
func (e *Error) Passing() bool { return e.Status == 0 || e.Status >= 500 && !e.Denied() }

// refused words an answer that is an error.
func (c *Client) refused(call Call, status int, body []byte) error {
	said := strings.TrimSpace(string(body))
	if len(said) > 500 {
		said = said[:500] + " …"
	}
	e := &Error{Addr: c.Addr(), Path: call.Path, Status: status, Body: said, Right: call.Right}
	at := "consul at " + e.Addr
	switch {
	case strings.Contains(said, "ACL not found"):
		e.Msg = at + " does not know the token: " + said
	case e.Denied():
		e.Msg = fmt.Sprintf("%s: permission denied: the token lacks %s", at, orSome(call.Right))
		if c.cfg.Token == "" {
			e.Msg = fmt.Sprintf("%s: permission denied: no token was given, and %s is needed", at, orSome(call.Right))
		}
		if said != "" && said != "Permission denied" {
			e.Msg += " (" + said + ")"
		}
	case strings.Contains(said, "No cluster leader"):
		e.Msg = at + " has no leader at present: a majority of the servers has to be up"
	case strings.Contains(said, "No known Consul servers"):
		e.Msg = at + " knows no server: the agent has not joined, or all servers are away"
	case strings.Contains(said, "No path to datacenter"):
		e.Msg = at + " knows no such datacenter: " + said
	case strings.Contains(said, "Enterprise feature"):
		e.Msg = at + " has no namespaces and partitions: " + said
	default:
		e.Msg = fmt.Sprintf("%s: %s %s: status %d: %s", at, call.Method, call.Path, status, said)
	}
	return e
}

func orSome(right string) string {
	if right == "" {
		return "a right"
	}
	return right
}

// unreachable words why there is no answer.
func (c *Client) unreachable(call Call, timeout time.Duration, err error) error {
	e := &Error{Addr: c.Addr(), Path: call.Path, Right: call.Right, Err: err}
	at := "consul at " + e.Addr
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var netErr net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Msg = at + ": connection refused: is the agent running, and is this its address?"
	case errors.Is(err, fs.ErrNotExist) && c.cfg.unix != "":
		e.Msg = at + ": there is no such socket: is the agent running?"
	case errors.As(err, &dns):
		e.Msg = at + ": the name cannot be resolved"
	case errors.As(err, &cert):
		e.Msg = at + ": its certificate is not trusted: " + cert.Err.Error()
	case errors.As(err, &record):
		e.Msg = at + " does not speak TLS there"
	case errors.As(err, &alert):
		e.Msg = at + " refuses our certificate: " + alert.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		e.Msg = fmt.Sprintf("%s did not answer within %s (%s %s)", at, timeout.Round(time.Millisecond), call.Method, call.Path)
	default:
		e.Msg = at + ": " + err.Error()
	}
	return e
}
