package app

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/playbook"
)

// extraVars reads -e in all its forms: @file, YAML or JSON, key=value.
func extraVars(l *load.Loader, options []string) (*value.Dict, error) {
	out := value.NewDict(4)
	for _, o := range options {
		d, err := extraVar(l, o)
		if err != nil {
			return nil, err
		}
		out.Lazy = out.Lazy || d.Lazy
		for k, v := range d.All() {
			out.Set(k, v)
		}
	}
	return out, nil
}

func extraVar(l *load.Loader, o string) (*value.Dict, error) {
	switch {
	case strings.HasPrefix(o, "@"):
		path := absolute(o[1:])
		if !exists(path) {
			return nil, fmt.Errorf("Unable to retrieve file contents.\nCould not find or access '%s' on the Ansible Controller.\n"+
				"If you are using a module and expect the file to exist on the remote, see the remote_src option: [Errno 2] No such file or directory: '%s'", path, path)
		}
		return extraFile(l, path)
	case o != "" && (o[0] == '/' || o[0] == '.'):
		return nil, &OptionsError{fmt.Errorf("Please prepend extra_vars filename '%s' with '@'", o)}
	case o != "" && (o[0] == '[' || o[0] == '{'):
		doc, err := l.Parse([]byte(o), "<CLI option '-e'>")
		if err != nil {
			return nil, &ContentError{err}
		}
		d, ok := doc.Value.(*value.Dict)
		if !ok {
			return nil, &OptionsError{fmt.Errorf("Invalid extra vars data supplied. '%s' could not be made into a dictionary", o)}
		}
		return d, nil
	}
	pairs, err := playbook.KeyValues(o)
	if err != nil {
		return nil, &ContentError{err}
	}
	d := value.NewDict(len(pairs))
	for _, p := range pairs {
		pos := source.Inline("<CLI option '-e'>", p.Value)
		v := l.Put(load.Text(p.Value, pos), pos)
		d.Lazy = d.Lazy || value.IsLazy(v) || v.Type() == "template"
		d.SetStr(p.Key, v)
	}
	return d, nil
}

// extraFile reads the file of -e @path.
func extraFile(l *load.Loader, path string) (*value.Dict, error) {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return nil, &ContentError{fmt.Errorf("An error occurred while trying to read the file '%s': [Errno 21] Is a directory: '%s'", path, path)}
	}
	d, err := l.Vars(path)
	var other *load.NotMapping
	switch {
	case errors.As(err, &other):
		return nil, &OptionsError{fmt.Errorf("Invalid extra vars data supplied. '@%s' could not be made into a dictionary", path)}
	case err != nil && strings.Contains(err.Error(), " parsing failed: "): // of YAML or JSON
		return nil, &ContentError{err}
	}
	return d, err
}
