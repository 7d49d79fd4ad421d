package filter

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// doubled is a filter for numbers that counts the messages it is given; 13 it refuses.
func doubled(asked *[]int) *expr.Func {
	each := func(c *expr.Call, firsts []value.Value) []expr.Result {
		*asked = append(*asked, len(firsts))
		out := make([]expr.Result, len(firsts))
		for i, first := range firsts {
			n, ok := value.AsInt(first)
			if out[i].Value = value.Int(2 * n); !ok || n == 13 {
				out[i] = expr.Result{Err: errors.New("unlucky")}
			}
		}
		return out
	}
	return &expr.Func{Name: "doubled", Each: each, Fn: func(c *expr.Call) (value.Value, error) {
		r := each(c, c.Args[:1])[0]
		return r.Value, r.Err
	}}
}

// TestEach maps with a filter that is called by the dozen.
func TestEach(t *testing.T) {
	for _, c := range []struct {
		text, want, err string
		asked           []int
	}{
		{text: "{{ [1, 2, 3] | map('doubled') | list }}", want: "[2, 4, 6]", asked: []int{3}},
		{text: "{{ [1] | map('doubled') | list }}", want: "[2]", asked: []int{1}},
		{text: "{{ [] | map('doubled') | list }}", want: "[]"},
		{text: "{{ range(14, 2514) | map('doubled') | sum }}", want: "6317500", asked: []int{1000, 1000, 500}},
		// Observed in 2.19.14: what one item failed with is raised where that item is used.
		{text: "{{ [1, 13, 3] | map('doubled') | last }}", want: "6", asked: []int{3}},
		{text: "{{ [1, 13, 3] | map('doubled') | list | length }}", err: "The filter plugin 'ansible.builtin.doubled' failed: unlucky", asked: []int{3}},
		{text: "{{ [1, nope, 3] | map('doubled') | map('default', 7) | list }}", want: "[2, 7, 6]", asked: []int{2}},
		{text: "{{ range(1500) | map('doubled') | first }}", want: "0", asked: []int{1000, 500}},
		{text: "{{ [1, 2, 3] | map('gone') | last }}", err: "The filter plugin 'ansible.builtin.gone' failed: gone"},
		{text: "{{ [0, 1] | select('twice') | list }}", want: "[1]", asked: []int{2}},
		{text: "{{ [{'a': 1}, {'a': 0}] | rejectattr('a', 'twice') | list }}", want: "[{'a': 0}]", asked: []int{2}},
		{text: "{{ [1, 13, nope] | select('twice') | list }}", err: "The test plugin 'ansible.builtin.twice' failed: unlucky", asked: []int{2}},
	} {
		t.Run(c.text, func(t *testing.T) {
			var asked []int
			twice := doubled(&asked)
			gone := &expr.Func{Name: "gone", Fn: func(*expr.Call) (value.Value, error) { return nil, errors.New("gone") },
				Each: func(*expr.Call, []value.Value) []expr.Result { return []expr.Result{{Err: errors.New("gone")}} }}
			twice.Name = "twice"
			env := &expr.Env{Filters: maps.Clone(All), Tests: expr.Funcs{"twice": twice}, Globals: expr.Globals()}
			env.Filters["doubled"], env.Filters["gone"] = doubled(&asked), gone
			tmpl, err := expr.CompileTemplate(c.text, source.Pos{})
			if err != nil {
				t.Fatal(err)
			}
			v, err := tmpl.Eval(expr.NewCtx(t.Context(), env, nil))
			got := ""
			if err == nil {
				got = value.Text(v)
			} else if c.err == "" || !strings.Contains(err.Error(), c.err) {
				t.Fatal(err)
			}
			if got != c.want || !slices.Equal(asked, c.asked) {
				t.Errorf("%s, asked %v", got, asked)
			}
		})
	}
}
