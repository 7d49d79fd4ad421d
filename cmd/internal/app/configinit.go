package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// configInit prints a configuration with all defaults, to begin from.
func configInit(_ context.Context, o ConfigOptions) error {
	r, err := newConfigRun(o)
	if err != nil {
		return err
	}
	var all []config.Definition
	kinds, base := r.kinds()
	if base {
		all = r.settings("base")
	}
	for _, kind := range kinds {
		for _, plugin := range r.plugins(kind) {
			all = append(all, r.settings(kind+"/"+plugin)...)
		}
	}
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
func comment(d config.Definition) string {
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
		texts[section] = append(texts[section], comment(d)+"\n"+line)
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
		switch d.Default {
		case value.True:
			text = "1"
		case value.False:
			text = "0"
		}
		if strings.ContainsAny(text, " \t'\"$&;<>()|*?#~") {
			text = "'" + strings.ReplaceAll(text, "'", `'"'"'`) + "'"
		}
		fmt.Fprintf(r.Out, "%s\n%s%s=%s\n\n", comment(d), r.off("#"), name, text)
	}
}

func (r *configRun) initVars(all []config.Definition) error {
	told := map[string]bool{}
	for _, d := range all {
		if len(d.Vars) == 0 || told[d.Vars[len(d.Vars)-1]] {
			continue
		}
		name := d.Vars[len(d.Vars)-1]
		told[name] = true
		text, err := yaml.Dump(value.DictOf(name, d.Default), yaml.DumpOptions{Flow: yaml.Block})
		if err != nil {
			return err
		}
		fmt.Fprintln(r.Out, comment(d))
		for line := range strings.Lines(text) {
			fmt.Fprint(r.Out, r.off("#")+line)
		}
		fmt.Fprint(r.Out, "\n\n")
	}
	return nil
}
