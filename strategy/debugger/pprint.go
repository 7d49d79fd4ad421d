package debugger

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

const lineWidth = 80

// pretty gives a value as Python's pprint shows it: containers that do not fit
// into a line one item a line, keys in order, long texts cut at blanks.
func pretty(v value.Value) string {
	var p printer
	p.write(v, 0, 0, 1)
	return p.String()
}

type printer struct{ strings.Builder }

// write shows v from column indent on; behind it room characters follow.
func (p *printer) write(v value.Value, indent, room, level int) {
	text := repr(v)
	if utf8.RuneCountInString(text) <= lineWidth-indent-room {
		p.WriteString(text)
		return
	}
	next := ",\n" + strings.Repeat(" ", indent+1)
	switch c := v.(type) {
	case *value.Dict:
		p.WriteByte('{')
		keys := sortedKeys(c)
		for i, k := range keys {
			if i > 0 {
				p.WriteString(next)
			}
			key := repr(k) + ": "
			p.WriteString(key)
			item, _ := c.Get(k)
			p.write(item, indent+1+utf8.RuneCountInString(key), behind(i, len(keys), room), level+1)
		}
		p.WriteByte('}')
	case *value.List:
		p.items(c.Items, "[", "]", indent, room, level)
	case *value.Tuple:
		end := ")"
		if len(c.Items) == 1 {
			end = ",)"
		}
		p.items(c.Items, "(", end, indent, room, level)
	case value.Str:
		p.text(string(c), indent, room, level)
	default:
		p.WriteString(text)
	}
}

func (p *printer) items(items []value.Value, open, end string, indent, room, level int) {
	p.WriteString(open)
	for i, item := range items {
		if i > 0 {
			p.WriteString(",\n" + strings.Repeat(" ", indent+1))
		}
		p.write(item, indent+1, behind(i, len(items), room+len(end)-1), level+1)
	}
	p.WriteString(end)
}

// behind is what has to fit behind item i of n.
func behind(i, n, room int) int {
	if i == n-1 {
		return room + 1
	}
	return 1
}

// text shows a text that is too long for its line, in parts; by itself it
// stands in brackets.
func (p *printer) text(s string, indent, room, level int) {
	if level == 1 {
		indent, room = indent+1, room+1
	}
	var parts []string
	lines := value.SplitLines(s, true)
	for i, line := range lines {
		last := 0
		if i == len(lines)-1 {
			last = room
		}
		if size(line) <= lineWidth-indent-last {
			parts = append(parts, value.QuoteRepr(line))
			continue
		}
		current := ""
		words := strings.SplitAfter(line, " ")
		for j, word := range words {
			fits := lineWidth - indent
			if j == len(words)-1 {
				fits -= last
			}
			if size(current+word) > fits {
				if current != "" {
					parts = append(parts, value.QuoteRepr(current))
				}
				current = ""
			}
			current += word
		}
		if current != "" {
			parts = append(parts, value.QuoteRepr(current))
		}
	}
	text := strings.Join(parts, "\n"+strings.Repeat(" ", indent))
	if level == 1 && len(parts) > 1 {
		text = "(" + text + ")"
	}
	p.WriteString(text)
}

func size(s string) int { return utf8.RuneCountInString(value.QuoteRepr(s)) }

// repr is Python's repr with the keys of dicts in order.
func repr(v value.Value) string {
	switch c := v.(type) {
	case *value.Dict:
		parts := make([]string, 0, c.Len())
		for _, k := range sortedKeys(c) {
			item, _ := c.Get(k)
			parts = append(parts, repr(k)+": "+repr(item))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *value.List:
		return "[" + reprs(c.Items) + "]"
	case *value.Tuple:
		if len(c.Items) == 1 {
			return "(" + repr(c.Items[0]) + ",)"
		}
		return "(" + reprs(c.Items) + ")"
	case object:
		return c.Text()
	case *expr.Template:
		return value.QuoteRepr(c.Source())
	case *plan.Code:
		return value.QuoteRepr(c.Source)
	}
	return value.Repr(v)
}

func reprs(items []value.Value) string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = repr(item)
	}
	return strings.Join(parts, ", ")
}

// sortedKeys orders keys as pprint does: those that cannot be compared by their type.
func sortedKeys(d *value.Dict) []value.Value {
	keys := d.Keys()
	slices.SortStableFunc(keys, func(a, b value.Value) int {
		less, err := value.Less(a, b)
		switch {
		case err != nil:
			return cmp.Compare(a.Type(), b.Type())
		case less:
			return -1
		case value.Equal(a, b):
			return 0
		}
		return 1
	})
	return keys
}
