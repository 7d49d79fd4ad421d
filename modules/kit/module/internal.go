package module

import (
	"strings"

	"github.com/churten/churten/jinja/value"
)

// StripInternal takes keys that begin with _ansible_ out of what lies in a
// result, as the reference does; those of the result itself mean something.
func StripInternal(d *value.Dict) {
	for _, v := range d.All() {
		stripInternal(v)
	}
}

func stripInternal(v value.Value) {
	switch c := v.(type) {
	case *value.List:
		for _, item := range c.Items {
			stripInternal(item)
		}
	case *value.Dict:
		for _, k := range c.Keys() {
			if name, ok := k.(value.Str); ok && strings.HasPrefix(string(name), "_ansible_") {
				c.Delete(k)
				continue
			}
			item, _ := c.Get(k)
			stripInternal(item)
		}
	}
}
