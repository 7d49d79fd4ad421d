package pkg

import (
	"context"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// call runs the action; the host has manager, and modules of the given names.
func call(t *testing.T, args *value.Dict, variable, manager string, names ...string) (*module.Result, string, error) {
	t.Helper()
	called := ""
	c := &module.ActionCall{Action: &Action}
	checked, _, err := module.CheckAction(&Action, args)
	if err != nil {
		t.Fatal(err)
	}
	c.Args = checked
	c.Var = func(name string) (value.Value, bool, error) {
		if name != useVar || variable == "" {
			return nil, false, nil
		}
		return value.Str(variable), true, nil
	}
	c.Module = func(ctx context.Context, name string, args *value.Dict, _ ...module.Blob) (*module.Result, error) {
		if name != "ansible.legacy.package" {
			t.Errorf("calls %s", name)
		}
		mc := &module.Call{}
		mc.Sub = func(_ context.Context, name string, args *value.Dict) (*module.Result, error) {
			if name == "ansible.legacy.setup" {
				return &module.Result{Facts: value.DictOf("ansible_pkg_mgr", value.Str(manager))}, nil
			}
			for _, n := range names {
				if n == name {
					called = name
					return &module.Result{Changed: true, Values: value.DictOf("args", args)}, nil
				}
			}
			return nil, &wire.Fail{Code: wire.CodeUnknownModule, Msg: "no " + name}
		}
		return module.Run(ctx, &Module, args, mc), nil
	}
	res, err := act(t.Context(), c)
	return res, called, err
}

func TestManager(t *testing.T) {
	for _, c := range []struct {
		use, variable, manager string
		called, err            string
	}{
		{"", "", "apt", "ansible.legacy.apt", ""},
		{"auto", "", "apt", "ansible.legacy.apt", ""},
		{"apt", "", "pacman", "ansible.legacy.apt", ""},
		{"community.general.apk", "", "apt", "community.general.apk", ""},
		{"apk", "", "apt", "apk", ""},
		{"", "apk", "apt", "apk", ""},
		{"apt", "apk", "apk", "ansible.legacy.apt", ""},
		{"", "", "yum", "", `Could not find a matching action for the "yum" package manager.`},
		{"", "none", "apt", "", `Could not find a matching action for the "none" package manager.`},
		{"", "", "unknown", "", `Could not detect which package manager to use. Try gathering facts or setting the "use" option.`},
	} {
		args := value.DictOf("name", value.Str("x"))
		if c.use != "" {
			args.SetStr("use", value.Str(c.use))
		}
		res, called, err := call(t, args, c.variable, c.manager, "ansible.legacy.apt", "community.general.apk", "apk")
		if err != nil || c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if called != c.called || !res.Changed {
			t.Errorf("%+v: called %q, %+v", c, called, res)
		}
		if got, _ := res.Values.GetStr("args"); value.Repr(got) != "{'name': 'x'}" {
			t.Errorf("%+v: arguments %s", c, value.Repr(got))
		}
	}
}
