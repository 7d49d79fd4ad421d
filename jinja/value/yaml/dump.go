package yaml

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// DumpOptions are those of PyYAML's dump that templates use. The zero value
// with SortKeys set is what to_yaml gives.
type DumpOptions struct {
	Indent        int   // of nested blocks; 2 unless between 2 and 9
	Width         int   // lines are folded behind it; 80 unless more than twice Indent
	Flow          *bool // default_flow_style: nil puts containers of scalars in flow style
	SortKeys      bool
	ASCII         bool // allow_unicode=False
	Canonical     bool
	ExplicitStart bool
	ExplicitEnd   bool
	Version       string // "1.1" writes a %YAML directive
	Style         byte   // default_style: 0, '\'', '"', '|' or '>'
	LineBreak     string // "\n" if empty
	// Aliases writes a list or dict that stands in several places once, and
	// names it in the others.
	Aliases bool
	// Text, if set, gives what is written for a text, and whether a literal block
	// is wished for.
	Text func(string) (text string, literal bool)
}

// Block is Flow for block style throughout, InFlow for flow style.
var (
	block, inFlow = false, true
	Block         = &block
	InFlow        = &inFlow
)

const tagNull = "null"

// maxDumpDepth bounds nesting, which Python's recursion limit does there.
const maxDumpDepth = 1000

// Dump writes v, which must be plain data, as YAML as PyYAML does. A container
// that stands in v twice is written twice unless Aliases is set: templates of the
// reference write an alias only if both come from one expression ("[x, x]"),
// since reading a variable copies.
func Dump(v value.Value, o DumpOptions) (string, error) {
	if o.Indent < 2 || o.Indent > 9 {
		o.Indent = 2
	}
	if o.Width <= 2*o.Indent {
		o.Width = 80
	}
	if o.LineBreak == "" {
		o.LineBreak = "\n"
	}
	r := represent{opts: o}
	n, err := r.node(v, 0)
	if err != nil {
		return "", err
	}
	e := &emitter{DumpOptions: o, indent: -1}
	e.document(n)
	return e.b.String(), nil
}

// Tagged is a text that Dump writes as a literal block with a tag of its own
// ("!vault").
type Tagged struct{ Tag, Text string }

// Type makes a Tagged a value.
func (*Tagged) Type() string { return "str" }

// out is a node about to be written.
type out struct {
	kind   Kind
	tag    string // "" if the text says it all
	text   string
	style  byte // a scalar's wish: 0 plain
	plain  bool // the text read as a plain scalar is the value again
	quoted bool // the text read as a quoted scalar is the value again
	flow   bool
	items  []*out // of a mapping: key, value in turn
	anchor string // of a node that stands in several places
	named  bool   // it was written, with its anchor
}

// represent makes nodes of values.
type represent struct {
	opts    DumpOptions
	seen    map[value.Value]*out
	anchors int
}

func (r *represent) node(v value.Value, depth int) (*out, error) {
	if depth > maxDumpDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxDumpDepth)
	}
	var n *out
	switch v := v.(type) {
	case *value.List:
		return r.once(v, func() (*out, error) { return r.sequence(v.Items, depth) })
	case *value.Tuple:
		return r.sequence(v.Items, depth)
	case *value.Dict:
		return r.once(v, func() (*out, error) { return r.mapping(v, depth) })
	case *value.Set:
		return r.set(v, depth)
	case value.NoneType:
		n = r.scalar(tagNull, "null")
	case value.Bool:
		n = r.scalar("bool", strconv.FormatBool(bool(v)))
	case value.Int, *value.BigInt:
		n = r.scalar("int", value.Text(v))
	case value.Float:
		n = r.scalar("float", floatText(float64(v)))
	case value.Str:
		n = r.text(string(v))
	case value.Bytes:
		n = r.scalar("binary", wrapped(base64.StdEncoding.EncodeToString([]byte(v))))
		n.style = '|'
	case *Tagged:
		n = &out{text: v.Text, tag: v.Tag, style: '|'}
	case *value.Date:
		n = r.scalar("timestamp", v.T.Format("2006-01-02"))
	case *value.DateTime:
		n = r.scalar("timestamp", strings.Replace(isoTime(v), "T", " ", 1))
	default:
		return nil, fmt.Errorf("cannot represent an object of type %s", v.Type())
	}
	return n, nil
}

// once gives a container's node, the same one each time where Aliases is set.
// Anchors are numbered in the order in which nodes come a second time.
func (r *represent) once(v value.Value, make func() (*out, error)) (*out, error) {
	if !r.opts.Aliases {
		return make()
	}
	if n := r.seen[v]; n != nil {
		if n.anchor == "" {
			r.anchors++
			n.anchor = fmt.Sprintf("id%03d", r.anchors)
		}
		return n, nil
	}
	n, err := make()
	if r.seen == nil {
		r.seen = map[value.Value]*out{}
	}
	r.seen[v] = n
	return n, err
}

func isoTime(v *value.DateTime) string {
	layout := "2006-01-02T15:04:05"
	if v.T.Nanosecond()/1000 != 0 {
		layout += ".000000"
	}
	if !v.Naive {
		layout += "-07:00"
	}
	return v.T.Format(layout)
}

func wrapped(s string) string {
	const line = 76
	var b strings.Builder
	for len(s) > line {
		b.WriteString(s[:line] + "\n")
		s = s[line:]
	}
	b.WriteString(s + "\n")
	return b.String()
}

func floatText(f float64) string {
	switch s := value.FloatRepr(f); {
	case s == "inf" || s == "-inf":
		return strings.Replace(s, "inf", ".inf", 1)
	case s == "nan":
		return ".nan"
	case !strings.Contains(s, ".") && strings.Contains(s, "e"):
		return strings.Replace(s, "e", ".0e", 1) // 1e100 would be read as text
	default:
		return s
	}
}

func (r *represent) scalar(tag, text string) *out {
	v, ok, err := resolve(text)
	n := &out{text: text, tag: tagYAML + tag, quoted: tag == "str", style: r.opts.Style}
	n.plain = ok && err == nil && scalarTag(v) == tag
	return n
}

func (r *represent) text(s string) *out {
	if r.opts.Text == nil {
		return r.scalar("str", s)
	}
	s, literal := r.opts.Text(s)
	n := r.scalar("str", s)
	if literal {
		n.style = '|'
	}
	return n
}

func scalarTag(v value.Value) string {
	switch v.(type) {
	case value.NoneType:
		return tagNull
	case value.Bool:
		return "bool"
	case value.Int, *value.BigInt:
		return "int"
	case value.Float:
		return "float"
	case *value.Date, *value.DateTime:
		return "timestamp"
	}
	return "str"
}

func (r *represent) sequence(items []value.Value, depth int) (*out, error) {
	n := &out{kind: Sequence, flow: true}
	for _, v := range items {
		item, err := r.node(v, depth+1)
		if err != nil {
			return nil, err
		}
		n.add(item)
	}
	r.settle(n)
	return n, nil
}

func (n *out) add(item *out) {
	n.items = append(n.items, item)
	if item.kind != Scalar || item.style != 0 {
		n.flow = false
	}
}

func (r *represent) settle(n *out) {
	if r.opts.Flow != nil {
		n.flow = *r.opts.Flow
	}
}

func (r *represent) mapping(d *value.Dict, depth int) (*out, error) {
	n := &out{kind: Mapping, flow: true}
	keys := d.Keys()
	if r.opts.SortKeys {
		// What has no order stays as it is, as in PyYAML.
		if sorted, err := value.Sorted(keys, false); err == nil {
			keys = sorted
		}
	}
	for _, k := range keys {
		v, _ := d.Get(k)
		for _, x := range []value.Value{k, v} {
			item, err := r.node(x, depth+1)
			if err != nil {
				return nil, err
			}
			n.add(item)
		}
	}
	r.settle(n)
	return n, nil
}

func (r *represent) set(s *value.Set, depth int) (*out, error) {
	n := &out{kind: Mapping, tag: tagYAML + "set", flow: true}
	var keys []value.Value
	for k := range s.All() {
		keys = append(keys, k)
	}
	if r.opts.SortKeys {
		// What has no order stays as it is, as in PyYAML.
		if sorted, err := value.Sorted(keys, false); err == nil {
			keys = sorted
		}
	}
	for _, k := range keys {
		item, err := r.node(k, depth+1)
		if err != nil {
			return nil, err
		}
		n.add(item)
		n.add(r.scalar(tagNull, "null"))
	}
	r.settle(n)
	return n, nil
}
