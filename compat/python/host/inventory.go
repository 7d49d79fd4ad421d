package host

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/value"
)

// Template makes a template of a text that Python trusts.
type Template = func(text string) (value.Value, error)

// InventoryPlugin gives the file of an inventory plugin, "" if there is none.
func (h *Host) InventoryPlugin(ctx context.Context, name string) (string, error) {
	v, err := h.Call(ctx, Request{Op: "inventory.find", Args: value.DictOf("name", value.Str(name))})
	if err != nil {
		return "", err
	}
	path, _ := value.AsText(v)
	return path, nil
}

// VerifyInventory reports whether a plugin takes a source.
func (h *Host) VerifyInventory(ctx context.Context, name, path string) (bool, error) {
	v, err := h.Call(ctx, Request{Op: "inventory.verify", Args: value.DictOf("name", value.Str(name), "path", value.Str(path))})
	return v == value.True, err
}

// ParseInventory lets a plugin read a source on top of what is known, in the
// form of its result: {hosts: [{name, vars}], groups: [{name, vars, hosts, children}]}.
func (h *Host) ParseInventory(ctx context.Context, name, path string, known *value.Dict, cache bool, template Template) (*value.Dict, error) {
	v, err := h.Call(ctx, Request{Op: "inventory.parse", Template: template,
		Args: value.DictOf("name", value.Str(name), "path", value.Str(path), "known", known, "cache", value.Bool(cache))})
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, errors.New("python gave no inventory")
	}
	return d, nil
}

// LoadVarsPlugins loads the vars plugins that are not native, and gives the
// stages at which there is one to ask.
func (h *Host) LoadVarsPlugins(ctx context.Context) (map[string]bool, error) {
	v, err := h.Call(ctx, Request{Op: "vars.load"})
	if err != nil {
		return nil, err
	}
	l, ok := v.(*value.List)
	if !ok {
		return nil, errors.New("python gave no list of stages")
	}
	stages := map[string]bool{}
	for _, item := range l.Items {
		stages[value.Text(item)] = true
	}
	return stages, nil
}

// PluginVars are the variables that one vars plugin has for something.
type PluginVars struct {
	Plugin string
	Vars   *value.Dict
}

// Vars asks the vars plugins for the variables of a group or host by what lies
// in dir. stage is "inventory", "task", or "all" for one that is neither.
func (h *Host) Vars(ctx context.Context, dir, name string, group bool, stage string, template Template) ([]PluginVars, error) {
	v, err := h.Call(ctx, Request{Op: "vars.get", Template: template,
		Args: value.DictOf("path", value.Str(dir), "name", value.Str(name), "group", value.Bool(group), "stage", value.Str(stage))})
	if err != nil {
		return nil, err
	}
	l, ok := v.(*value.List)
	if !ok {
		return nil, errors.New("python gave no list of variables")
	}
	var out []PluginVars
	for _, item := range l.Items {
		d, _ := item.(*value.Dict)
		plugin, _ := d.GetStr("name")
		vars, _ := d.GetStr("vars")
		vd, ok := vars.(*value.Dict)
		if !ok {
			return nil, errors.New("python gave variables that are no dict")
		}
		out = append(out, PluginVars{value.Text(plugin), vd})
	}
	return out, nil
}
