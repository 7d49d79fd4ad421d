package lookup

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("vars", variables)
	add("varnames", varnames)
	add("inventory_hostnames", hostnames)
	add("config", setting)
}

// variables gives variables by name.
func variables(c *Call) ([]value.Value, error) {
	def := c.option("default")
	out := make([]value.Value, 0, len(c.Terms))
	for _, t := range c.Terms {
		name, ok := value.AsText(t)
		if !ok {
			return nil, fmt.Errorf("Variable name must be 'str' not '%s'.", t.Type())
		}
		raw, found, err := c.Ctx.Scope.Lookup(name)
		if err != nil {
			return nil, err
		}
		switch {
		case found:
			v, err := expr.Bind(c.Ctx, raw)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		case def != nil:
			out = append(out, def)
		default:
			return nil, &expr.UndefinedError{Name: name, Msg: fmt.Sprintf("No variable named '%s' was found.", name)}
		}
	}
	return out, nil
}

// varnames gives the names of the variables that patterns match.
func varnames(c *Call) ([]value.Value, error) {
	all, err := c.Ctx.Find("vars")
	if err != nil {
		return nil, err
	}
	names, _, ok := mapping(all)
	if !ok {
		return nil, errors.New("No variables available to search")
	}
	out := []value.Value{}
	for _, t := range c.Terms {
		pattern, ok := value.AsText(t)
		if !ok {
			return nil, fmt.Errorf("Invalid setting identifier, \"%s\" is not a string, it is a <class '%s'>", value.Text(t), t.Type())
		}
		re, err := pyre.Compile(pattern, 0)
		if err != nil {
			return nil, fmt.Errorf("Unable to use \"%s\" as a search parameter: %s", pattern, err)
		}
		for _, n := range names {
			m, err := re.Search(value.Text(n))
			if err != nil {
				return nil, err
			}
			if m != nil {
				out = append(out, n)
			}
		}
	}
	return out, nil
}

// hostnames gives the hosts that a pattern matches.
func hostnames(c *Call) ([]value.Value, error) {
	patterns := make([]string, len(c.Terms))
	for i, t := range c.Terms {
		patterns[i] = value.Text(t)
	}
	hosts, err := c.ctl.Hosts(strings.Join(patterns, ","))
	if err != nil {
		return []value.Value{}, nil // as the reference: no hosts, whatever is wrong with the pattern
	}
	return texts(hosts), nil
}

// pluginKinds are the kinds of plugins that have settings.
var pluginKinds = []string{"become", "cache", "callback", "cliconf", "connection", "httpapi", "inventory", "lookup", "netconf", "shell", "vars"}

// setting gives settings of this run, or of a plugin in it.
func setting(c *Call) ([]value.Value, error) {
	kind, plugin := c.text("plugin_type", ""), c.text("plugin_name", "")
	missing := c.text("on_missing", "error")
	if err := oneOf("on_missing", missing, []string{"error", "skip", "warn"}); err != nil {
		return nil, err
	}
	if kind != "" {
		if err := oneOf("plugin_type", kind, pluginKinds); err != nil {
			return nil, err
		}
	}
	if (kind == "") != (plugin == "") {
		return nil, fmt.Errorf("Both plugin_type and plugin_name are required, cannot use one without the other.")
	}
	out := []value.Value{}
	for _, t := range c.Terms {
		name, ok := value.AsText(t)
		if !ok {
			return nil, fmt.Errorf("Invalid setting identifier, %s is not a <class 'str'>, its a <class '%s'>.", value.Repr(t), t.Type())
		}
		v, origin, err := c.ctl.Setting(SettingQuery{Name: name, Kind: kind, Plugin: plugin, Var: c.variable})
		switch {
		case errors.Is(err, ErrNoSetting) && missing == "skip":
			continue
		case errors.Is(err, ErrNoSetting) && missing == "warn":
			c.warn(fmt.Sprintf("Skipping %s: %s", name, err))
			continue
		case err != nil:
			return nil, err
		}
		if c.flag("show_origin", false) {
			v = value.NewTuple(v, origin)
		}
		out = append(out, v)
	}
	return out, nil
}

// variable gives the value of a variable, for what a lookup reads of them.
func (c *Call) variable(name string) (value.Value, bool, error) {
	v, err := c.Ctx.Find(name)
	if err != nil || expr.IsUndefined(v) {
		return nil, false, err
	}
	v, err = value.Deep(v)
	return v, err == nil, err
}

func oneOf(option, v string, choices []string) error {
	if slices.Contains(choices, v) {
		return nil
	}
	return fmt.Errorf("Invalid value '%s' for config '%s' for 'config' lookup plugin.", v, option)
}
