package expr

import (
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Noted gives a template's text with what note says of it in the place of each
// expression that cannot be evaluated: for names of tasks, which never fail.
func (t *Template) Noted(ctx *Ctx, note func(error) string) string {
	if t.stmts != nil || len(t.parts) < 2 {
		v, err := t.Eval(ctx)
		if err != nil {
			return note(err)
		}
		return value.Text(v)
	}
	st := ctx.state()
	outer := st.frame
	defer func() { st.frame = outer }()
	var b strings.Builder
	for _, part := range t.parts {
		st.frame = frame{at: t.pos}
		v, err := part(ctx)
		if err == nil {
			v, err = Concat(ctx, []value.Value{value.Str(""), v})
		}
		if err != nil {
			b.WriteString(note(renderError("template", t.pos, err)))
			continue
		}
		b.WriteString(value.Text(v))
	}
	return b.String()
}
