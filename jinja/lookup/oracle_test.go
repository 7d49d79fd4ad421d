package lookup_test

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/lookup"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// controller is a run with the files of testdata/root.
type controller struct{ root string }

func (c controller) BaseDir() string                      { return c.root }
func (controller) ReadFile(path string) ([]byte, error)   { return os.ReadFile(path) }
func (controller) Hosts(pattern string) ([]string, error) { return strings.Split(pattern, ","), nil }
func (controller) TemplateSearch(*expr.Ctx) []string      { return nil }

func (controller) Setting(q lookup.SettingQuery) (value.Value, value.Value, error) {
	v, ok := map[string]value.Value{
		"DEFAULT_FORKS": value.Int(5), "DEFAULT_TRANSPORT": value.Str("ssh"), "DEFAULT_ROLES_PATH": value.Strings("a"), "port": value.None,
	}[q.Name]
	if !ok {
		return nil, nil, noSetting("No config definition exists for '" + q.Name + "'.")
	}
	return v, value.Str("default"), nil
}

type noSetting string

func (e noSetting) Error() string { return string(e) }
func (noSetting) Unwrap() error   { return lookup.ErrNoSetting }

func (controller) TemplateVars(_ *expr.Ctx, _, path string) (*value.Dict, error) {
	return value.DictOf("template_path", value.Str(path)), nil
}

func (controller) Template(ctx *expr.Ctx, path, text string, t lookup.TemplateOptions) (value.Value, error) {
	o := document.DefaultOptions()
	o.VarStart, o.VarEnd, o.CommentStart, o.CommentEnd = t.VariableStart, t.VariableEnd, t.CommentStart, t.CommentEnd
	o.TrimBlocks, o.Search = t.TrimBlocks, t.Search
	return document.Value(ctx, path, text, o)
}

// TestOracle replays what testdata/record.py recorded from the reference.
func TestOracle(t *testing.T) {
	root, err := filepath.Abs("testdata/root")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("LOOKUP_TEST", "from the environment")
	t.Setenv("LOOKUP_EMPTY", "")
	env := jinja.NewEnv(jinja.Options{Controller: controller{root}})
	for name, run := range map[string]func(*expr.Ctx, string) (value.Value, error){"basic": template, "with": loop(t, root)} {
		cases, _ := readJSON(t, "testdata/oracle/"+name+".json").GetStr("cases")
		for _, c := range cases.(*value.List).Items {
			d := c.(*value.Dict)
			replay(t, root, d, func(src string) (value.Value, error) {
				return run(expr.NewCtx(t.Context(), env, scope(t, root)), src)
			})
		}
	}
}

func template(ctx *expr.Ctx, src string) (value.Value, error) {
	tmpl, err := expr.CompileTemplate(src, source.Pos{})
	if err != nil {
		return nil, err
	}
	return tmpl.Eval(ctx)
}

func loop(t *testing.T, root string) func(*expr.Ctx, string) (value.Value, error) {
	return func(ctx *expr.Ctx, src string) (value.Value, error) {
		v, err := value.ParseJSON(src)
		if err != nil {
			return nil, err
		}
		d := v.(*value.Dict)
		terms, _ := d.GetStr("terms")
		action := str(d, "action")
		if action == "" {
			action = "debug"
		}
		items, err := lookup.Run(ctx, str(d, "with"), load(t, root, terms).(*value.List).Items, action)
		return value.NewList(items...), err
	}
}

func replay(t *testing.T, root string, c *value.Dict, run func(string) (value.Value, error)) {
	t.Helper()
	src := str(c, "src")
	if differs[src] != "" {
		return
	}
	got, err := run(strings.ReplaceAll(src, "ROOT", root))
	if want := str(c, "error"); want != "" {
		msg := strings.ReplaceAll(str(c, "msg"), "ROOT", root)
		msg = strings.ReplaceAll(msg, "'_AnsibleLazyTemplateList'", "'list'")
		if err == nil {
			t.Errorf("%s\n got %s\nwant %s: %s", src, value.Repr(got), want, msg)
		} else if err.Error() != msg {
			t.Errorf("%s\n got %s\nwant %s", src, err, msg)
		}
		return
	}
	want := strings.ReplaceAll(str(c, "repr"), "ROOT", root)
	if err != nil {
		t.Errorf("%s\n got error %s\nwant %s", src, err, want)
		return
	}
	repr := value.Repr(got)
	if strings.Contains(src, "fileglob") {
		repr, want = sorted(repr), sorted(want) // the reference has the directory's order
	}
	if got.Type() != str(c, "type") || repr != want {
		t.Errorf("%s\n got %s %s\nwant %s %s", src, got.Type(), repr, str(c, "type"), want)
	}
}

// sorted orders the words of a list's text.
func sorted(s string) string {
	words := strings.Split(strings.Trim(s, "[]"), ", ")
	sort.Strings(words)
	return strings.Join(words, ", ")
}

// differs names the cases in which churten means to differ from the reference, and why.
var differs = map[string]string{
	"{{ q('flattened', nested_list) }}":                    "found in community.general",
	`{"with": "flattened", "terms": [[1, [2, [3]]], "x"]}`: "likewise",
	`{"with": "cartesian", "terms": [["a", "b"], [1, 2]]}`: "likewise",
}

func readJSON(t *testing.T, path string) *value.Dict {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(string(b))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v.(*value.Dict)
}

func str(d *value.Dict, key string) string {
	v, _ := d.GetStr(key)
	s, _ := v.(value.Str)
	return string(s)
}

// load makes templates of {"$template": …}, as a loader does with strings.
func load(t *testing.T, root string, v value.Value) value.Value {
	switch c := v.(type) {
	case value.Str:
		return value.Str(strings.ReplaceAll(string(c), "ROOT", root))
	case *value.Dict:
		if src, ok := c.GetStr("$template"); ok {
			tmpl, err := expr.CompileTemplate(value.Text(src), source.Pos{})
			if err != nil {
				t.Fatal(err)
			}
			return tmpl
		}
		out := value.NewDict(c.Len())
		for k, item := range c.All() {
			item = load(t, root, item)
			out.Lazy = out.Lazy || lazy(item)
			out.Set(k, item)
		}
		return out
	case *value.List:
		out := &value.List{}
		for _, item := range c.Items {
			item = load(t, root, item)
			out.Lazy = out.Lazy || lazy(item)
			out.Items = append(out.Items, item)
		}
		return out
	}
	return v
}

func lazy(v value.Value) bool {
	_, tmpl := v.(*expr.Template)
	return tmpl || value.IsLazy(v)
}

func scope(t *testing.T, root string) expr.Vars {
	vars, all := expr.Vars{}, value.NewDict(0)
	for k, v := range readJSON(t, "testdata/context.json").All() {
		vars[value.Text(k)] = load(t, root, v)
		all.Set(k, value.None)
	}
	vars["vars"] = all
	vars["ansible_search_path"] = value.Strings(root)
	vars["playbook_dir"] = value.Str(root)
	return vars
}
