package callback

import (
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/modules/kit/event"
)

// ErrorText tells a failure as ansible-core 2.19 does: all links in one line,
// then each link that has a place of its own with the lines of its file.
func ErrorText(f *event.Failure) string {
	groups := grouped(f)
	var all []string
	for l := f; l != nil; l = l.Cause {
		if l.Msg != "" {
			all = append(all, l.Msg)
		}
	}
	first := strings.Join(all, ": ")
	if len(groups) == 1 {
		return first + place(groups[0].pos) + help(groups[0].help)
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
		if g.apart && g.help != "" {
			b.WriteString(msg + " " + g.help)
			continue
		}
		b.WriteString(msg + place(g.pos) + help(g.help))
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
func grouped(f *event.Failure) []group {
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

func place(pos source.Pos) string {
	if pos.IsZero() {
		return ""
	}
	text := "\nOrigin: " + pos.String()
	if lines := source.Excerpt(pos); lines != "" {
		text += "\n\n" + lines
	}
	return text
}

func help(h string) string {
	if h == "" {
		return ""
	}
	return "\n\n" + h
}

// WarningText tells a warning about a place in a file.
func WarningText(msg string, pos source.Pos, hint string) string {
	text := msg + place(pos) + help(hint)
	if !pos.IsZero() {
		text += "\n"
	}
	return text
}

// Link is one part of a failure, as it is told.
type Link struct{ Msg, Place, Help string }

// Links takes a failure apart into the parts that have a place of their own,
// outermost first; Place begins with "Origin:".
func Links(f *event.Failure) []Link {
	var out []Link
	groups := grouped(f)
	for i, g := range groups {
		if i < len(groups)-1 && !strings.HasSuffix(g.msg, ".") {
			g.msg += "."
		}
		out = append(out, Link{Msg: g.msg, Place: strings.TrimPrefix(place(g.pos), "\n"), Help: g.help})
	}
	return out
}
