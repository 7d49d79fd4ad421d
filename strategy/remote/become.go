package remote

import (
	"bytes"
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
	// More has the options that only the method has (BecomeOptions), as
	// connection.JoinSettings makes them of name=value.
	More string
	// Timeout bounds the whole way to the other user; zero means the
	// reference's 12 seconds.
	Timeout time.Duration
	// Plugin is set where the method is nobody's here.
	Plugin *Plugin
}

// Plugin is a way to become someone that a plugin of the user's made. In its
// texts Key stands for a text that is another one each time, and in its line
// wire.Inside for the command.
type Plugin struct {
	Name                    string // in full
	Line                    string
	Prompts, Wrong, Missing []string
	TTY                     bool
	// Judge says what is meant by what was said, where no text tells; may be nil.
	Judge func(ctx context.Context, said []byte) (wire.Verdict, error)
}

// Key stands in a Plugin's texts for a text of its own.
const Key = "CHURTENKEY"

func (p *Plugin) form(key string) escalation {
	put := func(text string) string { return strings.ReplaceAll(text, Key, key) }
	e := escalation{line: put(p.Line), wrong: p.Wrong, missing: p.Missing, form: wire.FormInside, tty: p.TTY}
	for _, prompt := range p.Prompts {
		e.prompts = append(e.prompts, put(prompt))
	}
	return e
}

// comparable gives b in a form by which it is known, whatever its Plugin's
// address.
func (b Become) comparable() Become {
	if b.Plugin != nil {
		p := b.Plugin
		b.Exe, b.Plugin = fmt.Sprintf("%q %q %q %q %v %v", p.Line, p.Prompts, p.Wrong, p.Missing, p.TTY, p.Judge != nil), nil
	}
	return b
}

// methodName is what the reference calls a method in its messages; seen on
// ansible-core 2.19.14 with machinectl and sudosu.
func methodName(method string) string {
	switch method {
	case "sudo", "su":
		return method
	}
	if methods[method] == nil {
		return method // a plugin of the user's
	}
	return "community.general." + method
}

const becomeTimeout = 12 * time.Second

// escalation is what a method makes of a Become.
type escalation struct {
	line                    string // see wire.Become
	prompts, wrong, missing []string
	form                    wire.Form
	tty, apart              bool
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

// newKey gives text that stands in prompts to make them ours.
func newKey() string { return strings.ToLower(rand.Text()) }

// as gives a Pending where the agent is to be started first.
func (a *Agent) as(b Become) (User, *Pending, error) {
	key := newKey()
	var e escalation
	if b.Plugin != nil {
		e = b.Plugin.form(key)
	} else {
		form, ok := methods[b.Method]
		if !ok {
			return 0, nil, fmt.Errorf("become method %q is not known", b.Method)
		}
		var err error
		if e, err = form(&b, key); err != nil {
			return 0, nil, err
		}
	}
	known := b.comparable()
	a.mu.Lock()
	if user, ok := a.users[known]; ok {
		a.mu.Unlock()
		return user, nil, nil
	}
	a.nextUser++
	user := a.nextUser
	a.users[known] = user
	a.mu.Unlock()
	timeout := b.Timeout
	if timeout == 0 {
		timeout = becomeTimeout
	}
	req := wire.Become{Key: uint32(user), Name: methodName(b.Method), User: b.User, Apart: e.apart, Line: e.line, Form: e.form, Prompts: e.prompts, Password: b.Password, HasPassword: b.HasPassword,
		Wrong: e.wrong, Missing: e.missing, TTY: e.tty, Dirs: a.o.dirs(), Timeout: timeout}
	p := &Pending{}
	p.onEnd = func(err error) {
		if err != nil {
			a.userGone(user, err, false)
		}
	}
	if b.Plugin != nil && b.Plugin.Judge != nil {
		req.Judge = true
		p.judged(b.Plugin.Judge)
	}
	return user, a.request(p, wire.KindBecome, req.Encode()), nil
}

// judged answers what the agent asks of what a method said. One question is
// under way at a time; the goroutine for it ends with the request.
func (p *Pending) judged(judge func(ctx context.Context, said []byte) (wire.Verdict, error)) {
	ctx, cancel := context.WithCancel(context.Background())
	end := p.onEnd
	p.onEnd = func(err error) {
		cancel()
		end(err)
	}
	p.event = func(said []byte) {
		said = bytes.Clone(said)
		go func() {
			verdict, err := judge(ctx, said)
			if err != nil && ctx.Err() == nil {
				p.finish(nil, err)
				p.Cancel()
				return
			}
			p.send(wire.KindInput, []byte{byte(verdict)})
		}()
	}
}

// userGone fails all that is asked of user, and makes As start another. One
// that retired still answers what it was asked.
func (a *Agent) userGone(user User, err error, retired bool) {
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
		if p.user == user && !retired {
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

// withoutScript shortens the command that sudo says it does not allow to its
// program, and says that this is what it has to allow.
func withoutScript(said string) string {
	const start, end = "is not allowed to execute '", "' as "
	before, rest, ok := strings.Cut(said, start)
	i := strings.LastIndex(rest, end)
	if !ok || i < 0 {
		return said
	}
	program, _, _ := strings.Cut(rest[:i], " ")
	return before + start + program + rest[i:] + "\nTo become someone sudo has to allow " + program + "."
}

// inWords gives the failures of become the words they have in the reference on
// a local connection. The agent uses those of ssh.
//
// Seen on ansible-core 2.19.14 with sudo: no password, a wrong one, not in
// sudoers, requiretty, become_exe that does not exist.
func (a *Agent) inWords(f *wire.Fail) *wire.Fail {
	if f.Code == wire.CodeBecomeRefused {
		f = &wire.Fail{Code: f.Code, Msg: withoutScript(withoutPrompt(f.Msg)), Said: f.Said}
	}
	if !a.o.Local {
		return f
	}
	const said = " waiting for become success.\n>>> Standard Error\n"
	switch f.Code {
	case wire.CodeBecomeMissing, wire.CodeBecomeRefused:
		return &wire.Fail{Code: f.Code, Msg: "Premature end of stream" + said + f.Said, Said: f.Said}
	case wire.CodeBecomeWrong:
		how := "Premature end of stream"
		if strings.HasSuffix(strings.TrimSpace(f.Said), ":") { // it asked again
			how = "Duplicate become password prompt encountered"
		}
		return &wire.Fail{Code: f.Code, Msg: how + said + f.Said, Said: f.Said}
	case wire.CodeBecomeTimeout:
		return &wire.Fail{Code: f.Code, Msg: "Timed out waiting for become success or become password prompt.\n>>> Standard Error\n" + f.Said, Said: f.Said}
	}
	return f
}
