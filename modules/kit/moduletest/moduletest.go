// Package moduletest tests modules against what the reference was seen to do.
//
// modules/testdata/record.py runs the reference on the cases of
// modules/NAME/testdata/cases.yml and writes recorded.json beside it; Replay
// runs ours on the same, in a scratch directory, and compares results and
// files. A case runs as recorded: in check mode, which may change nothing,
// then really, then once more.
//
//	func TestReference(t *testing.T) { moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{}) }
package moduletest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Runner runs a case's arguments; Module.Run for modules.
type Runner func(ctx context.Context, args *value.Dict, o Run) *module.Result

// Run says how a case is run.
type Run struct {
	Check, Diff bool
	Root, Src   string // the scratch directory, and the controller's files
	Vars        *value.Dict
	Env         []string // NAME=value, besides this process's
}

// Of gives the Runner of a module.
func Of(m *module.Module) Runner {
	return func(ctx context.Context, args *value.Dict, o Run) *module.Result {
		return module.Run(ctx, m, args, &module.Call{As: m.Name, Check: o.Check, Diff: o.Diff, Dir: "/", Env: append(os.Environ(), o.Env...)})
	}
}

// Options of Replay.
type Options struct {
	// Skip names cases that differ on purpose, with the reason.
	Skip map[string]string
	// Mask are keys of results that are not compared in any case.
	Mask []string
	// Sort names lists of the result whose order is the file system's.
	Sort []string
	// Invocation is not compared where the recorder could not see it.
	NoInvocation bool
}

// Replay runs all cases of testdata/recorded.json.
func Replay(t *testing.T, run Runner, o Options) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("the cases were recorded as root")
	}
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(string(data))
	if err != nil {
		t.Fatal(err)
	}
	cases, _ := v.(*value.Dict).GetStr("cases")
	for _, item := range cases.(*value.List).Items {
		c := item.(*value.Dict)
		name := str(c, "name")
		t.Run(name, func(t *testing.T) {
			if why, ok := o.Skip[name]; ok {
				t.Skip(why)
			}
			replay(t, run, c, o)
		})
	}
	for name := range o.Skip {
		found := false
		for _, item := range cases.(*value.List).Items {
			found = found || str(item.(*value.Dict), "name") == name
		}
		if !found {
			t.Errorf("no case is named %q", name)
		}
	}
}

func replay(t *testing.T, run Runner, c *value.Dict, o Options) {
	work, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, src := filepath.Join(work, "root"), filepath.Join(work, "src")
	Build(t, root, sub(c, "before"))
	Build(t, src, sub(c, "src"))
	data, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	pairs, backs := []string{"{ROOT}", root, "{SRC}", src, "{CASES}", data}, []string{root, "{ROOT}", src, "{SRC}", data, "{CASES}"}
	var web *server
	if answers := sub(c, "serve"); answers != nil {
		web = serve(t, answers)
		pairs, backs = append(pairs, "{PORT}", web.port), append(backs, web.port, "{PORT}")
	}
	names, back := strings.NewReplacer(pairs...), strings.NewReplacer(backs...)
	var env []string
	if d := sub(c, "env"); d != nil {
		for k, v := range d.All() {
			env = append(env, names.Replace(value.Text(k)+"="+value.Text(v)))
		}
	}
	args := rename(sub(c, "args"), names).(*value.Dict)
	vars, _ := rename(orNone(sub(c, "vars")), names).(*value.Dict)
	mask := append(texts(c, "mask"), o.Mask...)
	diff := true
	if v, ok := c.GetStr("diff"); ok {
		diff = value.Truth(v)
	}
	last := Manifest(t, root)
	for _, kind := range []string{"check", "run", "again"} {
		want := sub(c, kind)
		if want == nil {
			continue
		}
		res := run(t.Context(), args, Run{Check: kind == "check", Diff: diff, Root: root, Src: src, Vars: vars, Env: env})
		got := rename(res.Dict(), back).(*value.Dict)
		wanted := sub(want, "result")
		if o.NoInvocation {
			got.Delete(value.Str("invocation"))
			wanted.Delete(value.Str("invocation"))
		}
		// What the reference's module does not catch comes out so.
		if msg, ok := strings.CutPrefix(str(got, "msg"), "Task failed: Module failed: "); ok {
			got.SetStr("msg", value.Str(msg))
			got.Delete(value.Str("invocation"))
		}
		if _, ok := wanted.GetStr("changed"); !ok && !res.Changed {
			got.Delete(value.Str("changed")) // the reference's executor adds it
		}
		for _, key := range []string{"stdout_lines", "stderr_lines"} {
			if !has(got, key) {
				wanted.Delete(value.Str(key)) // the executor adds them
			}
		}
		for _, k := range got.Keys() {
			if strings.HasPrefix(value.Text(k), "_ansible_") {
				got.Delete(k)
			}
		}
		if l, ok := wanted.GetStr("warnings"); ok && !value.Truth(l) {
			wanted.Delete(value.Str("warnings")) // the executor takes an empty list away
		}
		got.Delete(value.Str("exception"))
		wanted.Delete(value.Str("exception"))
		if dep, ok := got.GetStr("deprecations"); ok {
			got.SetStr("deprecations", messages(dep))
		}
		for _, key := range o.Sort {
			sortList(got, key)
			sortList(wanted, key)
		}
		if web != nil {
			requests, _ := want.GetStr("requests")
			compare(t, kind+" requests", rename(web.take(), back), requests)
		}
		compare(t, kind+" result", hide(got, mask), hide(wanted, mask))
		if v, ok := c.GetStr("files"); ok && !value.Truth(v) {
			continue
		}
		now := Manifest(t, root)
		if tree := sub(want, "tree"); tree != nil {
			compare(t, kind+" files", rename(now, back), tree)
		} else {
			compare(t, kind+" changes files:", rename(now, back), rename(last, back))
		}
		last = now
	}
}

// messages are the texts of deprecations, all that the recorder keeps.
func messages(v value.Value) value.Value {
	l := value.NewList()
	for _, item := range v.(*value.List).Items {
		m, _ := item.(*value.Dict).GetStr("msg")
		l.Items = append(l.Items, m)
	}
	return l
}

func orNone(d *value.Dict) value.Value {
	if d == nil {
		return value.None
	}
	return d
}

func sub(d *value.Dict, key string) *value.Dict {
	v, _ := d.GetStr(key)
	s, _ := v.(*value.Dict)
	return s
}

func str(d *value.Dict, key string) string {
	v, ok := d.GetStr(key)
	if !ok {
		return ""
	}
	return value.Text(v)
}

func texts(d *value.Dict, key string) (out []string) {
	v, _ := d.GetStr(key)
	if l, ok := v.(*value.List); ok {
		for _, item := range l.Items {
			out = append(out, value.Text(item))
		}
	}
	return out
}
