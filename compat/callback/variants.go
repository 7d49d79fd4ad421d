package callback

import (
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/event"
)

// The callbacks here are default with results shown in another way.
func init() {
	add(Spec{Name: "debug", Collection: "ansible.posix", Stdout: true,
		New: func(e *Env) (event.Listener, error) {
			c := &Default{Base: e.Base}
			c.present = c.outputsApart
			return c, nil
		}})
	add(Spec{Name: "yaml", Collection: "community.general", Stdout: true, Deprecated: yamlDeprecated,
		New: func(e *Env) (event.Listener, error) {
			c := &Default{Base: e.Base}
			c.present = c.changedThenYAML
			return c, nil
		}})
}

const yamlDeprecated = "community.general.yaml has been deprecated. The plugin has been superseded by the option `result_format=yaml` in callback plugin ansible.builtin.default from ansible-core 2.13 onwards. This feature will be removed from collection 'community.general' version 12.0.0."

// outputsApart shows what commands said below the result, as it was said.
func (c *Base) outputsApart(d *value.Dict) string {
	rest := d.Clone()
	var b strings.Builder
	for _, key := range []string{"stdout", "stderr", "msg", "module_stdout", "module_stderr"} {
		v, ok := rest.GetStr(key)
		if !ok {
			continue
		}
		if text := value.Text(v); text != "" {
			b.WriteString("\n\n" + strings.ToUpper(key) + ":\n\n" + text + "\n")
		}
		rest.Delete(value.Str(key))
		rest.Delete(value.Str(key + "_lines"))
	}
	return JSON(c.visible(rest), 4) + strings.TrimSuffix(b.String(), "\n")
}

// changedThenYAML shows a result as lines of YAML, with what changed on the
// first.
func (c *Base) changedThenYAML(d *value.Dict) string {
	rest := withoutLines(c.visible(d))
	head := ""
	for _, key := range []string{"changed", "skipped"} {
		if v, ok := rest.GetStr(key); ok && key == "changed" {
			head += "changed=" + strings.ToLower(value.Text(v)) + " "
		}
		rest.Delete(value.Str(key))
	}
	if rest.Len() == 0 {
		return head
	}
	text, err := yaml.Dump(rest, yaml.DumpOptions{Indent: 2, Width: 1000, Flow: yaml.Block, SortKeys: true, Text: readable})
	if err != nil {
		return value.Repr(rest)
	}
	return head + "\n" + indented(strings.TrimRight(text, "\n"), "  ")
}
