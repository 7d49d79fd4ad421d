package host

import (
	"context"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// HasLookup reports whether Python has a lookup of that name, and its file.
func (h *Host) HasLookup(ctx context.Context, name string) (path string, ok bool, err error) {
	v, err := h.Call(ctx, Request{Op: "lookup.find", Args: value.DictOf("name", value.Str(name))})
	if err != nil {
		return "", false, err
	}
	path, ok = value.AsText(v)
	return path, ok, nil
}

// Lookup runs a lookup. with is set for with_… loops. Errors are the plugin's.
func (h *Host) Lookup(ctx *expr.Ctx, name string, terms []value.Value, options *value.Dict, with bool) ([]value.Value, error) {
	v, err := h.Call(std(ctx), Request{
		Op:    "lookup.run",
		Args:  value.DictOf("name", value.Str(name), "terms", value.NewList(terms...), "options", options, "with", value.Bool(with)),
		Serve: Scope{ctx}.Serve, Trusted: ctx.Trusted,
	})
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, nil
	}
	errantly(ctx, d)
	v, _ = d.GetStr("value")
	if u, ok := v.(*expr.Undefined); ok {
		return nil, u.Fault()
	}
	return value.Items(v)
}
