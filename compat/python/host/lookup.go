package host

import (
	"context"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// LookupFile is a lookup that Python has.
type LookupFile struct {
	Path      string
	Undefined bool // undefined terms and options are for it to judge (accept_args_markers)
}

// FindLookup gives the lookup of that name, nil when Python has none.
func (h *Host) FindLookup(ctx context.Context, name string) (*LookupFile, error) {
	v, err := h.Call(ctx, Request{Op: "lookup.find", Args: value.DictOf("name", value.Str(name))})
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, nil
	}
	path, _ := d.GetStr("path")
	markers, _ := d.GetStr("markers")
	text, _ := value.AsText(path)
	return &LookupFile{Path: text, Undefined: markers == value.Value(value.True)}, nil
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
