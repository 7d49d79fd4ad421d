package snap

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// option is what the task asks of the configuration.
type option struct {
	snap       string // "" for all of the task
	key, value string
}

func (o option) String() string { return o.key + "=" + o.value }

// options reads the task's options.
func (j *job) options(names []string) ([]option, error) {
	var all []option
	for _, text := range j.Args.Strs("options") {
		o, ok := parse(text)
		if !ok {
			return nil, j.fail("", "Cannot parse set option '%s'", text)
		}
		if o.snap != "" && !slices.Contains(names, o.snap) {
			return nil, j.fail("", "Snap option '%s' refers to snap which is not in the list of snap names", text)
		}
		all = append(all, o)
	}
	return all, nil
}

// parse reads KEY=VALUE or SNAP:KEY=VALUE.
func parse(text string) (option, bool) {
	key, val, _ := strings.Cut(text, "=")
	snap, rest, colon := strings.Cut(key, ":")
	if colon {
		key = rest
	} else {
		snap = ""
	}
	key, val = strings.TrimSpace(key), strings.TrimSpace(val)
	if key == "" || val == "" || colon && snap == "" || strings.ContainsAny(key, " \t\r\n") || strings.HasPrefix(key, "-") {
		return option{}, false
	}
	return option{snap, key, val}, true
}

// configure sets the options that are not as asked for. Check mode knows nothing
// of the options of a fresh snap: they all count.
func (j *job) configure(ctx context.Context, names []string, options []option, fresh map[string]bool) (bool, error) {
	changes := value.NewList()
	for _, name := range names {
		var mine, set []option
		for _, o := range options {
			if o.snap == "" || o.snap == name {
				mine = append(mine, o)
			}
		}
		if len(mine) == 0 {
			continue
		}
		set = mine
		if !j.Check || !fresh[name] {
			have, err := j.configuration(ctx, name)
			if err != nil {
				return false, err
			}
			set = slices.DeleteFunc(mine, func(o option) bool { return same(have, o) })
		}
		if len(set) == 0 {
			continue
		}
		words := make([]string, len(set))
		for i, o := range set {
			words[i] = o.String()
			changes.Items = append(changes.Items, value.Str(name+":"+words[i]))
		}
		if j.Check {
			continue
		}
		out, err := j.snap(ctx, append([]string{"set", name}, words...)...)
		if err != nil {
			return false, err
		}
		if out.RC != 0 {
			return false, j.fail("", "Cannot set options '%s' for snap '%s': error=%s", strings.Join(words, " "), name, out.Stderr)
		}
	}
	if len(changes.Items) > 0 {
		j.vars.SetStr("options_changed", changes)
	}
	return len(changes.Items) > 0, nil
}

// configuration gives the options of a snap. That snap get fails means that
// there are none.
func (j *job) configuration(ctx context.Context, name string) (*value.Dict, error) {
	out, err := j.snap(ctx, "get", "-d", name)
	if err != nil || out.RC != 0 {
		return value.DictOf(), err
	}
	v, err := value.ParseJSON(out.Stdout)
	d, _ := v.(*value.Dict)
	if err != nil || d == nil {
		cause := ""
		if err != nil {
			cause = err.Error()
		}
		return nil, j.fail("", "Parsing option map returned by 'snap get %s' triggers exception '%s', output:\n'%s'", name, cause, out.Stdout)
	}
	return d, nil
}

// same tells whether an option is as asked for: as text, or as the JSON that
// snap set makes of it.
func same(have *value.Dict, o option) bool {
	var v value.Value = have
	for word := range strings.SplitSeq(o.key, ".") {
		d, ok := v.(*value.Dict)
		if !ok {
			return false
		}
		if v, ok = d.GetStr(word); !ok {
			return false
		}
	}
	if want, err := value.ParseJSON(o.value); err == nil && value.Equal(v, want) && isBool(v) == isBool(want) {
		return true
	}
	switch v.(type) {
	case *value.Dict, *value.List:
		return false
	}
	return value.Text(v) == o.value
}

// isBool tells true from 1, which are equal.
func isBool(v value.Value) bool {
	_, ok := v.(value.Bool)
	return ok
}
