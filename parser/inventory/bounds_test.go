package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/source/sourcetest"
	"github.com/churten/churten/parser/load"
)

// TestBounds: what comes from outside may be long, deep or made to swell, and
// is read within bounds. The error is part of one, "" for none.
func TestBounds(t *testing.T) {
	const long, deep = sourcetest.Line, sourcetest.Depth
	var chain, groups strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&chain, "[g%d:children]\ng%d\n", i, i+1)
	}
	chain.WriteString("[g2000]\nh\n")
	for i := range deep {
		fmt.Fprintf(&groups, "g%d:", i)
	}
	ini := func(text string) func(*Inventory) error {
		return func(inv *Inventory) error {
			r := &iniReader{inv: inv, path: "f", pending: map[string]declared{}}
			if err := r.read(strings.Split(text, "\n")); err != nil {
				return err
			}
			return inv.settle()
		}
	}
	answer := func(text string) func(*Inventory) error {
		return func(inv *Inventory) error { _, err := (script{inv, "f"}).list([]byte(text)); return err }
	}
	yaml := func(text string) func(*Inventory) error {
		return func(inv *Inventory) error { _, err := inv.loader.Parse([]byte(text), "f.yml"); return err }
	}
	pattern := func(text string) func(*Inventory) error {
		return func(inv *Inventory) error { _, _, err := inv.Match(text); return err }
	}
	for _, c := range []struct {
		name string
		read func(*Inventory) error
		err  string
	}{
		{"a long value", ini("h x=" + strings.Repeat("a", long)), ""},
		{"a long name of a host", ini(strings.Repeat("h", long)), ""},
		{"a long name of a group", ini("[" + strings.Repeat("g", long) + "]\nh"), ""},
		{"a quote without end", ini(`h x="` + strings.Repeat("a", long)), "Error parsing host definition"},
		{"many variables", ini("h " + strings.Repeat("a=1 ", long/16)), ""},
		{"open lists", ini("h x=" + strings.Repeat("[", long)), ""},
		{"nested lists", ini("[all:vars]\nx=" + strings.Repeat("[", deep) + strings.Repeat("]", deep)), ""},
		{"a sum", ini("[all:vars]\nx=" + strings.Repeat("1+", long/2) + "1"), ""},
		{"a number of many digits", ini("[all:vars]\nx=" + strings.Repeat("1", long)), ""},
		{"a huge range", ini("h[1:999999999]"), "host range"},
		{"ranges of ranges", ini("h[1:9999][1:9999]"), "host range"},
		{"a range of letters and numbers", ini("h[a:z][a:z][a:z][a:z][a:z][1:9]"), "host range"},
		{"groups in groups", ini(chain.String()), ""},
		{"an open answer", answer(strings.Repeat("[", long)), "maximum recursion depth"},
		{"a deep answer", answer(strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep)), "maximum recursion depth"},
		{"aliases of aliases", yaml(sourcetest.Laughs(9)), "nodes when all aliases are written out"},
		{"merges", yaml(sourcetest.Merges(2000, 20_000)), "pairs by merge keys"},
		{"a long pattern", pattern(strings.Repeat("a", long)), ""},
		{"a pattern of many", pattern(groups.String()), ""},
		{"exclusions", pattern("all" + strings.Repeat(":!h", deep)), ""},
		{"intersections", pattern("all" + strings.Repeat(":&h", deep)), ""},
		{"brackets", pattern(strings.Repeat("[", deep)), ""},
		{"stars", pattern(strings.Repeat("*a", 1000) + "b"), ""},
		{"a slice", pattern("all[0:999999999999]"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := New(load.New(nil, nil))
			inv.host(strings.Repeat("a", 100))
			err := sourcetest.Bounded(t, 1<<30, func() error { return c.read(inv) })
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("%.200v", err)
			}
		})
	}
}
