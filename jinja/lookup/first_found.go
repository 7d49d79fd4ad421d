package lookup

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	p := add("first_found", firstFound)
	p.undefined, p.files = true, true
}

// firstFound gives the first file that exists.
func firstFound(c *Call) ([]value.Value, error) {
	kind := ""
	terms := c.Terms
	if c.With {
		// The directory goes by the name of the task's action: template,
		// include_vars …
		kind = "files"
		for _, k := range []string{"template", "var", "file"} {
			if strings.Contains(c.Action, k) {
				kind = k + "s"
				break
			}
		}
	}
	clean, err := plainTerms(value.NewList(terms...), c.With)
	if err != nil {
		return nil, err
	}
	terms = clean.(*value.List).Items
	for k, v := range c.options {
		if c.options[k], err = value.Deep(v); err != nil {
			return nil, err
		}
	}
	if len(terms) == 0 {
		if terms, err = c.list("files"); err != nil {
			return nil, err
		}
	}
	names, err := c.candidates(terms)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		path, err := c.find(kind, name)
		if err != nil {
			return nil, err
		}
		if path != "" {
			return []value.Value{value.Str(path)}, nil
		}
	}
	if c.flag("skip", false) {
		return []value.Value{}, nil
	}
	return nil, errors.New("No file was found when using first_found.")
}

// plainTerms forces v; with omit what is undefined is left out.
func plainTerms(v value.Value, omit bool) (value.Value, error) {
	v, err := value.Force(v)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case *expr.Undefined:
		if omit {
			return nil, nil
		}
		return nil, x.Fault()
	case *value.List:
		out := value.NewList()
		for _, item := range x.Items {
			if item, err = plainTerms(item, omit); err != nil {
				return nil, err
			}
			if item != nil {
				out.Items = append(out.Items, item)
			}
		}
		return out, nil
	case *value.Dict:
		out := value.NewDict(x.Len())
		for k, item := range x.All() {
			if item, err = plainTerms(item, omit); err != nil {
				return nil, err
			}
			if item != nil {
				out.Set(k, item)
			}
		}
		return out, nil
	}
	return value.Deep(v)
}

// candidates gives the names to look for. The options of a dict among the terms
// hold for what follows too, as in the reference.
func (c *Call) candidates(terms []value.Value) ([]string, error) {
	var out []string
	for _, t := range terms {
		switch x := t.(type) {
		case *value.Dict:
			c.options = map[string]value.Value{}
			for k, v := range x.All() {
				c.options[value.Text(k)] = v
			}
			files, err := c.list("files")
			if err != nil {
				return nil, err
			}
			names, err := c.combine(files)
			if err != nil {
				return nil, err
			}
			out = append(out, names...)
			continue
		case *value.List:
			names, err := c.candidates(x.Items)
			if err != nil {
				return nil, err
			}
			out = append(out, names...)
			continue
		}
		if _, ok := value.AsText(t); !ok {
			return nil, fmt.Errorf("Invalid term supplied. A string, dict or list is required, not '%s').", t.Type())
		}
		names, err := c.combine([]value.Value{t})
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	return out, nil
}

// combine gives each file in each of the option paths.
func (c *Call) combine(files []value.Value) ([]string, error) {
	paths, err := c.list("paths")
	if err != nil {
		return nil, err
	}
	names := apart(files, ",;")
	dirs := apart(paths, ",:;")
	if len(dirs) == 0 {
		return names, nil
	}
	var out []string
	for _, d := range dirs {
		for _, n := range names {
			if filepath.IsAbs(n) {
				out = append(out, n)
				continue
			}
			out = append(out, strings.TrimSuffix(d, "/")+"/"+n)
		}
	}
	return out, nil
}

// apart splits texts at any of seps.
func apart(vals []value.Value, seps string) []string {
	var out []string
	for _, v := range vals {
		out = append(out, strings.FieldsFunc(value.Text(v), func(r rune) bool { return strings.ContainsRune(seps, r) })...)
	}
	return out
}
