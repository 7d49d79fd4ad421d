package inventory

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
)

// Raw gives v with templates as the text they were written as: what
// ansible-inventory shows of variables. Vaulted texts stay what they are.
func Raw(v value.Value) value.Value {
	switch v := v.(type) {
	case *expr.Template:
		return value.Str(v.Source())
	case *load.Broken:
		return value.Str(v.Source)
	case *value.List:
		if !v.Lazy {
			return v
		}
		items := make([]value.Value, len(v.Items))
		for i, x := range v.Items {
			items[i] = Raw(x)
		}
		return &value.List{Items: items}
	case *value.Dict:
		if !v.Lazy {
			return v
		}
		out := value.NewDict(v.Len())
		for k, x := range v.All() {
			out.Set(k, Raw(x))
		}
		return out
	}
	return v
}
