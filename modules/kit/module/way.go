package module

import (
	"context"
	"strings"
)

// At says where ActionCall.Module calls a module, when not where the task runs.
type At int

const (
	// AtLogin is the host as the one who logs in, whomever the task becomes.
	AtLogin At = iota + 1
	// AtController is the controller itself, as the user who runs the play.
	AtController
)

type atKey struct{}

// Elsewhere gives a context in which ActionCall.Module calls modules at another
// place. Only actions that run on the controller have such places.
func Elsewhere(ctx context.Context, at At) context.Context {
	return context.WithValue(ctx, atKey{}, at)
}

// Place gives what Elsewhere said; 0 is where the task runs.
func Place(ctx context.Context) At {
	at, _ := ctx.Value(atKey{}).(At)
	return at
}

// Way is how a task's host (or its delegate) is reached, for programs that go
// there by themselves: rsync.
type Way struct {
	// Connection is its kind: "ssh", "local", or that of a client or plugin.
	Connection string
	Client     string // the program of a client's kind: docker
	Delegate   string // the host that the task is delegated to, "" when it is not
	User       string // who logs in, "" where nobody says
	KeyFile    string
	SSHArgs    []string // ssh_args, ssh_common_args, ssh_extra_args, as they are set
	// Become tells that the task becomes somebody, even who logs in already.
	Become                   bool
	BecomeMethod, BecomeUser string
}

// Remote is the name by which the action calls the module behind it, which the
// module's messages show.
func (a *Action) Remote() string {
	if i := strings.LastIndexByte(a.Name, '.'); i >= 0 && a.Name[:i] == "ansible.builtin" {
		return "ansible.legacy" + a.Name[i:]
	}
	return a.Name
}
