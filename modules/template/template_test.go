package template

import (
	"context"
	"testing"

	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/copy"
	"github.com/churten/churten/modules/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

type vars []*value.Dict

func (v vars) Lookup(name string) (value.Value, bool, error) {
	for _, d := range v {
		if item, ok := d.GetStr(name); ok {
			return item, true, nil
		}
	}
	return nil, false, nil
}

func jinjaRender(text string, taskVars *value.Dict, o module.RenderOptions) (string, error) {
	opts := document.DefaultOptions()
	opts.BlockStart, opts.BlockEnd = o.BlockStart, o.BlockEnd
	opts.VarStart, opts.VarEnd = o.VariableStart, o.VariableEnd
	opts.CommentStart, opts.CommentEnd = o.CommentStart, o.CommentEnd
	opts.TrimBlocks, opts.LstripBlocks, opts.Newline = o.TrimBlocks, o.LstripBlocks, o.NewlineSequence
	ctx := expr.NewCtx(context.Background(), jinja.NewEnv(jinja.Options{}), vars{o.Vars, taskVars})
	return document.Render(ctx, "t.j2", text, opts)
}

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.OfAction(&Action, jinjaRender, &copy.Module, &file.Module), moduletest.Options{NoInvocation: true})
}
