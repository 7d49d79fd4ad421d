package ansibleutils

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// arguments gives a filter's arguments by name, checked as the reference checks
// them against the documentation: positional ones in the order of names (those
// too many are passed over there), unknown keywords and missing required ones
// are errors.
func arguments(c *expr.Call, names []string, required ...string) (map[string]value.Value, error) {
	got := map[string]value.Value{}
	for i, v := range c.Args {
		if i < len(names) {
			got[names[i]] = v
		}
	}
	for k, v := range c.Kwargs.All() {
		name := value.Text(k)
		if !slices.Contains(names, name) {
			known := slices.Sorted(slices.Values(names))
			return nil, badArgument("%s. Supported parameters include: %s.", name, strings.Join(known, ", "))
		}
		got[name] = v
	}
	for _, name := range required {
		if !given(got[name]) {
			return nil, badArgument("missing required arguments: %s", name)
		}
	}
	return got, nil
}

// boolean converts an argument as the reference's check does.
func boolean(name string, v value.Value) (bool, error) {
	if !given(v) {
		return false, nil
	}
	switch strings.ToLower(value.Text(v)) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true, nil
	case "n", "no", "off", "0", "false", "f", "0.0":
		return false, nil
	}
	return false, badArgument("argument '%s' is of type %s and we were unable to convert to bool: The value %s is not a valid boolean. Valid booleans include: 'y', 'yes', 'on', '1', 'true', 't', 1, 'n', 'no', 'off', '0', 'false', 'f', 0",
		name, v.Type(), value.Repr(v))
}
