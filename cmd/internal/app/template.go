package app

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/templatevars"
)

// render renders a template file for the template module. The result is
// encoded as the options say.
func (s *session) render(ctx *expr.Ctx, path, text string, opts module.RenderOptions) (string, error) {
	o := document.DefaultOptions()
	o.TrimBlocks, o.LstripBlocks = opts.TrimBlocks, opts.LstripBlocks
	o.Newline = opts.NewlineSequence
	for _, d := range []struct {
		to   *string
		from string
	}{
		{&o.BlockStart, opts.BlockStart}, {&o.BlockEnd, opts.BlockEnd},
		{&o.VarStart, opts.VariableStart}, {&o.VarEnd, opts.VariableEnd},
		{&o.CommentStart, opts.CommentStart}, {&o.CommentEnd, opts.CommentEnd},
	} {
		if d.from != "" {
			*d.to = d.from
		}
	}
	if opts.Vars != nil {
		if err := s.managed(opts.Vars); err != nil {
			return "", err
		}
	}
	dirs, err := searchPath(ctx)
	if err != nil {
		return "", err
	}
	o.Search = withTemplates(append(dirs, s.invOpts.PlaybookDir, filepath.Dir(path)))
	o.Read = s.readText
	out, err := document.Render(ctx, path, text, o)
	if err != nil {
		return "", err
	}
	if enc := strings.ToLower(opts.OutputEncoding); enc != "" && enc != "utf-8" && enc != "utf8" {
		return value.EncodeText(out, opts.OutputEncoding, "strict")
	}
	return out, nil
}

// managed makes a template of what the setting of that name came to: it stands
// in the user's configuration.
func (s *session) managed(vars *value.Dict) error {
	v, _ := vars.GetStr("ansible_managed")
	text, ok := v.(value.Str)
	if !ok || !templatevars.IsTemplate(s.set.Str("DEFAULT_MANAGED_STR")) {
		return nil
	}
	t, err := expr.CompileTemplate(string(text), source.Pos{File: s.set.File})
	if err != nil {
		return fmt.Errorf("the setting ansible_managed: %w", err)
	}
	vars.SetStr("ansible_managed", t)
	return nil
}

// readText reads a file, its vault opened.
func (s *session) readText(path string) ([]byte, error) {
	text, _, err := s.content.Bytes(path)
	return text, err
}

// withTemplates puts the templates directory of each of dirs before it.
func withTemplates(dirs []string) []string {
	out := make([]string, 0, 2*len(dirs))
	for _, d := range dirs {
		out = append(out, filepath.Join(d, "templates"), d)
	}
	return out
}

// searchPath gives the variable ansible_search_path: where the files of the
// present task are looked for.
func searchPath(ctx *expr.Ctx) ([]string, error) {
	v, err := ctx.Find("ansible_search_path")
	if err != nil {
		return nil, err
	}
	list, ok := v.(*value.List)
	if !ok {
		return nil, nil
	}
	dirs := make([]string, 0, len(list.Items)+2)
	for _, item := range list.Items {
		dirs = append(dirs, value.Text(item))
	}
	return dirs, nil
}
