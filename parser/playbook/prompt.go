package playbook

import (
	"slices"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

var promptKeys = []string{"name", "prompt", "default", "private", "confirm", "encrypt", "salt_size", "salt", "unsafe"}

// varsPrompt reads the vars_prompt keyword.
func (l *Loader) varsPrompt(p *plan.Play, n *yaml.Node) error {
	for _, item := range items(n) {
		if item.Kind != yaml.Mapping {
			e := parseError(placeOf(item), "Invalid variable file contents.")
			e.Hint = "Variable files must contain either a dictionary of variables, or a list of dictionaries."
			return e
		}
		if item.Get("name") == nil {
			return parseError(n.Pos, "Invalid vars_prompt data structure, missing 'name' key")
		}
		for _, pair := range item.Pairs {
			if key := keyText(pair.Key); !slices.Contains(promptKeys, key) {
				return parseError(n.Pos, "Invalid vars_prompt data structure, found unsupported key '%s'", key)
			}
		}
		prompt, err := l.prompt(item)
		if err != nil {
			return err
		}
		p.VarsPrompt = append(p.VarsPrompt, prompt)
	}
	return nil
}

func (l *Loader) prompt(n *yaml.Node) (plan.Prompt, error) {
	p := plan.Prompt{Private: true, Pos: n.Pos}
	if err := l.checkName(n.Get("name")); err != nil {
		return p, err
	}
	for _, pair := range n.Pairs {
		if isNull(pair.Value) {
			continue
		}
		var err error
		s := value.Text(plainValue(pair.Value))
		switch keyText(pair.Key) {
		case "name":
			p.Name = s
		case "prompt":
			p.Text = s
		case "default":
			p.Default, err = l.value(pair.Value)
		case "private":
			p.Private, err = boolean("private", pair.Value)
		case "confirm":
			p.Confirm, err = boolean("confirm", pair.Value)
		case "unsafe":
			p.Unsafe, err = boolean("unsafe", pair.Value)
		case "encrypt":
			p.Encrypt = s
		case "salt":
			p.Salt = s
		case "salt_size":
			if size, ok := plainValue(pair.Value).(value.Int); ok {
				p.SaltSize = int(size)
			} else {
				err = parseError(pair.Value.Pos, "salt_size of vars_prompt must be an integer, not %s", value.Repr(plainValue(pair.Value)))
			}
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}
