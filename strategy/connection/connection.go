// Package connection gives byte streams to commands on one host.
//
// A Conn is one open way to one host; Start runs one command there and hands
// back its three streams. What runs at the other end, and what the bytes mean,
// is the business of the caller (the agent's client). The kinds of connection:
//
//   - Local, here: /bin/sh on this machine;
//   - package ssh: a session in this process, or the user's own ssh program
//     for what only that can do.
//
// Failures to reach a host are of type *Unreachable and carry the text that
// ansible-core prints for them.
package connection

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Conn is an open connection to one host. It is safe for concurrent use.
type Conn interface {
	// Start runs command by the login shell of the user at the other end.
	// When ctx ends, the start is given up, or the command's stream is closed.
	// The error is an *Unreachable when the link is gone.
	Start(ctx context.Context, command string) (Stream, error)
	// Close ends the connection and with it all streams. It may be called
	// more than once.
	Close() error
	// Describe says in a few words what this is a connection to, for
	// messages: "ssh deploy@10.0.0.7 port 22".
	Describe() string
}

// Terminal is a Conn that can give a command a terminal.
type Terminal interface {
	// StartTerminal is Start with a terminal: both outputs come as one, with CR
	// before LF.
	StartTerminal(ctx context.Context, command string) (Stream, error)
	// Said is what the client program said while it logged in; it is told once.
	Said() string
	// Farewell is what the client program says on stderr when such a command
	// has ended.
	Farewell() string
}

// Stream is one running command. Its two outputs must both be read, at the same
// time, for a command that writes much stops when nobody reads.
type Stream interface {
	// Stdin is the command's input; closing it ends the input.
	Stdin() io.WriteCloser
	Stdout() io.Reader
	Stderr() io.Reader
	// Wait returns how the command ended. It does not wait for the outputs
	// to be read. When the link was lost first the error is an *Unreachable
	// with Lost set. It may be called more than once.
	Wait() (Exit, error)
	// Close abandons the command: its streams are closed, and the other end
	// is told to end it as far as the kind of connection can.
	Close() error
}

// Exit says how a command ended.
type Exit struct {
	Code   int    // exit status; 128 + signal number when Signal is set and known, else 255
	Signal string // name without SIG, as in RFC 4254 section 6.10; empty when it exited
}

func (e Exit) String() string {
	if e.Signal != "" {
		return "killed by signal " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// Signals numbers the signals that RFC 4254 section 6.10 names.
var signals = map[string]int{
	"ABRT": 6, "ALRM": 14, "FPE": 8, "HUP": 1, "ILL": 4, "INT": 2, "KILL": 9,
	"PIPE": 13, "QUIT": 3, "SEGV": 11, "TERM": 15, "USR1": 10, "USR2": 12,
}

// Signalled is the Exit of a command that the named signal ended, as shells
// number it.
func Signalled(name string) Exit {
	if n, ok := signals[name]; ok {
		return Exit{Code: 128 + n, Signal: name}
	}
	return Exit{Code: 255, Signal: name}
}

// Prompt asks the person at the terminal. With echo false the answer is not
// shown. An error means that nobody can be asked.
type Prompt func(ctx context.Context, text string, echo bool) (string, error)

// Options say how to reach one host. The zero value of a field leaves the
// matter to ssh_config and then to OpenSSH's defaults.
type Options struct {
	Host    string // the name in the inventory, for messages; Address when empty
	Address string // what is typed after ssh: a name of ssh_config, of the DNS, or an IP address
	User    string
	Port    int

	// Password, when set, gives the user's password. Without it only keys
	// are tried, as the reference does (no password of ssh is ever asked
	// for at the terminal).
	Password func(ctx context.Context) (string, error)
	// PrivateKeyFiles come before the keys that ssh_config names.
	PrivateKeyFiles      []string
	PrivateKeyPassphrase string // tried on an encrypted key before the person is asked
	PrivateKey           string // a key as text: then no others of the person's are tried

	// Program is an ssh program that has to be used, as a user's wrapper; ""
	// leaves the choice to us. PKCS11Provider is a library for it, whose PIN is
	// the Password.
	Program, PKCS11Provider string

	// The reference's ssh_args, ssh_common_args and ssh_extra_args: words as
	// a shell splits them, taken in this order.
	SSHArgs, CommonArgs, ExtraArgs string

	// HostKeyChecking is the reference's setting of that name; false means
	// StrictHostKeyChecking=no.
	HostKeyChecking bool

	ConnectTimeout time.Duration // for each attempt to reach the host and shake hands
	Retries        int           // further attempts after one that did not reach the host
	Prompt         Prompt        // nil when there is no terminal

	// Verbose, when set, hears what the reference's -vvv would want to know:
	// which options were ignored and why, which key was taken.
	Verbose func(line string)
}

// Name is what messages call the host.
func (o *Options) Name() string {
	if o.Host != "" {
		return o.Host
	}
	return o.Address
}

// Unreachable is the failure to reach a host, or the loss of the link to it.
type Unreachable struct {
	Host string // inventory name
	Msg  string // as ansible-core 2.19 prints it after "Task failed: "
	Lost bool   // the connection had been open
	// NoAgent says that the host let us in, but started no agent.
	NoAgent bool
	Err     error // cause, may be nil
}

func (e *Unreachable) Error() string { return e.Msg }
func (e *Unreachable) Unwrap() error { return e.Err }
