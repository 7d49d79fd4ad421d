package remote

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/wire"
)

// Become says whom to work as, and how to get there. Equal ones share one
// agent on the target.
type Become struct {
	Method string // "sudo"
	User   string
	Exe    string // "" : the method's own
	Flags  string // as the reference's become_flags
	// NoFlags tells an empty Flags that was asked for from one that was not.
	NoFlags     bool
	Password    string
	HasPassword bool
	// Timeout bounds the whole way to the other user; zero means the
	// reference's 12 seconds.
	Timeout time.Duration
}

const becomeTimeout = 12 * time.Second

// escalation is what a method makes of a Become.
type escalation struct {
	line                    string // see wire.Become
	prompts, wrong, missing []string
	form                    wire.Form
	tty                     bool
}

// method forms the command line of one way to become someone. key is random
// text that may stand in a prompt to make it ours.
type method func(b *Become, key string) (escalation, error)

var methods = map[string]method{}

// BecomeMethods lists the methods there are.
func BecomeMethods() []string {
	var names []string
	for name := range methods {
		names = append(names, name)
	}
	return names
}

// As gives the agent that works as b says, and starts one if need be. It does
// not wait: calls may follow at once. When the way there fails they give the
// reason, and the next As tries again.
func (a *Agent) As(b Become) (User, error) {
	user, _, err := a.as(b)
	return user, err
}

// Become is As that waits until the agent is up.
func (a *Agent) Become(ctx context.Context, b Become) (User, error) {
	user, p, err := a.as(b)
	if err != nil || p == nil {
		return user, err
	}
	_, err = p.wait(ctx)
	return user, err
}

// as gives a Pending where the agent is to be started first.
func (a *Agent) as(b Become) (User, *Pending, error) {
	form, ok := methods[b.Method]
	if !ok {
		return 0, nil, fmt.Errorf("become method %q is not known", b.Method)
	}
	key := strings.ToLower(rand.Text())
	e, err := form(&b, key)
	if err != nil {
		return 0, nil, err
	}
	a.mu.Lock()
	if user, ok := a.users[b]; ok {
		a.mu.Unlock()
		return user, nil, nil
	}
	a.nextUser++
	user := a.nextUser
	a.users[b] = user
	a.mu.Unlock()
	timeout := b.Timeout
	if timeout == 0 {
		timeout = becomeTimeout
	}
	req := wire.Become{Key: uint32(user), Name: b.Method, Line: e.line, Form: e.form, Prompts: e.prompts, Password: b.Password, HasPassword: b.HasPassword,
		Wrong: e.wrong, Missing: e.missing, TTY: e.tty, Dirs: a.o.dirs(), Timeout: timeout}
	p := a.request(&Pending{onEnd: func(err error) {
		if err != nil {
			a.userGone(user, err)
		}
	}}, wire.KindBecome, req.Encode())
	return user, p, nil
}

// userGone fails all that is asked of user, and makes As start another.
func (a *Agent) userGone(user User, err error) {
	a.mu.Lock()
	if a.lost[user] == nil {
		a.lost[user] = err
	}
	for b, u := range a.users {
		if u == user {
			delete(a.users, b)
		}
	}
	var theirs []*Pending
	for id, p := range a.pending {
		if p.user == user {
			theirs = append(theirs, p)
			delete(a.pending, id)
		}
	}
	a.mu.Unlock()
	for _, p := range theirs {
		p.finish(nil, err)
	}
}

// withoutPrompt takes our own question off what a method said after it.
func withoutPrompt(said string) string {
	if rest, ours := strings.CutPrefix(said, "[sudo via ansible, key="); ours {
		if _, after, ok := strings.Cut(rest, "] password:"); ok && strings.TrimSpace(after) != "" {
			return strings.TrimSpace(after)
		}
	}
	return said
}

// inWords gives the failures of become the words they have in the reference on
// a local connection. The agent uses those of ssh.
//
// Seen on ansible-core 2.19.14 with sudo: no password, a wrong one, not in
// sudoers, requiretty, become_exe that does not exist.
func (a *Agent) inWords(f *wire.Fail) *wire.Fail {
	if f.Code == wire.CodeBecomeRefused {
		f = &wire.Fail{Code: f.Code, Msg: withoutPrompt(f.Msg), Said: f.Said}
	}
	if !a.o.Local {
		return f
	}
	const said = " waiting for become success.\n>>> Standard Error\n"
	switch f.Code {
	case wire.CodeBecomeMissing, wire.CodeBecomeRefused:
		return &wire.Fail{Code: f.Code, Msg: "Premature end of stream" + said + f.Said, Said: f.Said}
	case wire.CodeBecomeWrong:
		return &wire.Fail{Code: f.Code, Msg: "Duplicate become password prompt encountered" + said + f.Said, Said: f.Said}
	}
	return f
}
