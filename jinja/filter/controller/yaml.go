package controller

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

func init() {
	addFilter("to_yaml", "to_yaml", toYAML)
	addFilter("to_nice_yaml", "to_nice_yaml", toNiceYAML)
	addFilter("from_yaml", "from_yaml", fromYAML)
	addFilter("from_yaml_all", "from_yaml_all", fromYAMLAll)
}

func toYAML(c *expr.Call) (value.Value, error) {
	var v value.Value
	var rest []value.Value // taken and not used, as in the reference
	var kw *value.Dict
	if err := c.Unpack("a", &v, "*args", &rest, "**kwargs", &kw); err != nil {
		return nil, err
	}
	return dump(v, kw, yaml.DumpOptions{SortKeys: true})
}

func toNiceYAML(c *expr.Call) (value.Value, error) {
	var v value.Value
	var indent value.Value = value.Int(4)
	var rest []value.Value
	var kw *value.Dict
	if err := c.Unpack("a", &v, "indent?", &indent, "*args", &rest, "**kwargs", &kw); err != nil {
		return nil, err
	}
	all := value.DictOf("indent", indent)
	for k, arg := range kw.All() {
		all.Set(k, arg)
	}
	return dump(v, all, yaml.DumpOptions{SortKeys: true, Flow: yaml.Block})
}

func dump(v value.Value, kw *value.Dict, o yaml.DumpOptions) (value.Value, error) {
	for k, arg := range kw.All() {
		if err := setOption(&o, value.Text(k), arg); err != nil {
			return nil, err
		}
	}
	s, err := yaml.Dump(v, o)
	return value.Str(s), err
}

// setOption sets one of yaml.dump's keyword arguments.
func setOption(o *yaml.DumpOptions, name string, arg value.Value) error {
	switch name {
	case "default_flow_style":
		o.Flow = nil
		if arg != value.None {
			o.Flow = yaml.Block
			if value.Truth(arg) {
				o.Flow = yaml.InFlow
			}
		}
	case "indent", "width":
		n, ok := value.AsInt(arg)
		if !ok && arg != value.None {
			return errors.New("an integer is required")
		}
		if name == "indent" {
			o.Indent = int(n)
		} else {
			o.Width = int(n)
		}
	case "sort_keys":
		o.SortKeys = value.Truth(arg)
	case "canonical":
		o.Canonical = value.Truth(arg)
	case "explicit_start":
		o.ExplicitStart = value.Truth(arg)
	case "explicit_end":
		o.ExplicitEnd = value.Truth(arg)
	case "line_break":
		o.LineBreak, _ = value.AsText(arg)
	case "default_style":
		o.Style = 0
		if s, ok := value.AsText(arg); ok && s != "" {
			o.Style = s[0]
		}
	case "version":
		return setVersion(o, arg)
	case "allow_unicode":
		return errors.New("yaml.dump() got multiple values for keyword argument 'allow_unicode'")
	case "tags", "encoding", "Dumper", "stream":
		if arg != value.None {
			return fmt.Errorf("the argument %s of yaml.dump is not supported here, leave it out", name)
		}
	default:
		return fmt.Errorf("dump_all() got an unexpected keyword argument '%s'", name)
	}
	return nil
}

func setVersion(o *yaml.DumpOptions, arg value.Value) error {
	if arg == value.None {
		return nil
	}
	parts, err := value.Items(arg)
	if err != nil || len(parts) != 2 {
		return errors.New("a version is a list of two numbers, such as [1, 1]")
	}
	o.Version = value.Text(parts[0]) + "." + value.Text(parts[1])
	return nil
}

// yamlText gives the text to be read; ok is false for other values, which the
// filters hand back with a warning.
func yamlText(c *expr.Call) (v value.Value, s string, ok bool, err error) {
	if err := c.Unpack("data", &v); err != nil {
		return nil, "", false, err
	}
	if b, isBytes := v.(value.Bytes); isBytes {
		return v, string(b), true, nil
	}
	s, ok = value.AsText(v)
	if !ok && v != value.None {
		warn(c, fmt.Sprintf("The %s filter ignored non-string input of type '%s'.", c.Name, v.Type()))
	}
	return v, s, ok, nil
}

func fromYAML(c *expr.Call) (value.Value, error) {
	v, s, ok, err := yamlText(c)
	if err != nil || !ok {
		return v, err
	}
	doc, err := yaml.Parse([]byte(s), "")
	if err != nil {
		return nil, yamlError(err)
	}
	return decode(c, doc)
}

func fromYAMLAll(c *expr.Call) (value.Value, error) {
	v, s, ok, err := yamlText(c)
	if err != nil {
		return nil, err
	}
	if v == value.None {
		return value.NewList(), nil
	}
	if !ok {
		return v, nil
	}
	docs, err := yaml.ParseAll([]byte(s), "")
	if err != nil {
		return nil, yamlError(err)
	}
	out := value.NewList()
	for _, doc := range docs {
		v, err := decode(c, doc)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

func decode(c *expr.Call, doc *yaml.Document) (value.Value, error) {
	if err := checkTags(doc.Root); err != nil {
		return nil, err
	}
	for _, w := range doc.Warnings {
		warn(c, w.Msg)
	}
	return doc.Value()
}

// checkTags refuses the tags of playbooks and of applications: plain data knows YAML's own only.
func checkTags(n *yaml.Node) error {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return fmt.Errorf("could not determine a constructor for the tag '%s'\n%s", n.Tag, where(n.Pos))
	}
	for _, item := range n.Items {
		if err := checkTags(item); err != nil {
			return err
		}
	}
	for _, p := range n.Pairs {
		if err := checkTags(p.Key); err != nil {
			return err
		}
		if err := checkTags(p.Value); err != nil {
			return err
		}
	}
	return nil
}

// where is a place as PyYAML prints it.
func where(pos source.Pos) string {
	return fmt.Sprintf("  in \"<unicode string>\", line %d, column %d", pos.Line, pos.Col)
}

// yamlError words what is wrong as PyYAML does, not as the loader of playbooks.
func yamlError(err error) error {
	var p *yaml.Problem
	var e *source.Error
	switch {
	case errors.As(err, &p):
		return errors.New(p.Error())
	case errors.As(err, &e):
		msg := strings.TrimSuffix(strings.TrimPrefix(e.Msg, "YAML parsing failed: "), ".")
		if strings.HasPrefix(msg, "Could not") {
			msg = "c" + msg[1:]
		}
		if e.Pos.Line == 0 {
			return errors.New(msg)
		}
		return errors.New(msg + "\n" + where(e.Pos))
	}
	return err
}
