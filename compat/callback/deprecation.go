package callback

import (
	"strings"

	"github.com/churten/churten/jinja/value"
)

// helpOf is the hidden key of a result under which messages have what is said
// behind them, but not registered.
const helpOf = "_ansible_churten_help_of"

// deprecation tells an entry of a result's deprecations: what, from where and
// when it will be gone. Seen on ansible-core 2.19.14.
func deprecation(d *value.Dict) string {
	field := func(d *value.Dict, name string) string {
		v, ok := d.GetStr(name)
		if !ok || v == value.Value(value.None) {
			return ""
		}
		return value.Text(v)
	}
	name, kind := field(d, "collection_name"), ""
	if v, ok := d.GetStr("deprecator"); ok {
		if p, ok := v.(*value.Dict); ok {
			name, kind = field(p, "resolved_name"), field(p, "type")
		}
	}
	text := strings.TrimSuffix(field(d, "msg"), ".") + ". This feature will be removed"
	parts := strings.SplitN(name, ".", 3)
	switch {
	case len(parts) < 2:
		return text + " in the future."
	case parts[0]+"."+parts[1] == "ansible.builtin":
		text += " from ansible-core"
	case kind != "" && len(parts) == 3:
		text += " from " + kind + " '" + parts[2] + "' in collection '" + parts[0] + "." + parts[1] + "'"
	default:
		text += " from collection '" + parts[0] + "." + parts[1] + "'"
	}
	switch date, version := field(d, "date"), field(d, "version"); {
	case date != "":
		return text + " in a release after " + date + "."
	case version != "":
		return text + " version " + version + "."
	}
	return text + " in a future release."
}

// withHelp adds to text what a result says behind the message msg.
func (c *Base) withHelp(text, msg string, result *value.Dict) string {
	v, _ := result.GetStr(helpOf)
	all, _ := v.(*value.Dict)
	if help, ok := all.GetStr(msg); ok {
		if c.helped == nil {
			c.helped = map[string]string{}
		}
		c.helped[msg] = value.Text(help)
	}
	if help := c.helped[msg]; help != "" {
		return text + " " + help
	}
	return text
}
