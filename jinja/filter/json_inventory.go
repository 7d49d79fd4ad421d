package filter

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// inventoryLegacy is the profile of JSON in which ansible-inventory prints
// inventories and scripts give theirs.
const inventoryLegacy = "inventory_legacy"

// legacyInventory reads an inventory in that profile: dicts that stand for
// something else become it, and the variables of a trusted text are trusted.
type legacyInventory struct {
	ctx     *expr.Ctx
	trusted bool
}

func (l legacyInventory) read(v value.Value) (value.Value, error) {
	top, ok := v.(*value.Dict)
	if !ok {
		return l.plain(v, false)
	}
	out := value.NewDict(top.Len())
	for name, group := range top.All() {
		g, err := l.group(name, group)
		if err != nil {
			return nil, err
		}
		out.Set(name, g)
	}
	return special(out)
}

// group reads a group, whose variables are in vars, or _meta, where those of
// hosts are in hostvars.
func (l legacyInventory) group(name, v value.Value) (value.Value, error) {
	d, ok := v.(*value.Dict)
	if !ok {
		return l.plain(v, false)
	}
	holds := value.Str("vars")
	if name == value.Str("_meta") {
		holds = "hostvars"
	}
	out := value.NewDict(d.Len())
	for k, item := range d.All() {
		item, err := l.plain(item, l.trusted && k == value.Value(holds))
		if err != nil {
			return nil, err
		}
		out.Set(k, item)
	}
	return special(out)
}

func (l legacyInventory) plain(v value.Value, trusted bool) (value.Value, error) {
	switch v := v.(type) {
	case value.Str:
		if trusted {
			return l.ctx.Keep(v), nil
		}
	case *value.List:
		out := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			item, err := l.plain(item, trusted)
			if err != nil {
				return nil, err
			}
			out[i] = item
		}
		return value.NewList(out...), nil
	case *value.Dict:
		if _, unsafe := v.GetStr("__ansible_unsafe"); unsafe {
			return special(v)
		}
		out := value.NewDict(v.Len())
		for k, item := range v.All() {
			item, err := l.plain(item, trusted)
			if err != nil {
				return nil, err
			}
			out.Set(k, item)
		}
		return special(out)
	}
	return v, nil
}

// special gives what a dict with one of the profile's marks stands for.
func special(d *value.Dict) (value.Value, error) {
	if text, ok := d.GetStr("__ansible_unsafe"); ok {
		return text, nil
	}
	if t, ok := d.GetStr("__ansible_type"); ok {
		return nil, fmt.Errorf("Object of type %s is not JSON deserializable by the 'inventory_legacy' profile.", value.Repr(t))
	}
	if _, ok := d.GetStr("__ansible_vault"); ok {
		return nil, fmt.Errorf("churten reads no '__ansible_vault' from JSON")
	}
	return d, nil
}
