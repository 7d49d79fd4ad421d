package module

import (
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
)

// TestCheck replays testdata/check.json, which testdata/record.py made by
// running the reference's AnsibleModule on each case.
func TestCheck(t *testing.T) {
	cases, name := loadCases(t)
	for _, c := range cases {
		args := dictAt(c, "args")
		label := value.Repr(dictAt(c, "spec")) + " " + value.Repr(dictAt(c, "kw")) + " " + value.Repr(args)
		spec := specOf(dictAt(c, "spec"), dictAt(c, "kw"))
		before := value.Repr(args)
		got, err := Check(spec, name, args, []string{"HOME=/root"})
		if value.Repr(args) != before {
			t.Errorf("%s\n  the arguments given were changed", label)
		}
		if want, ok := c.GetStr("msg"); ok {
			if err == nil || boolList(err.Error()) != boolList(value.Text(want)) {
				t.Errorf("%s\n   got error %v\n  want error %s", label, err, value.Text(want))
			}
		} else if err != nil {
			t.Errorf("%s\n  error %v", label, err)
		} else if want, _ := c.GetStr("params"); !same(got.Params, want) {
			t.Errorf("%s\n   got %s\n  want %s", label, value.Repr(got.Params), value.Repr(want))
		}
		want, _ := c.GetStr("invocation")
		if hidden := got.Secrets.Hide(got.Params); !same(hidden, want) {
			t.Errorf("%s\n  shows %s\n   want %s", label, value.Repr(hidden), value.Repr(want))
		}
		if want, ok := c.GetStr("warnings"); ok && value.Repr(want) != value.Repr(value.Strings(got.Warnings...)) || !ok && len(got.Warnings) > 0 {
			t.Errorf("%s\n  warnings %q", label, got.Warnings)
		}
		if want, ok := c.GetStr("deprecations"); ok && (len(got.Deprecated) != 1 || got.Deprecated[0].Msg != value.Text(want.(*value.List).Items[0])) {
			t.Errorf("%s\n  deprecated %v", label, got.Deprecated)
		}
	}
	if len(cases) < 1000 {
		t.Errorf("only %d cases", len(cases))
	}
}

// same compares texts of values, so that True and 1 differ, whatever the order
// of keys.
func same(a, b value.Value) bool { return value.Repr(sorted(a)) == value.Repr(sorted(b)) }

func sorted(v value.Value) value.Value {
	switch v := v.(type) {
	case *value.Dict:
		keys := v.Keys()
		sort.Slice(keys, func(i, j int) bool { return value.Text(keys[i]) < value.Text(keys[j]) })
		out := value.NewDict(v.Len())
		for _, k := range keys {
			item, _ := v.Get(k)
			out.Set(k, sorted(item))
		}
		return out
	case *value.List:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = sorted(item)
		}
		return value.NewList(items...)
	}
	return v
}

// boolList sorts the list of booleans in a message, which the reference gives
// in any order.
func boolList(msg string) string {
	head, list, ok := strings.Cut(msg, "Valid booleans include: ")
	if !ok {
		return msg
	}
	words := strings.Split(list, ", ")
	sort.Strings(words)
	return head + strings.Join(words, ", ")
}

func loadCases(t *testing.T) ([]*value.Dict, string) {
	t.Helper()
	data, err := os.ReadFile("testdata/check.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(string(data))
	if err != nil {
		t.Fatal(err)
	}
	doc := v.(*value.Dict)
	list, _ := doc.GetStr("cases")
	var cases []*value.Dict
	for _, item := range list.(*value.List).Items {
		cases = append(cases, item.(*value.Dict))
	}
	name, _ := doc.GetStr("module")
	return cases, value.Text(name)
}

func dictAt(d *value.Dict, key string) *value.Dict {
	v, _ := d.GetStr(key)
	out, _ := v.(*value.Dict)
	return out
}

func specOf(spec, kw *value.Dict) *Spec {
	_, files := kw.GetStr("add_file_common_args")
	return &Spec{Args: argsOf(spec), Rules: rulesOf(kw), FileArgs: files}
}

func argsOf(spec *value.Dict) []Arg {
	var args []Arg
	for k, v := range spec.All() {
		d := v.(*value.Dict)
		a := Arg{Name: value.Text(k), Required: flag(d, "required"), NoLog: flag(d, "no_log"), ApplyDefaults: flag(d, "apply_defaults"),
			Aliases: textsAt(d, "aliases"), Choices: textsAt(d, "choices"), RemovedIn: text(d, "removed_in_version"), Rules: rulesOf(d)}
		a.Type, a.Elements = typeNamed(text(d, "type"), Str), typeNamed(text(d, "elements"), Raw)
		if def, ok := d.GetStr("default"); ok {
			a.Default = def
		}
		if options := dictAt(d, "options"); options != nil {
			a.Options = argsOf(options)
		}
		args = append(args, a)
	}
	return args
}

func typeNamed(name string, otherwise Type) Type {
	for i, n := range typeNames {
		if n == name {
			return Type(i)
		}
	}
	return otherwise
}

func textsAt(d *value.Dict, key string) []string {
	v, _ := d.GetStr(key)
	return texts(v)
}

func texts(v value.Value) []string {
	switch v := v.(type) {
	case *value.List:
		var out []string
		for _, item := range v.Items {
			out = append(out, value.Text(item))
		}
		return out
	case value.Str:
		return []string{string(v)}
	}
	return nil
}

func rulesOf(kw *value.Dict) Rules {
	var r Rules
	groups := func(key string) (out [][]string) {
		v, _ := kw.GetStr(key)
		if l, ok := v.(*value.List); ok {
			for _, g := range l.Items {
				out = append(out, texts(g))
			}
		}
		return out
	}
	r.MutuallyExclusive, r.RequiredTogether, r.RequiredOneOf = groups("mutually_exclusive"), groups("required_together"), groups("required_one_of")
	if v, ok := kw.GetStr("required_if"); ok {
		for _, rule := range v.(*value.List).Items {
			f := rule.(*value.List).Items
			r.RequiredIf = append(r.RequiredIf, RequiredIf{Arg: value.Text(f[0]), Value: f[1], Then: texts(f[2]), Any: len(f) > 3 && value.Truth(f[3])})
		}
	}
	for k, v := range dictAt(kw, "required_by").All() {
		r.RequiredBy = append(r.RequiredBy, RequiredBy{Arg: value.Text(k), Then: texts(v)})
	}
	return r
}

func TestFromEnv(t *testing.T) {
	spec := &Spec{FileArgs: true}
	for _, c := range []struct {
		name string
		raw  *value.Dict
		env  []string
		want value.Value
	}{
		{"neither", value.NewDict(0), nil, value.False},
		{"the variable", value.NewDict(0), []string{"ANSIBLE_UNSAFE_WRITES=yes"}, value.True},
		{"the argument goes first", value.DictOf("unsafe_writes", value.False), []string{"ANSIBLE_UNSAFE_WRITES=1"}, value.False},
	} {
		t.Run(c.name, func(t *testing.T) {
			checked, err := Check(spec, "m", c.raw, c.env)
			if got := checked.Args.Value("unsafe_writes"); err != nil || got != c.want {
				t.Errorf("%v %v", got, err)
			}
		})
	}
	if _, err := Check(spec, "m", value.NewDict(0), []string{"ANSIBLE_UNSAFE_WRITES=maybe"}); err == nil {
		t.Error("no boolean is taken")
	}
}
