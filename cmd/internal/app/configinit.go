package app

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// configInit prints a configuration with all defaults, to begin from.
func configInit(ctx context.Context, o ConfigOptions) error {
	r, err := newConfigRun(o)
	if err != nil {
		return err
	}
	defer r.closeOwn()
	var all []config.Definition
	kinds, base := r.kinds()
	if base {
		all = r.settings("base")
	}
	for _, kind := range kinds {
		for _, plugin := range r.plugins(ctx, kind) {
			all = append(all, r.settings(kind+"/"+plugin)...)
		}
	}
	out := r.Out
	var text bytes.Buffer
	r.Out = &text
	defer func() { _, _ = out.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n"))) }()
	all = slices.DeleteFunc(all, func(d config.Definition) bool { return d.Declared != nil && len(d.Description()) == 0 })
	switch o.Format {
	case "env":
		r.initEnv(all)
		return nil
	case "vars":
		return r.initVars(all)
	}
	r.initIni(all)
	return nil
}

// off is what makes a line a comment.
func (r *configRun) off(mark string) string {
	if r.Disabled {
		return mark
	}
	return ""
}

// comment says what a setting takes, and whether it does anything here.
func (r *configRun) comment(d config.Definition) string {
	if d.Declared != nil {
		lines := d.Description()
		if r.Format == "ini" {
			return fmt.Sprintf("# (%s) %s", first(d.Type, "string"), strings.Join(lines, "\n# "))
		}
		return fmt.Sprintf("# %s(%s): %s", d.Name, first(d.Type, "string"), strings.Join(lines, "\n#"))
	}
	kind := first(d.Type, "string")
	if len(d.Choices) > 0 {
		kind += ": " + strings.Join(d.Choices, ", ")
	}
	text := fmt.Sprintf("# (%s) %s", kind, d.Name)
	if d.Deprecated {
		text += ", deprecated"
	}
	if !d.HasEffect() {
		text += "; no effect in churten"
	}
	return text
}

// plain is a default as ansible.cfg and the environment have it.
func (r *configRun) plain(d config.Definition) string {
	text, isText := d.Default.(value.Str)
	if d.Declared != nil && d.Default != value.None {
		return value.Text(d.Default)
	}
	if isText && !strings.Contains(string(text), "{{") {
		return string(text)
	}
	v := d.Default
	if isText { // a template: what it comes to
		d.Env, d.Ini = nil, nil
		if typed, _, err := r.set.Typed(d); err == nil {
			v = typed
		}
	}
	switch v := v.(type) {
	case value.NoneType:
		return ""
	case *value.List:
		var parts []string
		for _, one := range v.Items {
			parts = append(parts, value.Text(one))
		}
		if strings.HasPrefix(d.Type, "pathspec") {
			return strings.Join(parts, ":")
		}
		return strings.Join(parts, ", ")
	}
	return value.Text(v)
}

func (r *configRun) initIni(all []config.Definition) {
	var sections []string
	texts := map[string][]string{}
	for _, d := range all {
		if len(d.Ini) == 0 {
			continue
		}
		section, key, _ := strings.Cut(d.Ini[len(d.Ini)-1], ".")
		line := r.off(";") + key + "=" + r.plain(d)
		if slices.ContainsFunc(texts[section], func(t string) bool { return strings.HasSuffix(t, "\n"+line) }) {
			continue // of another plugin
		}
		if texts[section] == nil {
			sections = append(sections, section)
		}
		texts[section] = append(texts[section], r.comment(d)+"\n"+line)
	}
	for _, section := range sections {
		fmt.Fprintf(r.Out, "[%s]\n%s\n\n\n", section, strings.Join(texts[section], "\n\n"))
	}
}

func (r *configRun) initEnv(all []config.Definition) {
	told := map[string]bool{}
	for _, d := range all {
		if len(d.Env) == 0 || told[d.Env[len(d.Env)-1]] {
			continue
		}
		name := d.Env[len(d.Env)-1]
		told[name] = true
		text := r.plain(d)
		_, isText := d.Default.(value.Str)
		switch {
		case d.Declared != nil:
		case d.Default == value.Value(value.True):
			text = "1"
		case d.Default == value.Value(value.False):
			text = "0"
		}
		if (d.Declared == nil || isText) && strings.ContainsAny(text, " \t'\"$&;<>()|*?#~") {
			text = "'" + strings.ReplaceAll(text, "'", `'"'"'`) + "'"
		}
		fmt.Fprintf(r.Out, "%s\n%s%s=%s\n\n", r.comment(d), r.off("#"), name, text)
	}
}

// initVar is a variable with a setting's default.
func (r *configRun) initVar(name string, d config.Definition) (string, error) {
	if d.Declared == nil {
		return yaml.Dump(value.DictOf(name, d.Default), yaml.DumpOptions{Flow: yaml.Block})
	}
	if d.Default == value.Value(value.None) {
		d.Default = value.Str("")
	}
	text, err := yaml.Dump(d.Default, yaml.DumpOptions{Flow: yaml.InFlow})
	return name + ": " + strings.TrimSuffix(text, "...\n"), err
}

func (r *configRun) initVars(all []config.Definition) error {
	told := map[string]bool{}
	for _, d := range all {
		if len(d.Vars) == 0 || told[d.Vars[len(d.Vars)-1]] {
			continue
		}
		name := d.Vars[len(d.Vars)-1]
		told[name] = true
		text, err := r.initVar(name, d)
		if err != nil {
			return err
		}
		fmt.Fprintln(r.Out, r.comment(d))
		for line := range strings.Lines(text) {
			fmt.Fprint(r.Out, r.off("#")+line)
		}
		fmt.Fprint(r.Out, "\n\n")
	}
	return nil
}
