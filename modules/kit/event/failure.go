package event

import (
	"strings"

	"github.com/churten/churten/jinja/source"
)

// Text tells a failure as ansible-core 2.19 does: all links in one line, then
// each link that has a place of its own with the lines of its file.
func (f *Failure) Text() string {
	groups := grouped(f)
	var all []string
	for l := f; l != nil; l = l.Cause {
		if l.Msg != "" {
			all = append(all, l.Msg)
		}
	}
	first := strings.Join(all, ": ")
	if len(groups) == 1 {
		return first + placed(groups[0].pos) + helping(groups[0].help)
	}
	var b strings.Builder
	b.WriteString(first + "\n")
	for i, g := range groups {
		b.WriteString("\n")
		if i > 0 {
			b.WriteString("<<< caused by >>>\n\n")
		}
		msg := g.msg
		if i < len(groups)-1 && !strings.HasSuffix(msg, ".") {
			msg += "."
		}
		if g.apart && g.help != "" && g.pos.IsZero() {
			b.WriteString(msg + " " + g.help)
			continue
		}
		b.WriteString(msg + placed(g.pos) + helping(g.help))
		if i < len(groups)-1 {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// group is a run of links that share a place.
type group struct {
	msg  string
	pos  source.Pos
	help string
	// apart has its help behind its message.
	apart bool
}

// grouped joins links that have no place of their own, or the same place, to
// the link before.
func grouped(f *Failure) []group {
	var out []group
	for l := f; l != nil; l = l.Cause {
		if n := len(out); n > 0 && !l.Apart && (l.Pos.IsZero() || l.Pos == out[n-1].pos) {
			out[n-1].msg += ": " + l.Msg
			if l.Help != "" {
				out[n-1].help = l.Help
			}
			continue
		}
		out = append(out, group{msg: l.Msg, pos: l.Pos, help: l.Help, apart: l.Apart})
	}
	return out
}

func placed(pos source.Pos) string {
	if pos.IsZero() {
		return ""
	}
	text := "\nOrigin: " + pos.String()
	if lines := source.Excerpt(pos); lines != "" {
		text += "\n\n" + lines
	}
	return text
}

func helping(h string) string {
	if h == "" {
		return ""
	}
	return "\n\n" + h
}

// Link is one part of a failure, as it is told.
type Link struct{ Msg, Place, Help string }

// Links takes a failure apart into the parts that have a place of their own,
// outermost first; Place begins with "Origin:".
func (f *Failure) Links() []Link {
	var out []Link
	groups := grouped(f)
	for i, g := range groups {
		if i < len(groups)-1 && !strings.HasSuffix(g.msg, ".") {
			g.msg += "."
		}
		out = append(out, Link{Msg: g.msg, Place: strings.TrimPrefix(placed(g.pos), "\n"), Help: g.help})
	}
	return out
}
