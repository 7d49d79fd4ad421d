package ansibleutils

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("get_path", "_get_path", getPath)
	add("to_paths", "_to_paths", toPaths)
}

// getPath evaluates an expression whose variables are the items of a dict.
func getPath(c *expr.Call) (value.Value, error) {
	positional := *c
	positional.Args = c.Args[:min(len(c.Args), 2)] // wantlist has a name or is not seen
	args, err := arguments(&positional, []string{"var", "path", "wantlist"}, "path")
	if err != nil {
		return nil, err
	}
	wantList, err := boolean("wantlist", args["wantlist"])
	if err != nil {
		return nil, err
	}
	d, ok := args["var"].(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("jinja2.environment.Template.render() argument after ** must be a mapping, not %s", args["var"].Type())
	}
	tmpl, err := expr.CompileTemplate("{{"+value.Text(args["path"])+"}}", source.Pos{})
	if err != nil {
		var bad *expr.SyntaxError
		if errors.As(err, &bad) {
			return nil, errors.New(bad.Msg)
		}
		return nil, err
	}
	v, err := tmpl.Eval(expr.NewCtx(c.Ctx.Std, c.Ctx.Env, items{d}))
	if err == nil && wantList {
		v = value.NewList(v)
	}
	return v, err
}

// items makes a dict's items variables.
type items struct{ *value.Dict }

func (s items) Lookup(name string) (value.Value, bool, error) {
	v, ok := s.GetStr(name)
	return v, ok, nil
}

// toPaths gives a dict of all values in v, each under the path that leads to it.
func toPaths(c *expr.Call) (value.Value, error) {
	args, err := arguments(c, []string{"var", "prepend", "wantlist"})
	if err != nil {
		return nil, err
	}
	wantList, err := boolean("wantlist", args["wantlist"])
	if err != nil {
		return nil, err
	}
	out := value.NewDict(0)
	var at value.Value = value.Str("")
	if given(args["prepend"]) {
		at = value.Str(value.Text(args["prepend"]))
	}
	data := orNone(args["var"])
	if at == value.Str("") && empty(data) {
		return data, nil
	}
	if err := flatten(out, at, data); err != nil {
		return nil, err
	}
	if wantList {
		return value.NewList(out), nil
	}
	return out, nil
}

func empty(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, *value.List:
		return !value.Truth(v)
	}
	return false
}

// flatten enters v and what is in it below the path at. A path of one key is that key, whatever its type.
func flatten(out *value.Dict, at, v value.Value) error {
	if !empty(v) {
		switch x := v.(type) {
		case *value.Dict:
			for k, item := range x.All() {
				path, err := below(at, k)
				if err != nil {
					return err
				}
				if err := flatten(out, path, item); err != nil {
					return err
				}
			}
			return nil
		case *value.List:
			for i, item := range x.Items {
				if err := flatten(out, value.Str(fmt.Sprintf("%s[%d]", value.Text(at), i)), item); err != nil {
					return err
				}
			}
			return nil
		}
	}
	out.Set(at, v)
	return nil
}

func below(at, key value.Value) (value.Value, error) {
	if at == value.Str("") {
		return key, nil
	}
	name, ok := value.AsText(key)
	if !ok {
		return nil, fmt.Errorf("expected string or bytes-like object, got '%s'", key.Type())
	}
	if _, ok := value.AsText(at); !ok {
		return nil, fmt.Errorf("unsupported operand type(s) for +: '%s' and 'str'", at.Type())
	}
	if isName(name) {
		return value.Str(value.Text(at) + "." + name), nil
	}
	return value.Str(value.Text(at) + "['" + name + "']"), nil
}

// isName reports whether s can stand behind a dot.
func isName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
}
