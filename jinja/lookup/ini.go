package lookup

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/filter/pyini"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() { add("ini", ini).files = true }

// ini gives settings of an INI file or a Java properties file.
func ini(c *Call) ([]value.Value, error) {
	out := []value.Value{}
	given := c.options
	for _, t := range c.Terms {
		s, err := term(t, "split")
		if err != nil {
			return nil, err
		}
		key, err := c.iniTerm(s, given)
		if err != nil {
			return nil, err
		}
		vals, err := c.iniValues(key)
		if err != nil {
			return nil, err
		}
		out = append(out, vals...)
	}
	return out, nil
}

// iniTerm reads "key section=x file=y" into the options.
func (c *Call) iniTerm(s string, given map[string]value.Value) (string, error) {
	c.options = given
	if !strings.Contains(s, "=") {
		return s, nil
	}
	c.options = map[string]value.Value{}
	for k, v := range given {
		c.options[k] = v
	}
	key, last := "", ""
	for _, w := range split(s) {
		name, val, ok := strings.Cut(w, "=")
		if !ok {
			// A word goes on with the value before it, or with the key.
			if last == "" {
				key = strings.TrimSpace(key + " " + w)
			} else {
				c.options[last] = value.Str(value.Text(c.options[last]) + " " + w)
			}
			continue
		}
		switch name {
		case "file", "section", "type", "re", "default", "encoding", "case_sensitive", "allow_no_value", "allow_none", "interpolation":
		default:
			if key != "" {
				name = key + " " + name
			}
			return "", fmt.Errorf("'%s' is not a valid option.", name)
		}
		last = name
		c.options[name] = value.Str(unquote(val))
	}
	if key == "" {
		return "", fmt.Errorf("No key to look up was provided as first term within string inline options: %s", s)
	}
	return key, nil
}

func (c *Call) iniValues(key string) ([]value.Value, error) {
	kind := c.text("type", "ini")
	if kind != "ini" && kind != "properties" {
		return nil, fmt.Errorf("Invalid value '%s' for config 'type' for 'ini' lookup plugin.", kind)
	}
	name := c.text("file", "ansible.ini")
	path, err := c.find("files", name)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, errors.New("Invalid filename None.")
	}
	raw, err := c.ctl.ReadFile(path)
	if err != nil {
		return nil, reason(path, err)
	}
	text, err := value.DecodeText(string(raw), c.text("encoding", "utf-8"), "strict")
	if err != nil {
		return nil, err
	}
	section := c.text("section", "global")
	if kind == "properties" {
		// A properties file has no sections.
		text, section = "[java_properties]\n"+text, "java_properties"
	}
	f := &pyini.File{KeepCase: c.flag("case_sensitive", false),
		AllowNone: truthOf(orFalse(c.option("allow_no_value", "allow_none"))), Expand: c.flag("interpolation", true)}
	if err := f.Parse(text); err != nil {
		var dup *pyini.DuplicateError
		if errors.As(err, &dup) && dup.Option {
			return nil, fmt.Errorf("Duplicate option in '%s': %w", name, err)
		}
		return nil, err
	}
	if !f.Has(section) {
		return nil, fmt.Errorf("No section '%s' in '%s'.", section, name)
	}
	if c.flag("re", false) {
		return matching(f, section, key)
	}
	v, ok, err := f.Get(section, key)
	switch {
	case err != nil:
		return nil, err
	case !ok && c.option("default") != nil:
		return parts(c.option("default")), nil
	case !ok:
		return []value.Value{value.Str("")}, nil
	case v == nil:
		return nil, nil
	}
	return []value.Value{value.Str(*v)}, nil
}

func orFalse(v value.Value) value.Value {
	if v == nil {
		return value.False
	}
	return v
}

// matching gives the values of the keys that a pattern matches from their begin.
func matching(f *pyini.File, section, pattern string) ([]value.Value, error) {
	re, err := pyre.Compile(pattern, 0)
	if err != nil {
		return nil, err
	}
	out := []value.Value{}
	for _, key := range f.Keys(section) {
		m, err := re.Match(key)
		if err != nil {
			return nil, err
		}
		if m == nil {
			continue
		}
		v, _, err := f.Get(section, key)
		if err != nil {
			return nil, err
		}
		if v == nil {
			out = append(out, value.None)
		} else {
			out = append(out, value.Str(*v))
		}
	}
	return out, nil
}
