package document

import (
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/syntax"
)

// gate stands for statements that are only there where jinja2_extensions says
// so. Templates are compiled before it is known what it says; what would have
// been the error is kept until then.
type gate struct {
	extension string
	err       error
}

// HasExtension reports whether churten knows a Jinja extension. Those that
// Jinja has long had built in do nothing.
func HasExtension(name string) bool {
	switch name {
	case "jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.autoescape", "jinja2.ext.with_":
		return true
	}
	return false
}

func (g *gate) open(env *expr.Env) bool {
	return slices.Contains(env.Extensions, g.extension)
}

// gate notes that the statement at hand, called name, needs an extension.
func (f *front) gate(extension, name string) {
	if f.gated == nil || f.gated.extension != extension {
		// The tag itself is not open yet as far as the message goes.
		tags := f.tags
		f.tags = f.tags[:len(f.tags)-1]
		err := syntaxError(f.failTag(name))
		f.tags = tags
		if f.gated == nil {
			f.gated = &gate{extension, err}
		}
	}
}

// doStmt evaluates an expression for what it does.
type doStmt struct{ code *code }

func readDo(f *front, _ syntax.At) error {
	f.gate("jinja2.ext.do", "do")
	n, err := f.Tuple(false)
	if err != nil {
		return err
	}
	f.leaf(&doStmt{f.code(n)})
	return nil
}

func (s *doStmt) names(t *table) { t.load(s.code) }

func (s *doStmt) exec(r *run) error {
	_, err := r.eval(s.code)
	return err
}

// jumpStmt is break or continue.
type jumpStmt struct{ err error }

func readBreak(f *front, _ syntax.At) error {
	f.gate("jinja2.ext.loopcontrols", "break")
	f.leaf(jumpStmt{errBreak})
	return nil
}

func readContinue(f *front, _ syntax.At) error {
	f.gate("jinja2.ext.loopcontrols", "continue")
	f.leaf(jumpStmt{errContinue})
	return nil
}

func (jumpStmt) names(*table) {}

func (s jumpStmt) exec(*run) error { return s.err }
