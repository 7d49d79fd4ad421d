package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// evaluate gives a case's text. With anew everything it evaluates is compiled
// too, as for the first host of a run; else that has been done, as for the others.
type evaluate func(anew bool) (string, error)

var all = []struct {
	name string
	make func(*site) (evaluate, error)
}{
	{"config", file("config", "config.yml")},
	{"loop", file("loop", "loop.yml")},
	{"conditions", conditional},
	{"chain", file("chain", "chain.yml")},
	{"hosts", file("hosts", "")},
	{"trivial", trivial},
}

// file evaluates a template file with the variables of another.
func file(name, variables string) func(*site) (evaluate, error) {
	return func(s *site) (evaluate, error) {
		text, err := s.text(name + ".j2")
		if err != nil {
			return nil, err
		}
		extra := value.NewDict(0)
		if variables != "" {
			if extra, err = s.files.Vars(filepath.Join(s.dir, variables)); err != nil {
				return nil, err
			}
		}
		path, options := filepath.Join(s.dir, name+".j2"), document.DefaultOptions()
		scope, runs := s.scopes(extra), 0
		return func(anew bool) (string, error) {
			fresh, text := scope, text
			if anew {
				// Another text is compiled, one that was seen before is not.
				runs++
				text += fmt.Sprintf("{# %d #}", runs)
				fresh = s.scopes(compiled(extra).(*value.Dict))
			}
			ctx, err := fresh()
			if err != nil {
				return "", err
			}
			return document.Render(ctx, path, text, options)
		}, nil
	}
}

// conditional evaluates conditions, each as another task's.
func conditional(s *site) (evaluate, error) {
	texts, err := conditions(s)
	if err != nil {
		return nil, err
	}
	extra, err := s.files.Vars(filepath.Join(s.dir, "conditions.yml"))
	if err != nil {
		return nil, err
	}
	scope, known := s.scopes(extra), make([]*expr.Expr, len(texts))
	return func(anew bool) (string, error) {
		var out strings.Builder
		for i, text := range texts {
			if anew || known[i] == nil {
				if known[i], err = expr.CompileCondition(text, source.Pos{File: "conditions.json", Line: i + 1, Col: 1}); err != nil {
					return "", err
				}
			}
			ctx, err := scope()
			if err != nil {
				return "", err
			}
			is, err := known[i].Truth(ctx)
			if err != nil {
				return "", fmt.Errorf("%s: %w", text, err)
			}
			out.WriteString(value.Text(value.Bool(is)) + "\n")
		}
		return out.String(), nil
	}, nil
}

// trivial is a condition of the plainest kind, a thousand times.
func trivial(s *site) (evaluate, error) {
	ctx, err := s.scopes(value.DictOf("os_family", value.Str("Debian"), "enabled", value.True))()
	if err != nil {
		return nil, err
	}
	x, err := expr.CompileCondition(`os_family == "Debian" and enabled`, source.Pos{})
	if err != nil {
		return nil, err
	}
	return func(bool) (string, error) {
		for range trivials {
			if _, err := x.Truth(expr.NewCtx(nil, s.env, ctx.Scope)); err != nil {
				return "", err
			}
		}
		return "True\n", nil
	}, nil
}

const trivials = 1000
