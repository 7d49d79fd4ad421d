package lookup

import (
	"fmt"
	"path/filepath"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("template", template).files = true }

// template renders template files.
func template(c *Call) ([]value.Value, error) {
	more, err := c.dict("template_vars")
	if err != nil {
		return nil, err
	}
	o := TemplateOptions{
		VariableStart: c.text("variable_start_string", "{{"), VariableEnd: c.text("variable_end_string", "}}"),
		CommentStart: c.text("comment_start_string", "{#"), CommentEnd: c.text("comment_end_string", "#}"),
		TrimBlocks: c.flag("trim_blocks", true),
	}
	search, err := c.dirs()
	if err != nil {
		return nil, err
	}
	out := make([]value.Value, 0, len(c.Terms))
	for _, t := range c.Terms {
		name, err := term(t, "startswith")
		if err != nil {
			return nil, err
		}
		path, err := c.find("templates", name)
		if err != nil {
			return nil, err
		}
		if path == "" {
			return nil, fmt.Errorf("the template file %s could not be found for the lookup", name)
		}
		text, err := c.ctl.ReadFile(path)
		if err != nil {
			return nil, reason(path, err)
		}
		own, err := c.ctl.TemplateVars(c.Ctx, name, path)
		if err != nil {
			return nil, err
		}
		for k, v := range more.All() {
			own.Set(k, v)
		}
		o.Search = []string{filepath.Dir(path)}
		for _, d := range search {
			o.Search = append(o.Search, filepath.Join(d, "templates"), d)
		}
		ctx := expr.NewCtx(c.Ctx.Std, c.Ctx.Env, over{own, c.Ctx.Scope})
		ctx.Notices = c.Ctx.Notices
		v, err := c.ctl.Template(ctx, path, string(text), o)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// over is a scope with a few variables on top.
type over struct {
	vars  *value.Dict
	below expr.Scope
}

func (o over) Lookup(name string) (value.Value, bool, error) {
	if v, ok := o.vars.GetStr(name); ok {
		return v, true, nil
	}
	if o.below == nil {
		return nil, false, nil
	}
	return o.below.Lookup(name)
}
