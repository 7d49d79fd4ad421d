package app

import (
	"os/exec"

	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/strategy"
)

// find gives the native halves of an action's name; what includes files and
// roles belongs to the strategy.
func find(name string) (*module.Module, *module.Action) {
	for _, a := range strategy.IncludeActions {
		if a.Name == name || a.Name == "ansible.builtin."+name || a.Name == "ansible.builtin."+trimLegacy(name) {
			return nil, a
		}
	}
	return modules.Lookup(name)
}

// isCode tells the arguments that an action evaluates itself; a plugin of the
// user's in place of a native action does not.
func (s *session) isCode(fqcn, arg string) bool {
	_, act := s.find(fqcn)
	if act == nil {
		return false
	}
	for _, a := range act.Args {
		if a.Name == arg {
			return a.Type == module.Expr
		}
	}
	return false
}

func trimLegacy(name string) string {
	const legacy = "ansible.legacy."
	if len(name) > len(legacy) && name[:len(legacy)] == legacy {
		return name[len(legacy):]
	}
	return name
}

// newEnv makes the environment of templates.
func (s *session) newEnv() *expr.Env {
	return jinja.NewEnv(jinja.Options{
		Controller:  controller{s},
		Extensions:  s.set.List("DEFAULT_JINJA2_EXTENSIONS"),
		Own:         s.python.own,
		Missing:     s.missingPlugin(),
		AllowBroken: s.set.Bool("ALLOW_BROKEN_CONDITIONALS"),
		Warn:        func(_ *expr.Ctx, message string) { s.display.Warning(message) },
	})
}

// playbookPython is the interpreter that ansible_playbook_python names: there is none
// in churten, so the one that scripts would find.
func playbookPython() string {
	if p, err := exec.LookPath("python3"); err == nil {
		return p
	}
	return "/usr/bin/python3"
}
