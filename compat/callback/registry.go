package callback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/modules/kit/event"
)

// Spec declares a callback: its file calls add with it.
type Spec struct {
	Name       string // without its collection
	Collection string // where the reference has it, "ansible.builtin"
	// Stdout is set on callbacks that may be the one that has stdout.
	Stdout bool
	// Always is set on callbacks that are there without being enabled.
	Deprecated string // what the reference says of it when it is loaded
	Settings   []config.Setting
	New        func(*Env) (event.Listener, error)
}

// Env is what a callback is made with.
type Env struct {
	Base
	Config *config.Settings
	spec   *Spec
}

// Text gives one of the callback's own settings.
func (e *Env) Text(name string) (string, error) {
	i := slices.IndexFunc(e.spec.Settings, func(s config.Setting) bool { return s.Name == name })
	if i < 0 {
		panic("callback " + e.spec.Name + ": no setting " + name)
	}
	return e.Config.Own(e.spec.Settings[i])
}

// Choice says which callbacks a run has.
type Choice struct {
	Stdout  string
	Enabled []string
	// Own reports whether the user has a callback of that name, which goes
	// before a native one; may be nil.
	Own func(name string) bool
	// Foreign loads callbacks that are not native: the one for stdout ("" if that
	// one is native), and others by name. native are those that are loaded here.
	// It gives nil if there is none to load; Foreign itself may be nil.
	Foreign func(stdout string, enabled, native []string) (event.Listener, error)
}

func (c *Choice) find(name string) *Spec {
	if c.Own != nil && c.Own(name) {
		return nil
	}
	return Find(name)
}

var specs []*Spec

func add(s Spec) { specs = append(specs, &s) }

// Find gives the callback called name, in full or without its collection; nil
// if there is none.
func Find(name string) *Spec {
	for _, s := range specs {
		if name == s.Name || name == s.Collection+"."+s.Name || name == "ansible.legacy."+s.Name {
			return s
		}
	}
	return nil
}

// Names lists the callbacks there are.
func Names() []string {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	slices.Sort(names)
	return names
}

// NewSet makes the callbacks of a run.
func NewSet(base Base, set *config.Settings, choice Choice) (*Set, error) {
	s := &Set{Display: base.Display}
	var all []*Spec
	var foreign []string
	stdout := ""
	first := choice.find(choice.Stdout)
	switch {
	case first == nil && choice.Foreign == nil:
		return nil, unknown(choice.Stdout)
	case first == nil:
		stdout = choice.Stdout
	case !first.Stdout:
		return nil, fmt.Errorf("the callback %s does not print results: enable it with callbacks_enabled, and choose another stdout_callback", choice.Stdout)
	default:
		all = append(all, first)
	}
	for _, name := range choice.Enabled {
		spec := choice.find(name)
		if spec == nil && choice.Foreign == nil {
			return nil, unknown(name)
		}
		if spec == nil {
			foreign = append(foreign, name)
		} else if !slices.Contains(all, spec) && !spec.Stdout {
			all = append(all, spec)
		}
	}
	if choice.Foreign != nil {
		var native []string
		for _, spec := range all {
			native = append(native, spec.Name, spec.Collection+"."+spec.Name)
		}
		l, err := choice.Foreign(stdout, foreign, native)
		if err != nil {
			return nil, err
		}
		if l != nil {
			s.All = append(s.All, l)
		}
	}
	for _, spec := range all {
		l, err := spec.New(&Env{Base: base, Config: set, spec: spec})
		if err != nil {
			return nil, fmt.Errorf("callback %s: %w", spec.Name, err)
		}
		if spec.Deprecated != "" {
			base.Deprecated(spec.Deprecated)
		}
		if stdout == "" && spec == all[0] {
			s.All = slices.Insert(s.All, 0, l)
			continue
		}
		s.All = append(s.All, l)
	}
	return s, nil
}

func unknown(name string) error {
	return fmt.Errorf("there is no callback %s in churten (there are: %s)", name, strings.Join(Names(), ", "))
}
