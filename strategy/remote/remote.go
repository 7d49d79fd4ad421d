// Package remote is the agent's client: it starts an agent over a connection,
// keeps one conversation with it for as long as the run lasts, and calls
// modules through it.
//
//	a, err := remote.Start(ctx, conn, remote.Options{Agents: agents.Embedded()})
//	root := a.As(remote.Become{Method: "sudo", User: "root"})
//	result, err := a.Call(ctx, remote.Call{Module: "ansible.builtin.ping", Agent: root}, nil)
//	a.Close(ctx)
//
// Calls do not wait for each other: Begin sends one and gives a Pending, so
// that all items of a loop are under way at once; those of one Queue run in
// order. As does not wait either: calls may follow it at once. Even the start
// does not need to be waited for (Begin before Ready): what is called meanwhile
// goes out with the start, and costs no round trip of its own when the agent
// is in the target's cache.
//
// When the link is cut and Options.Redial is set, a new connection takes the
// running agent up again, and calls only seem to take longer. Otherwise, and
// when the agent is not there any more, all calls fail with a
// *connection.Unreachable.
//
// The files: start.go brings the agent up, agent.go has the conversation and
// its end, call.go, blob.go and requests.go the requests, become.go and
// become_sudo.go other users, resume.go new links, local.go agents on this
// machine.
package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/churten/churten/modules/kit/bootstrap"
	"github.com/churten/churten/strategy/connection"
)

// Agents gives the agents for targets; *agents.Set is one.
type Agents interface {
	// Build is the hash that names them in the targets' caches.
	Build() (string, error)
	// Image gives the agent for a platform, in one of the packings or raw.
	Image(goos, goarch string, packings []bootstrap.Packing) (bootstrap.Image, error)
}

// Options of an agent's client.
type Options struct {
	// Host is the inventory name, for messages.
	Host   string
	Agents Agents
	// RemoteTmp is the reference's setting: one of the places where an agent
	// may be put.
	RemoteTmp string
	// Dirs overrides where an agent may be put; see bootstrap.Options.
	Dirs []string
	// NoPack sends everything uncompressed, for links inside this machine.
	NoPack bool
	// Local is set for the connection of that name, where the reference tells
	// the failures of become in other words.
	Local bool
	// Redial makes a new connection when the link was cut; nil: a cut link
	// means that the host cannot be reached. It owns both connections.
	Redial func(ctx context.Context) (connection.Conn, error)
	// Cut, when set, ends the connection: a host may leave the end of a
	// command unconfirmed for ever, when what runs there is stopped.
	Cut func()
	// Grace is how long Redial is tried; zero means 30 seconds, as long as the
	// agent waits.
	Grace time.Duration
	// Log, when set, hears what -vvvv would want to know.
	Log func(line string)
}

const defaultGrace = 30 * time.Second

func (o *Options) dirs() []string {
	if len(o.Dirs) > 0 {
		return o.Dirs
	}
	return bootstrap.DefaultDirs(o.RemoteTmp)
}

func (o *Options) log(format string, args ...any) {
	if o.Log != nil {
		o.Log(fmt.Sprintf(format, args...))
	}
}

// NoExecDir is the error of a target with no directory in which an agent may
// be written and executed.
type NoExecDir struct {
	Host string
	Dirs []string
}

func (e *NoExecDir) Error() string {
	return fmt.Sprintf("%v on %s; looked at %v: set ansible_remote_tmp to one that allows it", bootstrap.ErrNoDir, e.Host, e.Dirs)
}

func (e *NoExecDir) Unwrap() error { return bootstrap.ErrNoDir }

// NoAgent is the error of a target of a kind that there is no agent for.
type NoAgent struct {
	Host        string
	OS, Machine string // as uname prints them
	Err         error
}

func (e *NoAgent) Error() string {
	return fmt.Sprintf("%s is %s on %s: %v", e.Host, e.OS, e.Machine, e.Err)
}

func (e *NoAgent) Unwrap() error { return e.Err }

// ErrClosed is what calls give after Close.
var ErrClosed = errors.New("the agent was told to end")
