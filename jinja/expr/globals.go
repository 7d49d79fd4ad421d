package expr

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
)

// Globals gives the functions that every template can call and that need
// nothing outside: range, dict, namespace, cycler, joiner, lipsum, now, undef,
// and the value omit. The map is the caller's.
func Globals() map[string]value.Value {
	m := map[string]value.Value{"omit": Omit}
	for _, f := range []*Func{
		{Name: "range", Fn: rangeFunc, TypeName: "type"},
		{Name: "dict", Fn: dictFunc, TypeName: "type", Lazy: true},
		{Name: "namespace", Py: "Namespace.__init__", Fn: newNamespace, TypeName: "type", Lazy: true},
		{Name: "cycler", Py: "Cycler.__init__", Fn: newCycler, TypeName: "type"},
		{Name: "joiner", Py: "Joiner.__init__", Fn: newJoiner, TypeName: "type"},
		{Name: "lipsum", Py: "generate_lorem_ipsum", Fn: lipsum, Volatile: true},
		{Name: "now", Py: "_now", Fn: now, Volatile: true},
		{Name: "undef", Py: "_undef", Fn: undef},
	} {
		m[f.Name] = f
	}
	return m
}

// Text is what Python prints of the function or class.
func (f *Func) Text() string {
	if f.TypeName == "type" {
		return "<class '" + f.Name + "'>"
	}
	return "<function " + f.Name + ">"
}

func rangeFunc(c *Call) (value.Value, error) {
	if c.Kwargs.Len() > 0 {
		return nil, errors.New("range() takes no keyword arguments")
	}
	switch n := len(c.Args); {
	case n < 1:
		return nil, errors.New("range expected at least 1 argument, got 0")
	case n > 3:
		return nil, fmt.Errorf("range expected at most 3 arguments, got %d", n)
	}
	nums := make([]int64, len(c.Args))
	for i, a := range c.Args {
		var err error
		if nums[i], err = value.Index(a); err != nil {
			return nil, err
		}
	}
	r := value.Range{Stop: nums[0], Step: 1}
	if len(nums) > 1 {
		r.Start, r.Stop = nums[0], nums[1]
	}
	if len(nums) > 2 {
		if r.Step = nums[2]; r.Step == 0 {
			return nil, errors.New("range() arg 3 must not be zero")
		}
	}
	return r, nil
}

// undefinedArg gives an argument of c that is Undefined, for functions that
// keep what is in their arguments lazy.
func undefinedArg(c *Call) value.Value {
	for _, a := range c.Args {
		if _, ok := a.(value.Faulty); ok {
			return a
		}
	}
	for _, a := range c.Kwargs.All() {
		if _, ok := a.(value.Faulty); ok {
			return a
		}
	}
	return nil
}

func dictFunc(c *Call) (value.Value, error) {
	if u := undefinedArg(c); u != nil {
		return u, nil
	}
	d, err := value.MakeDict(c.Args, c.Kwargs)
	if err != nil || !d.Lazy {
		return d, err
	}
	// As with items(), each value is evaluated, though not what is in it.
	out := value.NewDict(d.Len())
	for k, v := range d.All() {
		v, err := value.Force(v)
		if err == nil {
			err = faultOf(v)
		}
		if err != nil {
			return nil, err
		}
		out.Lazy = out.Lazy || value.IsLazy(v)
		out.Set(k, v)
	}
	return out, nil
}

// Namespace holds what a template's statements set across scopes: ns.name.
type Namespace struct{ Vars *value.Dict }

// Type is Jinja's.
func (*Namespace) Type() string { return "Namespace" }

// Text is what Python prints.
func (n *Namespace) Text() string {
	d, err := value.Deep(n.Vars)
	if err != nil {
		d = n.Vars
	}
	return "<Namespace " + value.Repr(d) + ">"
}

// Attr finds a variable.
func (n *Namespace) Attr(name string) (value.Value, bool, error) {
	v, ok := n.Vars.GetStr(name)
	if !ok {
		return nil, false, nil
	}
	v, err := value.Force(v)
	return v, true, err
}

// Item finds a variable.
func (n *Namespace) Item(key value.Value) (value.Value, bool, error) {
	s, ok := value.AsText(key)
	if !ok {
		return nil, false, nil
	}
	return n.Attr(s)
}

// Set sets a variable.
func (n *Namespace) Set(name string, v value.Value) {
	n.Vars.SetStr(name, v)
	n.Vars.Lazy = n.Vars.Lazy || value.IsLazy(v)
}

func newNamespace(c *Call) (value.Value, error) {
	if u := undefinedArg(c); u != nil {
		return u, nil
	}
	d, err := value.MakeDict(c.Args, c.Kwargs)
	if err != nil {
		return nil, err
	}
	return &Namespace{Vars: d}, nil
}

// cycler goes round its items, one with each next().
type cycler struct {
	items []value.Value
	pos   int
}

func newCycler(c *Call) (value.Value, error) {
	if len(c.Args) == 0 {
		return nil, errors.New("at least one item has to be provided")
	}
	return &cycler{items: c.Args}, nil
}

func (*cycler) Type() string { return "Cycler" }
func (*cycler) Text() string { return "<jinja2.utils.Cycler object>" }

// Attr gives current, next and reset.
func (y *cycler) Attr(name string) (value.Value, bool, error) {
	switch name {
	case "current":
		return y.items[y.pos], true, nil
	case "next":
		return &Func{Name: name, Fn: func(*Call) (value.Value, error) {
			v := y.items[y.pos]
			y.pos = (y.pos + 1) % len(y.items)
			return v, nil
		}}, true, nil
	case "reset":
		return &Func{Name: name, Fn: func(*Call) (value.Value, error) {
			y.pos = 0
			return value.None, nil
		}}, true, nil
	case "items":
		return value.NewTuple(y.items...), true, nil
	case "pos":
		return value.Int(y.pos), true, nil
	}
	return nil, false, nil
}

// joiner gives nothing when it is called first, its separator from then on.
type joiner struct {
	sep  value.Value
	used bool
}

func newJoiner(c *Call) (value.Value, error) {
	j := &joiner{sep: value.Str(", ")}
	args := append([]value.Value{value.None}, c.Args...) // Python counts self
	var self value.Value
	return j, value.Unpack(c.Name, args, c.Kwargs, "self", &self, "sep?", &j.sep)
}

func (*joiner) Type() string { return "Joiner" }
func (*joiner) Text() string { return "<jinja2.utils.Joiner object>" }

func (j *joiner) Call(c *Call) (value.Value, error) {
	if !j.used {
		j.used = true
		return value.Str(""), nil
	}
	return j.sep, nil
}

// Attr gives sep and used.
func (j *joiner) Attr(name string) (value.Value, bool, error) {
	switch name {
	case "sep":
		return j.sep, true, nil
	case "used":
		return value.Bool(j.used), true, nil
	}
	return nil, false, nil
}

// UndefMsg is what undef() says where it is told nothing.
const UndefMsg = "Mandatory variable has not been overridden"

func undef(c *Call) (value.Value, error) {
	var hint value.Value = value.None
	if err := c.Unpack("hint?", &hint); err != nil {
		return nil, err
	}
	if hint == value.None || !value.Truth(hint) {
		return UndefHint(UndefMsg), nil
	}
	return UndefHint(value.Text(hint)), nil
}

func now(c *Call) (value.Value, error) {
	utc := false
	var format value.Value = value.None
	if err := c.Unpack("utc?", &utc, "fmt?", &format); err != nil {
		return nil, err
	}
	t := c.Ctx.Env.now()
	if utc {
		t = t.UTC()
	}
	if value.Truth(format) {
		s, ok := value.AsText(format)
		if !ok {
			return nil, fmt.Errorf("strftime() argument 1 must be str, not %s", format.Type())
		}
		return value.Str(value.Strftime(t, s, false)), nil
	}
	return &value.DateTime{T: t.Truncate(time.Microsecond), Naive: true}, nil
}

func (e *Env) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

const lipsumWords = `a ac accumsan ad adipiscing aenean aliquam aliquet amet ante aptent arcu at auctor augue bibendum blandit
class commodo condimentum congue consectetuer consequat conubia convallis cras cubilia cum curabitur curae cursus dapibus
diam dictum dictumst dignissim dis dolor donec dui duis egestas eget eleifend elementum elit enim erat eros est et etiam eu
euismod facilisi facilisis fames faucibus felis fermentum feugiat fringilla fusce gravida habitant habitasse hac hendrerit
hymenaeos iaculis id imperdiet in inceptos integer interdum ipsum justo lacinia lacus laoreet lectus leo libero ligula
litora lobortis lorem luctus maecenas magna magnis malesuada massa mattis mauris metus mi molestie mollis montes morbi mus
nam nascetur natoque nec neque netus nibh nisi nisl non nonummy nostra nulla nullam nunc odio orci ornare parturient
pede pellentesque penatibus per pharetra phasellus placerat platea porta porttitor posuere potenti praesent pretium primis
proin pulvinar purus quam quis quisque rhoncus ridiculus risus rutrum sagittis sapien scelerisque sed sem semper senectus
sit sociis sociosqu sodales sollicitudin suscipit suspendisse taciti tellus tempor tempus tincidunt torquent tortor
tristique turpis ullamcorper ultrices ultricies urna ut varius vehicula vel velit venenatis vestibulum vitae vivamus
viverra volutpat vulputate`

// lipsum makes text without sense: n paragraphs of min to max-1 words.
func lipsum(c *Call) (value.Value, error) {
	n, html, low, high := 5, true, 20, 100
	if err := c.Unpack("n?", &n, "html?", &html, "min?", &low, "max?", &high); err != nil {
		return nil, err
	}
	if n > 0 && high <= low {
		return nil, fmt.Errorf("empty range for randrange() (%d, %d, %d)", low, high, high-low)
	}
	if n > 0 && n*high > maxOutput/16 {
		return nil, errTooLong
	}
	words := strings.Fields(lipsumWords)
	var paras []string
	for range n {
		p := paragraph(words, low+rand.IntN(high-low))
		if html {
			p = "<p>" + p + "</p>"
		}
		paras = append(paras, p)
	}
	if html {
		return value.Markup(strings.Join(paras, "\n")), nil
	}
	return value.Str(strings.Join(paras, "\n\n")), nil
}

func paragraph(words []string, n int) string {
	var b strings.Builder
	capital, comma, stop := true, 0, 0
	for i := range n {
		w := words[rand.IntN(len(words))]
		if capital {
			w = value.Capitalize(w)
		}
		capital = false
		b.WriteString(w)
		switch {
		case i == n-1:
			b.WriteString(".")
		case i-stop > 10+rand.IntN(10):
			b.WriteString(". ")
			capital, comma, stop = true, i, i
		case i-comma > 3+rand.IntN(5):
			b.WriteString(", ")
			comma = i
		default:
			b.WriteString(" ")
		}
	}
	return b.String()
}
