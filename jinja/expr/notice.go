package expr

import (
	"context"
	"strings"
	"unsafe"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Notice is something that was accepted although it should not be written any more.
type Notice struct {
	Msg string
	// Version is the release of the reference that will refuse it; empty for a
	// warning that says nothing of that.
	Version string
	Pos     source.Pos
	Help    string
	// Shown is how it is told, if that is more than Msg, place and help.
	Shown string
	// Printed is what a plugin printed; Msg says who did. A task tells all of it at its end.
	Printed string
}

// Text is Msg, with what was printed.
func (n Notice) Text() string {
	if n.Printed == "" {
		return n.Msg
	}
	lines := strings.Split(strings.TrimRight(n.Printed, "\n"), "\n")
	return n.Msg + ":\n    " + strings.Join(lines, "\n    ") + "\n"
}

// Notify hands n to who listens to this evaluation, else to the Env.
func (c *Ctx) Notify(n Notice) {
	switch {
	case c.Notices != nil:
		c.Notices(n)
	case c.Env.Warn != nil:
		c.Env.Warn(c, n.Text())
	}
}

type hearing struct{}

// Hearing gives a context whose evaluations, those that take their Notices of
// Heard, tell hear what they have to.
func Hearing(ctx context.Context, hear func(Notice)) context.Context {
	return context.WithValue(ctx, hearing{}, hear)
}

// Heard gives who was named to Hearing, nil for nobody.
func Heard(ctx context.Context) func(Notice) {
	hear, _ := ctx.Value(hearing{}).(func(Notice))
	return hear
}

// At is where the template or expression that is being evaluated stands.
func (c *Ctx) At() source.Pos { return c.state().frame.at }

// Enter says that what is evaluated from now on stands at; leave ends that.
func (c *Ctx) Enter(at source.Pos) (leave func()) {
	st := c.state()
	outer := st.frame.at
	st.frame.at = at
	return func() { st.frame.at = outer }
}

// NoteOrigin remembers where a text came from, for those who ask OriginOf it.
// A text that was put together of others is another text.
func (c *Ctx) NoteOrigin(s value.Str, origin string) {
	if len(s) == 0 {
		return
	}
	m := c.state().memo
	if m.origins == nil {
		m.origins = map[textID]string{}
	}
	m.origins[idOf(s)] = origin
}

// OriginOf gives what NoteOrigin said of this very text.
func (c *Ctx) OriginOf(s value.Str) (string, bool) {
	o, ok := c.state().memo.origins[idOf(s)]
	return o, ok
}

// textID tells texts apart by where they lie in memory: two texts that read
// the same are not the same. It keeps the memory from being used again.
type textID struct {
	at *byte
	n  int
}

func idOf(s value.Str) textID { return textID{unsafe.StringData(string(s)), len(s)} }

// SameText reports whether a and b are one text in memory, not only equal.
// Texts of one byte or none never are: many places share those.
func SameText(a, b value.Str) bool { return len(a) > 1 && idOf(a) == idOf(b) }

// Owner is a Scope, or an Env.Controller, that knows which texts came from the user's own files.
type Owner interface {
	// Owns reports whether s is a text as it stands in content that may hold
	// templates: not from a host, a fact or a lookup, and not marked unsafe.
	Owns(s value.Str) bool
}

// Keeper is an Env.Controller that takes texts for content from now on.
type Keeper interface{ Keep(s value.Str) }

// Keep gives s as a text that is Trusted. Nothing happens where there is no Keeper.
func (c *Ctx) Keep(s value.Str) value.Str {
	k, ok := c.Env.Controller.(Keeper)
	if !ok || len(s) == 0 {
		return s
	}
	s = value.Str(strings.Clone(string(s)))
	k.Keep(s)
	return s
}

// Trusted reports whether s may be taken for an expression: see Owner.
func (c *Ctx) Trusted(s value.Str) bool {
	if o, ok := c.Scope.(Owner); ok && o.Owns(s) {
		return true
	}
	o, ok := c.Env.Controller.(Owner)
	return ok && o.Owns(s)
}
