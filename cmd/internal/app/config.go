package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// ConfigOptions are the flags of ansible-config as they were given.
type ConfigOptions struct {
	File        string
	Type        string // base, all, or a kind of plugins
	Format      string
	OnlyChanged bool
	Disabled    bool
	NoEffect    bool
	Plugins     []string
	Verbosity   int
	Out, Err    io.Writer
}

// ConfigTypes are the values of -t; those between "all" and the end that are
// kinds of plugins come in this order.
var ConfigTypes = []string{"all", "base", "become", "cache", "callback", "cliconf", "connection", "httpapi", "inventory", "lookup", "netconf", "shell", "vars"}

// ConfigActions are what ansible-config does, by name.
var ConfigActions = map[string]func(context.Context, ConfigOptions) error{
	"list": configList, "dump": configDump, "view": configView, "init": configInit, "validate": configValidate,
}

// configRun is one call of ansible-config.
type configRun struct {
	ConfigOptions
	set     *config.Settings
	display *callback.Display
	own     *own
}

func newConfigRun(o ConfigOptions) (*configRun, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	home, _ := os.UserHomeDir()
	env := config.Environment{Getenv: os.LookupEnv, Dir: dir, Home: home}
	path := ""
	if o.File != "" {
		ok := false
		if path, ok = config.Exists(env, o.File); !ok {
			return nil, &OptionsError{fmt.Errorf("The provided configuration file is missing or not accessible: %s", path)}
		}
	}
	set, warnings, err := config.Open(env, path)
	if err != nil {
		return nil, &OptionsError{err}
	}
	r := &configRun{ConfigOptions: o, set: set, display: &callback.Display{Out: o.Out, Err: o.Err, Columns: 79, Verbosity: o.Verbosity}, own: &own{}}
	_, noColour := os.LookupEnv("ANSIBLE_NOCOLOR")
	r.display.Colours = isTerminal(o.Out) && !noColour && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if o.Verbosity > 0 {
		(&session{set: set, display: r.display}).sayConfig()
	}
	for _, w := range warnings {
		r.display.Warning(w)
	}
	if d, ok := config.Define("base", "DEPRECATION_WARNINGS"); ok {
		shown, _, err := set.Typed(d)
		r.display.HideDeprecated = err == nil && shown == value.Value(value.False)
	}
	sayDeprecated(r.display, set)
	return r, nil
}

// kinds are the kinds of plugins that were asked for; base tells about the rest.
func (r *configRun) kinds() (kinds []string, base bool) {
	switch r.Type {
	case "base":
		return nil, true
	case "all":
		return ConfigTypes[2:], true
	}
	return []string{r.Type}, false
}

// plugins are the names of a kind's plugins that were asked for.
func (r *configRun) plugins(ctx context.Context, kind string) []string {
	var names []string
	if len(r.Plugins) == 0 {
		for _, name := range r.ownNames(ctx, kind) {
			if r.define(ctx, kind, name) {
				names = append(names, name)
			}
		}
	}
	for _, d := range config.Reference() {
		if k, name, ok := strings.Cut(d.Owner, "/"); ok && k == kind && !slices.Contains(names, name) && (len(r.Plugins) == 0 || slices.Contains(r.Plugins, name)) {
			names = append(names, name)
		}
	}
	for _, p := range r.Plugins {
		if r.Type != kind || slices.Contains(names, p) {
			continue
		}
		if r.define(ctx, kind, p) {
			names = append(names, p)
		} else {
			r.display.Warning(fmt.Sprintf("Skipping %s as we could not find matching plugin", p))
		}
	}
	return names
}

// settings are the definitions of one owner, by name.
func (r *configRun) settings(owner string) []config.Definition {
	var out []config.Definition
	for _, d := range slices.Concat(config.Reference(), r.own.known[owner]) {
		if d.Owner == owner && !(r.NoEffect && d.HasEffect()) {
			out = append(out, d)
		}
	}
	if len(r.own.known[owner]) > 0 && (r.Format == "env" || r.Format == "vars") {
		return out
	}
	slices.SortStableFunc(out, func(a, b config.Definition) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func configView(ctx context.Context, o ConfigOptions) error {
	r, err := newConfigRun(o)
	if err != nil {
		return err
	}
	if r.set.File == "" {
		return &OptionsError{errors.New("Invalid or no config file was supplied")}
	}
	text, err := os.ReadFile(r.set.File)
	if err != nil {
		return err
	}
	pager, _ := config.Define("base", "PAGER")
	command, _, err := r.set.Typed(pager)
	if err != nil {
		return err
	}
	return page(ctx, text, value.Text(command), o.Out, o.Err)
}

func configValidate(_ context.Context, o ConfigOptions) error {
	r, err := newConfigRun(o)
	if err != nil {
		return err
	}
	kinds, base := r.kinds()
	owner := func(owner string) bool {
		kind, _, _ := strings.Cut(owner, "/")
		return owner == "base" && base || slices.Contains(kinds, kind)
	}
	var found []string
	if r.Format == "env" {
		found = unknownEnv(owner)
	} else {
		if r.set.File == "" {
			return nil
		}
		found = r.set.Unknown(owner)
	}
	for _, f := range found {
		fmt.Fprintln(r.Err, "[ERROR]: "+f)
	}
	if len(found) > 0 {
		return &toldError{}
	}
	fmt.Fprintln(r.Out, "All configurations seem valid!")
	return nil
}

// toldError is a fault that was told where it was found: exit status 1.
type toldError struct{}

func (*toldError) Error() string { return "the configuration has unknown settings" }

// Told reports whether err was told where it was found.
func Told(err error) bool {
	var told *toldError
	return errors.As(err, &told)
}

// unknownEnv tells the variables ANSIBLE_… that no setting has.
func unknownEnv(owner func(string) bool) []string {
	known := map[string]bool{"ANSIBLE_CONFIG": true}
	for _, d := range config.Reference() {
		if owner(d.Owner) {
			for _, e := range d.Env {
				known[e] = true
			}
		}
	}
	var out []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "ANSIBLE_") && !known[name] {
			out = append(out, fmt.Sprintf("Found unknown environment variable '%s'.", name))
		}
	}
	slices.Sort(out)
	return out
}

// show prints structures as JSON or YAML.
func (r *configRun) show(v value.Value) error {
	var text string
	var err error
	if r.Format == "json" {
		text, err = value.JSON{Indent: 4, SortKeys: true}.Text(v)
		text += "\n"
	} else {
		text, err = yaml.Dump(v, yaml.DumpOptions{Flow: yaml.Block, SortKeys: true})
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(r.Out, text)
	return err
}
