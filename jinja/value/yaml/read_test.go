package yaml

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// readCase is what testdata/record.py writes.
type readCase struct {
	In       string
	Value    any
	Warnings [][]any
	Error    *struct {
		Msg, Help string
		Line, Col int
	}
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func TestReadAsReference(t *testing.T) {
	for _, file := range []string{"testdata/read.json", "testdata/generated.json", "testdata/scalars.json"} {
		var recorded struct{ Cases []readCase }
		load(t, file, &recorded)
		if len(recorded.Cases) < 100 {
			t.Fatalf("%s has only %d cases", file, len(recorded.Cases))
		}
		for _, c := range recorded.Cases {
			t.Run(c.In, func(t *testing.T) { c.check(t) })
		}
	}
}

func (c readCase) check(t *testing.T) {
	doc, err := Parse([]byte(c.In), "c.yml")
	if c.Error != nil {
		c.checkError(t, err)
		return
	}
	if err != nil {
		t.Fatalf("%q: %v, want %v", c.In, err, c.Value)
	}
	v, err := doc.Root.Decode(func(n *Node) (value.Value, bool, error) {
		if n.Vault {
			return encrypted{}, true, nil
		}
		return n.Value, false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := typed(v); !reflect.DeepEqual(got, c.Value) { // cmp.Diff is exponential in the depth
		t.Errorf("%q: got %v, want %v", c.In, got, c.Value)
	}
	var warnings [][]any
	for _, w := range doc.Warnings {
		warnings = append(warnings, []any{w.Msg, float64(w.Pos.Line), float64(w.Pos.Col), w.Help})
	}
	if d := cmp.Diff(c.Warnings, warnings); d != "" {
		t.Errorf("%q: warnings %s", c.In, d)
	}
}

func (c readCase) checkError(t *testing.T, err error) {
	if err == nil {
		t.Fatalf("%q: no error, want %s", c.In, c.Error.Msg)
	}
	if c.Error.Msg == "recursion" { // the reference has no words for it
		return
	}
	var e *source.Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: %T", c.In, err)
	}
	if e.Msg != c.Error.Msg || e.Hint != c.Error.Help || e.Pos.Line != c.Error.Line || e.Pos.Col != c.Error.Col {
		t.Errorf("%q: %d:%d %s %q\n         want %d:%d %s %q", c.In, e.Pos.Line, e.Pos.Col, e.Msg, e.Hint, c.Error.Line, c.Error.Col, c.Error.Msg, c.Error.Help)
	}
}

type encrypted struct{}

func (encrypted) Type() string { return "EncryptedString" }

// typed writes v as record.py does.
func typed(v value.Value) any {
	list := func(items []value.Value) []any {
		out := make([]any, len(items))
		for i, x := range items {
			out[i] = typed(x)
		}
		return out
	}
	switch v := v.(type) {
	case value.NoneType:
		return []any{"none"}
	case value.Bool, value.Int, *value.BigInt, value.Float, value.Str, encrypted:
		if v == (encrypted{}) {
			return []any{v.Type(), ""}
		}
		return []any{v.Type(), value.Text(v)}
	case value.Bytes:
		return []any{"bytes", hex.EncodeToString([]byte(v))}
	case *value.List:
		return []any{"list", list(v.Items)}
	case *value.Tuple:
		return []any{"tuple", list(v.Items)}
	case *value.Set:
		var items []value.Value
		for x := range v.All() {
			items = append(items, x)
		}
		sort.Slice(items, func(i, j int) bool { return value.Text(items[i]) < value.Text(items[j]) })
		return []any{"set", list(items)}
	case *value.Dict:
		pairs := []any{}
		for k, x := range v.All() {
			pairs = append(pairs, []any{typed(k), typed(x)})
		}
		return []any{"dict", pairs}
	case *value.Date:
		return []any{"date", v.T.Format("2006-01-02")}
	case *value.DateTime:
		layout := "2006-01-02T15:04:05"
		if v.T.Nanosecond() != 0 {
			layout += ".000000"
		}
		if !v.Naive {
			layout += "-07:00"
		}
		return []any{"datetime", v.T.Format(layout)}
	}
	return []any{v.Type(), "?"}
}

func TestAliasesStayBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 10; i++ {
		p, n := string(rune('0'+i-1)), string(rune('0'+i))
		b.WriteString("a" + n + ": &a" + n + " [" + strings.TrimSuffix(strings.Repeat("*a"+p+",", 10), ",") + "]\n")
	}
	if _, err := Parse([]byte(b.String()), "bomb.yml"); err == nil || !strings.Contains(err.Error(), "aliases") {
		t.Errorf("got %v, want an error about aliases", err)
	}
}

func TestParseAll(t *testing.T) {
	docs, err := ParseAll([]byte("a\n---\n- b\n---\n"), "")
	if err != nil || len(docs) != 3 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	if docs[1].Root.Kind != Sequence || docs[2].Root.Value != value.None {
		t.Errorf("got %v and %v", docs[1].Root, docs[2].Root)
	}
}

func TestPositions(t *testing.T) {
	doc, err := Parse([]byte("a:\n  - b: é x\n    c: |\n      t\n"), "f.yml")
	if err != nil {
		t.Fatal(err)
	}
	item := doc.Root.Get("a").Items[0]
	for i, want := range []string{"f.yml:2:5", "f.yml:2:8", "f.yml:3:5", "f.yml:3:8"} {
		n := item.Pairs[i/2].Key
		if i%2 == 1 {
			n = item.Pairs[i/2].Value
		}
		if got := n.Pos.String(); got != want {
			t.Errorf("node %d at %s, want %s", i, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: [b, {c: d}]", "a: &x\n  <<: *x", "? [a]\n: |\n  b", "!vault x", "- \"\\x41\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		docs, err := ParseAll([]byte(s), "f")
		if err != nil {
			return
		}
		for _, d := range docs {
			if _, err := d.Value(); err != nil {
				t.Errorf("read but not decoded: %v", err)
			}
		}
	})
}
