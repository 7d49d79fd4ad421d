package interfacesfile

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// document is an interfaces(5) file by its lines; one that ends with a
// backslash and those that continue it are one.
type document struct{ lines []line }

// line is one line with its newline, and what it says.
type line struct {
	raw  string
	kind kind
	// Of an iface line and the options behind it:
	iface, family, method string
	// Of an option:
	option, text string
}

type kind int

const (
	other kind = iota // comments, empty lines, stanzas of other kinds
	iface
	option
)

// stanza tells the words that begin a stanza which is no iface.
func stanza(word string) bool {
	switch word {
	case "auto", "mapping", "source", "source-dir", "source-directory", "no-auto-down", "no-scripts", "rename":
		return true
	}
	return strings.HasPrefix(word, "allow-")
}

func parse(text string) (*document, error) {
	d := &document{}
	at := line{} // the iface whose options come
	started := false
	n := 0
	for raw := range joined(text) {
		n++
		l := line{raw: raw}
		words := strings.Fields(strings.ReplaceAll(raw, "\\\n", " "))
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0] == "iface":
			if len(words) == 1 {
				return nil, module.Failf("iface without a name in line %d", n)
			}
			words = append(words[1:], "", "")
			l.kind, l.iface, l.family, l.method = iface, words[0], words[1], words[2]
			at, started = l, true
		case stanza(words[0]):
			at, started = line{}, true
		case !started:
			return nil, module.Failf("misplaced option %s in line %d", raw, n)
		case at.iface != "":
			l.kind, l.iface, l.family, l.method = option, at.iface, at.family, at.method
			logical := strings.TrimSpace(strings.ReplaceAll(raw, "\\\n", ""))
			l.option, l.text = words[0], strings.TrimSpace(logical[len(words[0]):])
		}
		n += strings.Count(raw, "\\\n")
		d.lines = append(d.lines, l)
	}
	return d, nil
}

// joined gives the lines of a file, continued ones as one. The last one has a
// newline too.
func joined(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var raw string
		for l := range strings.Lines(text) {
			raw += strings.TrimSuffix(l, "\n") + "\n"
			comment := strings.HasPrefix(strings.TrimSpace(raw), "#")
			if strings.HasSuffix(raw, "\\\n") && !comment {
				continue
			}
			if !yield(raw) {
				return
			}
			raw = ""
		}
		if raw != "" {
			yield(raw)
		}
	}
}

func (d *document) text() string {
	var b strings.Builder
	for _, l := range d.lines {
		b.WriteString(l.raw)
	}
	return b.String()
}

// several are the options of which all lines count; of others the last one does.
var several = []string{"pre-up", "up", "down", "post-up"}

// dict has all interfaces as results show them; of a name with several stanzas the last.
func (d *document) dict() *value.Dict {
	all := value.NewDict(4)
	var at *value.Dict
	for _, l := range d.lines {
		switch l.kind {
		case iface:
			at = value.NewDict(8)
			for _, name := range several {
				at.SetStr(name, value.NewList())
			}
			at.SetStr("address_family", orNone(l.family))
			at.SetStr("method", orNone(l.method))
			all.SetStr(l.iface, at)
		case option:
			if slices.Contains(several, l.option) {
				have, _ := at.GetStr(l.option)
				list := have.(*value.List)
				list.Items = append(list.Items, value.Str(l.text))
			} else {
				at.SetStr(l.option, value.Str(l.text))
			}
		}
	}
	return all
}

func orNone(s string) value.Value {
	if s == "" {
		return value.None
	}
	return value.Str(s)
}

// want is what is asked for.
type want struct {
	iface, family, option, text string
	hasText                     bool
}

// mine tells the lines of the interface.
func (w *want) mine(l line) bool {
	return l.iface == w.iface && (w.family == "" || l.family == w.family)
}

func (w *want) is(l line) bool {
	return l.kind == option && w.mine(l) && l.option == w.option
}

// present sets an option and tells whether anything changed.
func (d *document) present(w want) (bool, error) {
	head := d.last(func(l line) bool { return l.kind == iface && w.mine(l) })
	if head < 0 {
		return false, module.Failf("Error: interface %s not found", w.iface)
	}
	if w.option == "method" {
		return d.method(w)
	}
	at := d.last(w.is)
	switch {
	case at < 0:
		// Behind the last option, as far in as that one.
		after := head
		if last := d.last(func(l line) bool { return l.kind == option && w.mine(l) }); last > head {
			after = last
		}
		d.insert(after, w)
		return true, nil
	case slices.Contains(several, w.option):
		if slices.ContainsFunc(d.lines, func(l line) bool { return w.is(l) && l.text == w.text }) {
			return false, nil
		}
		d.insert(at, w)
		return true, nil
	case d.lines[at].text == w.text:
		return false, nil
	}
	raw := d.lines[at].raw
	begin := strings.Index(raw, w.option) + len(w.option)
	rest := raw[begin:]
	gap := rest[:len(rest)-len(strings.TrimLeft(rest, " \t"))]
	if gap == "" || strings.TrimSpace(rest) == "" {
		gap = " "
	}
	d.lines[at].raw, d.lines[at].text = raw[:begin]+gap+w.text+"\n", w.text
	return true, nil
}

// method changes the last word of the interface's iface lines.
func (d *document) method(w want) (changed bool, err error) {
	for i := range d.lines {
		l := &d.lines[i]
		if l.kind != iface || !w.mine(*l) || l.method == w.text {
			continue
		}
		if l.method == "" {
			return false, module.Failf("the interface %s has no method in the file", w.iface)
		}
		begin := 0
		for _, word := range []string{"iface", l.iface, l.family} {
			begin += strings.Index(l.raw[begin:], word) + len(word)
		}
		begin += strings.Index(l.raw[begin:], l.method)
		l.raw = l.raw[:begin] + w.text + l.raw[begin+len(l.method):]
		l.method, changed = w.text, true
	}
	return changed, nil
}

// insert puts a line for the option behind line i.
func (d *document) insert(i int, w want) {
	before := d.lines[i]
	indent := "    "
	if before.kind == option {
		indent = before.raw[:len(before.raw)-len(strings.TrimLeft(before.raw, " \t"))]
	}
	l := before
	l.kind, l.option, l.text = option, w.option, w.text
	l.raw = indent + w.option + " " + w.text + "\n"
	d.lines = slices.Insert(d.lines, i+1, l)
}

// absent removes an option's lines, of those that may be repeated only the ones
// with the given text.
func (d *document) absent(w want) (bool, error) {
	if d.last(func(l line) bool { return l.kind == iface && w.mine(l) }) < 0 {
		return false, module.Failf("Error: interface %s not found", w.iface)
	}
	before := len(d.lines)
	d.lines = slices.DeleteFunc(d.lines, func(l line) bool {
		return w.is(l) && (!w.hasText || !slices.Contains(several, w.option) || l.text == w.text)
	})
	return len(d.lines) < before, nil
}

// last gives the last line that is so, -1 for none.
func (d *document) last(is func(line) bool) int {
	for i := len(d.lines) - 1; i >= 0; i-- {
		if is(d.lines[i]) {
			return i
		}
	}
	return -1
}
