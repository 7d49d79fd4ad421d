package module

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// CheckAction checks the arguments of an action, and gives its warnings. Paths
// are left as they are: an action's may be the controller's or the host's.
// The error is a *Failure.
func CheckAction(a *Action, raw *value.Dict) (Args, []string, error) {
	if raw == nil {
		raw = value.NewDict(0)
	}
	short := a.Name[strings.LastIndexByte(a.Name, '.')+1:]
	if a.Unsupported != "" {
		for k := range raw.All() {
			if name := value.Text(k); !a.Spec.knows(name) {
				return Args{}, nil, &Failure{Msg: strings.ReplaceAll(a.Unsupported, "%s", name)}
			}
		}
	}
	checked, err := Check(&a.Spec, short, raw, nil)
	if err != nil {
		var f *Failure
		if errors.As(err, &f) {
			return checked.Args, checked.Warnings, f
		}
		return checked.Args, checked.Warnings, &Failure{Msg: err.Error(), Err: err}
	}
	if strings.HasPrefix(a.Name, "ansible.builtin.") {
		return checked.Args, nil, nil // the reference's actions do not tell of two names for one argument
	}
	return checked.Args, checked.Warnings, nil
}

func (s *Spec) knows(name string) bool {
	if s.AnyArgs {
		return true
	}
	args := s.All()
	for i := range args {
		if args[i].Name == name {
			return true
		}
		for _, alias := range args[i].Aliases {
			if alias == name {
				return true
			}
		}
	}
	return false
}

// ToBool gives the truth that v stands for by the rules of bool arguments: yes,
// no, 1, "true" …; ok is false for anything else.
func ToBool(v value.Value) (truth, ok bool) {
	b, err := toBool(v)
	if err != nil {
		return false, false
	}
	return bool(b.(value.Bool)), true
}

// ToFloat gives the number that v stands for by the rules of float arguments.
func ToFloat(v value.Value) (number float64, ok bool) {
	f, err := toFloat(v)
	if err != nil {
		return 0, false
	}
	return float64(f.(value.Float)), true
}

// ToInt gives the whole number that v stands for by the rules of int arguments.
func ToInt(v value.Value) (int64, error) {
	i, err := toInt(v)
	if err != nil {
		return 0, err
	}
	switch n := i.(type) {
	case value.Int:
		return int64(n), nil
	case value.Bool:
		return (Args{value.DictOf("n", n)}).Int("n"), nil
	}
	return 0, fmt.Errorf("%s is too large", value.Text(v))
}

// StrictBool is ToBool for what has to be one; the error says what would be.
func StrictBool(v value.Value) (bool, error) {
	b, err := toBool(v)
	return err == nil && value.Truth(b), err
}
