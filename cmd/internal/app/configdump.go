package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
)

// shown is one setting with its value in force.
type shown struct {
	name, origin string
	value        value.Value
	effect       bool
}

// values gives the settings of one owner that are to be shown.
func (r *configRun) values(owner string) ([]shown, error) {
	var out []shown
	file := func() {
		if owner == "base" && !r.NoEffect {
			v := value.Value(value.None)
			if r.set.File != "" {
				v = value.Str(r.set.File)
			}
			out = append(out, shown{"CONFIG_FILE", "", v, true})
		}
	}
	told := false
	for _, d := range r.settings(owner) {
		if !told && d.Name > "CONFIG_FILE" {
			told = true
			file()
		}
		v, from, err := r.set.Typed(d)
		if err != nil {
			return nil, &OptionsError{err}
		}
		if r.OnlyChanged && (from.Text == "default" || from.Text == "REQUIRED") {
			continue
		}
		out = append(out, shown{d.Name, from.Text, v, d.HasEffect()})
	}
	return out, nil
}

func configDump(ctx context.Context, o ConfigOptions) error {
	r, err := newConfigRun(o)
	if err != nil {
		return err
	}
	defer r.closeOwn()
	if o.Format == "json" || o.Format == "yaml" {
		return r.dumpData(ctx)
	}
	kinds, base := r.kinds()
	if base {
		all, err := r.values("base")
		if err != nil {
			return err
		}
		for _, s := range all {
			r.line(s)
		}
		if !r.NoEffect {
			fmt.Fprint(r.Out, "\nGALAXY_SERVERS:\n")
		}
	}
	for _, kind := range kinds {
		if err := r.dumpKind(ctx, kind, base); err != nil {
			return err
		}
	}
	return nil
}

func (r *configRun) dumpKind(ctx context.Context, kind string, headed bool) error {
	var body strings.Builder
	for _, plugin := range r.plugins(ctx, kind) {
		all, err := r.values(kind + "/" + plugin)
		if err != nil {
			return err
		}
		if len(all) == 0 && (r.OnlyChanged || r.NoEffect) {
			continue
		}
		fmt.Fprintf(&body, "\n%s:\n%s\n", plugin, strings.Repeat("_", len(plugin)))
		to := r.display.Out
		r.display.Out = &body
		for _, s := range all {
			r.line(s)
		}
		r.display.Out = to
	}
	if headed && (body.Len() > 0 || !r.OnlyChanged && !r.NoEffect) {
		title := strings.ToUpper(kind)
		if kind == "become" || r.OnlyChanged || r.NoEffect {
			fmt.Fprintln(r.Out)
		}
		fmt.Fprintf(r.Out, "\n%s:\n%s\n", title, strings.Repeat("=", len(title)))
	}
	if !headed && body.Len() == 0 {
		fmt.Fprintln(r.Out)
	}
	_, err := fmt.Fprint(r.Out, body.String())
	return err
}

// line shows one setting; what has no effect in churten is said to have none
// where only such are asked for.
func (r *configRun) line(s shown) {
	colour := callback.ColourChanged
	if s.origin == "default" || s.origin == "" {
		colour = callback.ColourOK
	}
	if s.origin == "REQUIRED" {
		colour = callback.ColourError
	}
	r.display.Print(fmt.Sprintf("%s(%s) = %s", s.name, s.origin, value.Text(s.value)), colour)
}

func (r *configRun) dumpData(ctx context.Context) error {
	out := value.Strings()
	items := func(owner string) (*value.List, error) {
		all, err := r.values(owner)
		if err != nil {
			return nil, err
		}
		l := value.Strings()
		for _, s := range all {
			l.Items = append(l.Items, value.DictOf("name", value.Str(s.name), "origin", value.Str(s.origin), "value", s.value))
		}
		return l, nil
	}
	kinds, base := r.kinds()
	if base {
		l, err := items("base")
		if err != nil {
			return err
		}
		out.Items = append(l.Items, value.DictOf("GALAXY_SERVERS", value.NewDict(0)))
	}
	for _, kind := range kinds {
		plugins := value.Strings()
		for _, plugin := range r.plugins(ctx, kind) {
			l, err := items(kind + "/" + plugin)
			if err != nil {
				return err
			}
			if len(l.Items) > 0 {
				plugins.Items = append(plugins.Items, value.DictOf(plugin, l))
			}
		}
		if base {
			out.Items = append(out.Items, value.DictOf(strings.ToUpper(kind)+"_PLUGINS", plugins))
		} else {
			out.Items = append(out.Items, plugins.Items...)
		}
	}
	return r.show(out)
}

func configList(ctx context.Context, o ConfigOptions) error {
	r, err := newConfigRun(o)
	if err != nil {
		return err
	}
	defer r.closeOwn()
	out := value.NewDict(256)
	kinds, base := r.kinds()
	if base {
		for _, d := range r.settings("base") {
			out.SetStr(d.Name, described(d))
		}
	}
	plugins := value.NewDict(16)
	for _, kind := range kinds {
		ofKind := value.NewDict(16)
		for _, plugin := range r.plugins(ctx, kind) {
			settings := value.NewDict(16)
			for _, d := range r.settings(kind + "/" + plugin) {
				settings.SetStr(d.Name, described(d))
			}
			ofKind.SetStr(plugin, settings)
		}
		plugins.SetStr(kind, ofKind)
	}
	if len(kinds) > 0 {
		out.SetStr("PLUGINS", plugins)
	}
	return r.show(out)
}

// described is a definition as ansible-config list has it; churten tells
// instead of a description whether the setting does anything.
func described(d config.Definition) *value.Dict {
	if d.Declared != nil {
		return d.Declared
	}
	out := value.NewDict(8)
	if d.Default != value.None {
		out.SetStr("default", d.Default)
	}
	named := func(key string, names []string, entry func(string) value.Value) {
		if len(names) == 0 {
			return
		}
		l := value.Strings()
		for _, n := range names {
			l.Items = append(l.Items, entry(n))
		}
		out.SetStr(key, l)
	}
	name := func(n string) value.Value { return value.DictOf("name", value.Str(n)) }
	if len(d.Choices) > 0 {
		out.SetStr("choices", value.Strings(d.Choices...))
	}
	out.SetStr("effect", value.Bool(d.HasEffect()))
	named("env", d.Env, name)
	named("ini", d.Ini, func(n string) value.Value {
		section, key, _ := strings.Cut(n, ".")
		return value.DictOf("key", value.Str(key), "section", value.Str(section))
	})
	if d.Required {
		out.SetStr("required", value.True)
	}
	if d.Type != "" {
		out.SetStr("type", value.Str(d.Type))
	}
	named("vars", d.Vars, name)
	return out
}
