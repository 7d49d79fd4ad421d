package host

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// describer is a plugin that says in full what it was given, gives it back, and
// makes values by chance.
const describer = `
import collections, datetime, json, random
try:
    from ansible.template import is_trusted_as_template as is_trusted
    from jinja2 import Undefined
    from ansible._internal._templating._jinja_common import Marker
    Undefined = (Undefined, Marker)
except ImportError:
    from jinja2 import Undefined
    is_trusted = None


def describe(v, trust=True):
    if isinstance(v, Undefined):
        return 'undefined'
    if v is None or isinstance(v, bool):
        return str(v)
    if isinstance(v, str):
        if type(v).__name__ == 'Markup':
            return 'markup ' + json.dumps(str(v))
        return ('trusted ' if trust and is_trusted and '{{' in v and is_trusted(v) else '') + json.dumps(v)
    if isinstance(v, int):
        return 'int %d' % v
    if isinstance(v, float):
        return 'float ' + repr(float(v))
    if isinstance(v, bytes):
        return 'bytes ' + v.hex()
    if isinstance(v, datetime.datetime):
        return 'datetime ' + v.isoformat()
    if isinstance(v, datetime.date):
        return 'date ' + v.isoformat()
    if isinstance(v, datetime.timedelta):
        return 'delta %d' % (v // datetime.timedelta(microseconds=1))
    if isinstance(v, dict):
        return '{%s}' % ', '.join('%s: %s' % (describe(k, False), describe(i, trust)) for k, i in v.items())
    if isinstance(v, (list, tuple)):
        return '%s[%s]' % ('tuple' if isinstance(v, tuple) else 'list', ', '.join(describe(i, trust) for i in v))
    if isinstance(v, (set, frozenset)):
        return 'set[%s]' % ', '.join(sorted(describe(i, trust) for i in v))
    return 'unknown %r' % type(v)


class Text(str):
    pass


class Dict(dict):
    pass


def text(r):
    kinds = ['', 'plain', 'a "quoted" \\ text', '{{ braces }}', '{% if x %}', '\x00', '\u00e4\u2192\U0001f600', '\udc80\udcff', 'line\nend\r\u2028', 'yes', '1', '{"\\u0000": 1}']
    return r.choice(kinds) + r.choice(['', str(r.randrange(100))])


def scalar(r):
    at = datetime.datetime(r.randrange(1, 9999), r.randrange(1, 13), r.randrange(1, 28), r.randrange(24), r.randrange(60), r.randrange(60), r.randrange(1000000))
    return r.choice([
        lambda: None, lambda: True, lambda: False, lambda: r.randrange(-5, 5), lambda: r.randrange(-2 ** 70, 2 ** 70), lambda: 2 ** 63, lambda: -2 ** 63,
        lambda: r.uniform(-1, 1), lambda: float(r.randrange(10)), lambda: r.choice([float('inf'), -float('inf'), float('nan'), -0.0, 5e-324, 1.7976931348623157e308]),
        lambda: text(r), lambda: text(r), lambda: Text(text(r)), lambda: bytes(r.randrange(256) for i in range(r.randrange(5))), lambda: at, lambda: at.date(),
        lambda: at.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=r.randrange(-700, 700)))), lambda: datetime.timedelta(seconds=r.randrange(-10 ** 8, 10 ** 8), microseconds=5),
    ])()


def key(r):
    return r.choice([lambda: text(r), lambda: text(r), lambda: r.randrange(10), lambda: None, lambda: True, lambda: 0.5, lambda: (1, text(r)), lambda: b'k'])()


def anything(r, depth):
    if depth == 0 or r.random() < 0.3:
        return scalar(r)
    n = r.randrange(4)
    return r.choice([
        lambda: [anything(r, depth - 1) for i in range(n)], lambda: tuple(anything(r, depth - 1) for i in range(n)),
        lambda: {key(r): anything(r, depth - 1) for i in range(n)}, lambda: {text(r): anything(r, depth - 1) for i in range(n)},
        lambda: Dict({'sub': anything(r, depth - 1)}), lambda: collections.OrderedDict([('z', anything(r, depth - 1)), ('a', 1)]), lambda: {'\0': anything(r, depth - 1)},
        lambda: {key(r) for i in range(n)}, lambda: frozenset(key(r) for i in range(n)),
    ])()


def make(seed):
    v = anything(random.Random(seed), 4)
    return [v, describe(v)]


class FilterModule:
    def filters(self):
        return {'churten_describe': describe, 'churten_same': lambda v: [v, describe(v)], 'churten_make': make, 'churten_lazy': lambda n: (i * i for i in range(n))}
`

// describe says of a value what the plugin says.
func describe(v value.Value, trusted func(value.Str) bool) string {
	all := func(items []value.Value) []string {
		out := make([]string, len(items))
		for i, item := range items {
			out[i] = describe(item, trusted)
		}
		return out
	}
	switch v := v.(type) {
	case *expr.Undefined:
		return "undefined"
	case value.NoneType, value.Bool:
		return value.Text(v)
	case value.Str:
		said := string(value.AppendJSONString(nil, string(v), true))
		if strings.Contains(string(v), "{{") && trusted(v) {
			return "trusted " + said
		}
		return said
	case value.Markup:
		return "markup " + string(value.AppendJSONString(nil, string(v), true))
	case value.Int, *value.BigInt:
		return "int " + value.Text(v)
	case value.Float:
		return "float " + value.Repr(v)
	case value.Bytes:
		return "bytes " + hex.EncodeToString([]byte(v))
	case *value.DateTime:
		return "datetime " + strings.Replace(value.Text(v), " ", "T", 1)
	case *value.Date:
		return "date " + value.Text(v)
	case *value.Delta:
		return "delta " + strconv.FormatInt(int64(v.D/time.Microsecond), 10)
	case *value.List:
		return "list[" + strings.Join(all(v.Items), ", ") + "]"
	case *value.Tuple:
		return "tuple[" + strings.Join(all(v.Items), ", ") + "]"
	case *value.Set:
		said := all(slices.Collect(v.All()))
		slices.Sort(said)
		return "set[" + strings.Join(said, ", ") + "]"
	case *value.Dict:
		var said []string
		for k, item := range v.All() {
			said = append(said, describe(k, nobody)+": "+describe(item, trusted)) // keys are no templates
		}
		return "{" + strings.Join(said, ", ") + "}"
	}
	return fmt.Sprintf("unknown %T", v)
}

// chance makes values.
type chance struct{ *rand.Rand }

func (r chance) text() value.Str {
	kinds := []string{"", "plain", "a \"quoted\" \\ text", "{{ mine }}", "{{ theirs }}", "{% if x %}", "\x00", "ä→😀", "not \xff UTF-8", "line\nend\r\u2028", "yes", "1", `{"\u0000": 1}`}
	return value.Str(kinds[r.IntN(len(kinds))])
}

func (r chance) scalar() value.Value {
	at := time.Date(1+r.IntN(9998), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000000)*1000, time.UTC)
	switch r.IntN(16) {
	case 0:
		return value.None
	case 1:
		return value.Bool(r.IntN(2) == 0)
	case 2:
		return value.Int(r.Int64() - r.Int64())
	case 3:
		n := new(big.Int).Lsh(big.NewInt(r.Int64()-r.Int64()), uint(r.IntN(100)))
		return value.NewInt(n)
	case 4:
		return value.Float(r.NormFloat64())
	case 5:
		special := []float64{math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1), 5e-324, math.MaxFloat64, 1e16, 1e22, 123456789}
		return value.Float(special[r.IntN(len(special))])
	case 6:
		b := make([]byte, r.IntN(5))
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		return value.Bytes(b)
	case 7:
		return &value.DateTime{T: at, Naive: true}
	case 8:
		return &value.DateTime{T: at.In(time.FixedZone("", 60*(r.IntN(1400)-700)))}
	case 9:
		return &value.Date{T: at.Truncate(24 * time.Hour)}
	case 10:
		return &value.Delta{D: time.Duration(r.IntN(2e9)-1e9) * time.Millisecond}
	case 11:
		return value.Markup("<b>" + string(r.text()))
	}
	return r.text()
}

func (r chance) key() value.Value {
	return []value.Value{r.text(), r.text(), value.Int(r.IntN(9)), value.None, value.True, value.Float(0.5), value.NewTuple(value.Int(1), r.text()), value.Bytes("k")}[r.IntN(8)]
}

func (r chance) anything(depth int) value.Value {
	if depth == 0 || r.IntN(10) < 3 {
		return r.scalar()
	}
	var items []value.Value
	for range r.IntN(4) {
		items = append(items, r.anything(depth-1))
	}
	switch r.IntN(6) {
	case 0:
		return value.NewTuple(items...)
	case 1:
		keys := make([]value.Value, len(items))
		for i := range keys {
			keys[i] = r.key()
		}
		return value.NewSet(keys...)
	case 2, 3:
		d := value.NewDict(len(items))
		for _, item := range items {
			d.Set(r.key(), item)
		}
		return d
	case 4:
		return value.DictOf(tag, value.NewList(items...))
	}
	return value.NewList(items...)
}

// ansiblePython gives a Python with ansible, and skips where there is none.
func ansiblePython(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("CHURTEN_CACHE")
	if cache == "" {
		cache = "/var/cache/churten"
	}
	for _, python := range []string{os.Getenv("CHURTEN_PYTHON"), filepath.Join(cache, "peers", "bin", "python3"), "python3"} {
		if python != "" && exec.Command(python, "-c", "import ansible.release").Run() == nil {
			return python
		}
	}
	t.Skip("no Python with ansible: testdata/bench/peers makes one, CHURTEN_PYTHON can name one")
	return ""
}

// hostWith starts a Host that knows a file of filters.
func hostWith(t *testing.T, filters string) *Host {
	t.Helper()
	python := ansiblePython(t)
	t.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	t.Setenv("HOME", t.TempDir())
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "filter_plugins"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "filter_plugins", "f.py"), []byte(filters), 0o600); err != nil {
		t.Fatal(err)
	}
	h := New(Options{Python: func(context.Context) (string, error) { return python, nil }, Stdout: t.Output(), Stderr: t.Output(), Note: func(n Note) { t.Log(n.Text) }, Setup: func() *value.Dict {
		return value.DictOf("cli", value.NewDict(0), "verbosity", value.Int(0), "columns", value.Int(80), "basedir", value.Str(dir), "playbook_dirs", value.Strings(dir), "name", value.Str("test"))
	}})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.AddDir(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return h
}

// filter calls one with many values and gives what came of each.
func filter(t *testing.T, h *Host, name string, trusted func(value.Str) bool, args ...value.Value) []value.Value {
	t.Helper()
	calls := make([]value.Value, len(args))
	for i, arg := range args {
		calls[i] = value.NewList(arg)
	}
	v, err := h.Call(t.Context(), Request{Op: "jinja.call", Trusted: trusted,
		Args: value.DictOf("kind", value.Str("filter"), "name", value.Str(name), "calls", value.NewList(calls...))})
	if err != nil {
		var raised *Error
		if errors.As(err, &raised) {
			t.Fatalf("%v\n%s", err, raised.Traceback)
		}
		t.Fatal(err)
	}
	found, _ := v.(*value.Dict).GetStr("results")
	out := make([]value.Value, len(args))
	for i, item := range found.(*value.List).Items {
		l, ok := item.(*value.List)
		if !ok || len(l.Items) != 1 {
			t.Fatalf("%s of %s: %s", name, value.Repr(args[i]), value.Repr(item))
		}
		out[i] = l.Items[0]
	}
	return out
}

func mine(s value.Str) bool { return s == "{{ mine }}" }

func nobody(value.Str) bool { return false }

// TestValuesBothWays hands values made by chance to a plugin and takes others from it: both ends say the same of each.
// CHURTEN_SEED is the seed to begin with, CHURTEN_VALUES how many there are.
func TestValuesBothWays(t *testing.T) {
	h := hostWith(t, describer)
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	first, many := number("CHURTEN_SEED", 1), number("CHURTEN_VALUES", 2000)
	values, seeds := make([]value.Value, many), make([]value.Value, many)
	for i := range values {
		seeds[i] = value.Int(first + i)
		values[i] = chance{rand.New(rand.NewPCG(uint64(first+i), 0))}.anything(4) //nolint:gosec // a test's chance
	}
	for i, got := range filter(t, h, "churten_same", mine, values...) {
		pair := got.(*value.List).Items
		if want := describe(values[i], mine); value.Text(pair[1]) != want {
			t.Errorf("seed %d: churten has %s, the plugin got %s", first+i, want, value.Text(pair[1]))
		} else if back := describe(pair[0], nobody); back != describe(values[i], nobody) {
			t.Errorf("seed %d: sent %s, back came %s", first+i, want, back)
		}
	}
	for i, got := range filter(t, h, "churten_make", nobody, seeds...) {
		pair := got.(*value.List).Items
		if got, want := describe(pair[0], nobody), value.Text(pair[1]); got != want {
			t.Errorf("seed %d: the plugin gave %s, churten got %s", first+i, want, got)
		}
	}
	undefined := value.NewList(value.Int(1), &expr.Undefined{Name: "gone"}, value.DictOf("k", &expr.Undefined{Name: "gone"}))
	if got := filter(t, h, "churten_describe", nobody, undefined)[0]; value.Text(got) != "list[int 1, undefined, {\"k\": undefined}]" {
		t.Errorf("what is undefined: %s", value.Text(got))
	}
	if got := filter(t, h, "churten_lazy", nobody, value.Int(4))[0]; value.Repr(got) != "[0, 1, 4, 9]" {
		t.Errorf("a generator: %s", value.Repr(got))
	}
}
