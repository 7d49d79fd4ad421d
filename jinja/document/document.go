// Package document renders what has statements: template files, and strings
// with {% %}.
//
// A text goes through these hands, each in a file of its own:
//
//   - front.go and statement*.go read Jinja's syntax (package syntax has the
//     tokens and expressions) and write a document for pongo2 that consists of
//     our own tags only, each of whose argument is the number of a statement.
//   - pongo.go registers those tags. pongo2 reads the nesting, and holds and
//     walks the tree of nodes. It sees neither text nor expressions: its own
//     grammar is Django's, its lexer refuses line ends in tags, its output is
//     text only, and its cache of files does not look whether they changed.
//   - symbols.go finds out where each name lives, as Jinja's compiler does.
//   - run.go, frame.go, loop.go, macro.go, block.go, include.go, assign.go are
//     what happens when the tree is walked: a statement gets the run, which
//     has the present frame of names and the sink of the output.
//   - file.go finds, reads and keeps files; header.go reads the #jinja2: line.
//
// What a statement does with values is package expr's: this package only says
// when an expression is evaluated and which names it sees.
package document

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// Options say how a template file is read.
type Options struct {
	syntax.Options
	// Search are the directories in which include, import and extends look,
	// in order.
	Search []string
	// Read reads a file; nil means os.ReadFile. It is asked again for a file
	// only when its size or time of change is another.
	Read func(path string) ([]byte, error)
}

// DefaultOptions are the template module's where it is given none.
func DefaultOptions() Options {
	o := Options{Options: syntax.Default()}
	o.TrimBlocks, o.KeepTrailingNewline = true, false
	return o
}

// Render gives the text that the template of the file at path comes to. text is
// the file's content. Errors are *Error, with an *expr.UndefinedError,
// *expr.SyntaxError or *expr.TemplateError in it.
func Render(ctx *expr.Ctx, path, text string, o Options) (string, error) {
	v, err := Value(ctx, path, text, o)
	if err != nil || v == value.None {
		return "", err
	}
	return value.Text(v), nil
}

// Value is Render for lookups: a template that is a single expression gives the
// expression's value, one without output None.
func Value(ctx *expr.Ctx, path, text string, o Options) (value.Value, error) {
	u, err := loadMain(path, text, o)
	if err != nil {
		return nil, placed(path, err)
	}
	leave := ctx.Enter(source.Pos{File: path})
	v, err := u.value(ctx, &o)
	leave()
	if err != nil {
		return nil, placed(path, expr.RenderError(syntax.At{File: path}, err))
	}
	return v, nil
}

// Error is the error of a file's template. The error in it names the file that
// was asked for and nothing more, which is what the reference shows; At is where
// in that file, or in one that it includes, the fault is.
type Error struct {
	At  source.Pos
	Err error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the error of package expr.
func (e *Error) Unwrap() error { return e.Err }

func placed(path string, err error) error {
	return &Error{At: expr.PosOf(err), Err: moved(err, source.Pos{File: path})}
}

// moved gives err with another place. Errors of compiling are kept and met
// again: they are not to be changed.
func moved(err error, pos source.Pos) error {
	switch e := err.(type) {
	case *expr.UndefinedError:
		c := *e
		c.Pos = pos
		return &c
	case *expr.TemplateError:
		c := *e
		c.Pos = pos
		return &c
	case *expr.SyntaxError:
		c := *e
		c.Pos = pos
		return &c
	}
	return err
}

func init() {
	expr.RegisterDocuments(func(src string, pos source.Pos) (expr.Statements, error) {
		o := DefaultOptions()
		o.RawStrings = true
		body, opts, err := header(src, o.Options, pos)
		if err != nil {
			return nil, err
		}
		u, err := compile(body, opts, pos)
		if err != nil {
			return nil, err
		}
		return u, nil
	})
}
