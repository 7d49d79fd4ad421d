package document

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// files keeps compiled templates. A template is compiled again only when its
// text is another: included files are read anew when their size or time of
// change is.
var files = cache{units: map[key]*entry{}}

type cache struct {
	mu    sync.Mutex
	units map[key]*entry
}

type key struct {
	path string
	opts syntax.Options
}

type entry struct {
	stamp stamp
	text  string
	unit  *unit
	err   error
}

// stamp tells one version of a file from another.
type stamp struct {
	size, mtime int64
}

// maxKept bounds how many templates are kept.
const maxKept = 4096

// loadMain gives the template of a file whose text is known.
func loadMain(path, text string, o Options) (*unit, error) {
	e := files.get(key{path, o.Options}, text, func() *entry {
		pos := source.Pos{File: path, Line: 1}
		body, opts, err := header(text, o.Options, pos)
		if err != nil {
			return &entry{err: err}
		}
		if body == text && !marked(body, opts) {
			return &entry{unit: &unit{plain: value.Str(body)}}
		}
		if body != text {
			pos.Line = 2
		}
		u, err := compile(body, opts, pos)
		if err == nil {
			u.newlines, u.newline = len(body)-len(strings.TrimRight(body, "\n")), o.Newline
		}
		return &entry{unit: u, err: err}
	})
	return e.unit, e.err
}

// marked reports whether text holds a delimiter.
func marked(text string, o syntax.Options) bool {
	return strings.Contains(text, o.VarStart) || strings.Contains(text, o.BlockStart) || strings.Contains(text, o.CommentStart)
}

func (c *cache) get(k key, text string, compile func() *entry) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.units[k]; e != nil && e.text == text {
		return e
	}
	e := compile()
	e.text = text
	if len(c.units) >= maxKept {
		clear(c.units)
	}
	c.units[k] = e
	return e
}

// include gives the template at path, nil if there is no such file.
func (c *cache) include(path string, o *Options) (*unit, error) {
	st, err := os.Stat(path)
	if err != nil || st.IsDir() {
		return nil, nil
	}
	k := key{"include " + path, o.Options}
	now := stamp{st.Size(), st.ModTime().UnixNano()}
	c.mu.Lock()
	e := c.units[k]
	fresh := e != nil && e.stamp == now
	c.mu.Unlock()
	if fresh {
		return e.unit, e.err
	}
	read := o.Read
	if read == nil {
		read = os.ReadFile
	}
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	e = c.get(k, string(text), func() *entry {
		u, err := compile(string(text), o.Options, source.Pos{File: path, Line: 1})
		return &entry{unit: u, err: err}
	})
	c.mu.Lock()
	e.stamp = now
	c.mu.Unlock()
	return e.unit, e.err
}

// notFoundError is a template that does not exist.
type notFoundError struct{ msg string }

func (e *notFoundError) Error() string { return e.msg }

// Finder is what Env.Controller may be to find the templates that strings with
// statements include: a string has no directory of its own.
type Finder interface {
	TemplateSearch(ctx *expr.Ctx) []string
}

// find gives the template that v names. An include may name several, of which
// the first that exists is taken.
func (r *run) find(v value.Value, several bool) (*unit, error) {
	v, err := value.Deep(v)
	if err != nil {
		return nil, err
	}
	search := r.o.Search
	if f, ok := r.tpl.space.ctx.Env.Controller.(Finder); ok && search == nil {
		search = f.TemplateSearch(r.tpl.space.ctx)
	}
	if name, ok := value.AsText(v); ok {
		u, err := r.named(name, search)
		if u == nil && err == nil {
			err = notFound(name, search)
		}
		return u, err
	}
	if !several {
		if !value.Hashable(v) {
			return nil, value.Unhashable(v)
		}
		return nil, fmt.Errorf("expected str, got %s", v.Type())
	}
	var names []value.Value
	if v != value.None {
		if names, err = value.Items(v); err != nil {
			return nil, err
		}
	}
	if len(names) == 0 {
		return nil, &notFoundError{"Tried to select from an empty list of templates."}
	}
	var tried []string
	for _, n := range names {
		name := value.Text(n)
		tried = append(tried, name)
		if u, err := r.named(name, search); u != nil || err != nil {
			return u, err
		}
	}
	return nil, &notFoundError{"none of the templates given were found: " + strings.Join(tried, ", ")}
}

func (r *run) named(name string, search []string) (*unit, error) {
	for _, segment := range strings.Split(name, "/") {
		if segment == ".." {
			return nil, &notFoundError{name}
		}
	}
	for _, dir := range search {
		u, err := files.include(filepath.Join(dir, name), r.o)
		if u == nil && err == nil {
			continue
		}
		if err == nil {
			err = u.Check(r.tpl.space.ctx.Env)
		}
		var path *fs.PathError
		if errors.As(err, &path) {
			return nil, err
		}
		return u, err
	}
	return nil, nil
}

func notFound(name string, search []string) error {
	quoted := make([]string, len(search))
	for i, dir := range search {
		quoted[i] = value.QuoteRepr(dir)
	}
	where := "search path: "
	if len(search) != 1 {
		where = "search paths: "
	}
	return &notFoundError{value.QuoteRepr(name) + " not found in " + where + strings.Join(quoted, ", ")}
}
