package host

import (
	"context"

	"github.com/churten/churten/jinja/value"
)

// PluginOptions gives the options that a plugin declares, as its documentation
// has them; nil if there is no plugin of that kind and name. The reference knows
// those of a collection's plugins by another name than the full one; loaded says
// that they are meant, too.
func (h *Host) PluginOptions(ctx context.Context, kind, name string, loaded bool) (*value.Dict, error) {
	v, err := h.Call(ctx, Request{Op: "options.of", Args: value.DictOf("kind", value.Str(kind), "name", value.Str(name), "loaded", value.Bool(loaded))})
	d, _ := v.(*value.Dict)
	return d, err
}

// OwnPlugins gives the names of the plugins of a kind that are not ansible-core's.
func (h *Host) OwnPlugins(ctx context.Context, kind string) ([]string, error) {
	v, err := h.Call(ctx, Request{Op: "options.own", Args: value.DictOf("kind", value.Str(kind))})
	l, ok := v.(*value.List)
	if err != nil || !ok {
		return nil, err
	}
	names := make([]string, 0, len(l.Items))
	for _, item := range l.Items {
		names = append(names, value.Text(item))
	}
	return names, nil
}
