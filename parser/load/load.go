// Package load reads one content file: opens it if it is a vault, parses YAML
// or JSON, compiles the templates in it. What it gives is immutable and kept
// by path, so that a file is read once however many hosts it concerns.
//
// Only here does a string become a template: Scalar and Text are the two ways.
// Whatever a string turns into later is data (design section 3).
package load

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/parser/vault"
)

// Document is what a file holds.
type Document struct {
	Path    string
	Root    *yaml.Node
	Value   value.Value // templates compiled, vaulted texts as thunks
	Vaulted bool        // the whole file was encrypted
}

// Loader reads files. Safe for concurrent use.
type Loader struct {
	// Secrets open vaults; nil if there are none.
	Secrets *vault.Secrets
	// Duplicates says what a key that stands twice in a mapping is: "warn" (or
	// ""), "error", "ignore".
	Duplicates string
	// Warn hears what is odd in a file that could be read; nil drops it.
	Warn func(yaml.Warning)

	mu      sync.Mutex
	adopted []value.Str   // texts from elsewhere that count as read
	vaulted []*vault.Text // all that were made
	files   map[string]func() (*Document, error)
	trees   map[string]*yaml.Node // by file, and
	put     []placed              // what stands in none: see Place
}

// New gives a loader that opens vaults with secrets.
func New(secrets *vault.Secrets, warn func(yaml.Warning)) *Loader {
	return &Loader{Secrets: secrets, Warn: warn, files: map[string]func() (*Document, error){}}
}

// File reads the file at path, or gives what an earlier call read. Errors are
// *source.Error where the content is at fault, else of the file system.
func (l *Loader) File(path string) (*Document, error) {
	path = filepath.Clean(path)
	l.mu.Lock()
	read := l.files[path]
	if read == nil {
		read = sync.OnceValues(func() (*Document, error) { return l.read(path) })
		if l.files == nil {
			l.files = map[string]func() (*Document, error){}
		}
		l.files[path] = read
	}
	l.mu.Unlock()
	return read()
}

// Forget drops what is kept of path, for files that a run itself writes.
func (l *Loader) Forget(path string) {
	l.mu.Lock()
	delete(l.files, filepath.Clean(path))
	delete(l.trees, filepath.Clean(path))
	l.mu.Unlock()
}

// ForgetBelow is Forget for path and, if that is a folder, all that is in it.
func (l *Loader) ForgetBelow(path string) {
	path = filepath.Clean(path)
	l.mu.Lock()
	defer l.mu.Unlock()
	for file := range l.files {
		if file == path || strings.HasPrefix(file, path+string(filepath.Separator)) {
			delete(l.files, file)
			delete(l.trees, file)
		}
	}
}

func (l *Loader) read(path string) (*Document, error) {
	text, vaulted, err := l.Bytes(path)
	if err != nil {
		return nil, err
	}
	doc, err := l.Parse(text, path)
	if err != nil {
		return nil, err
	}
	doc.Vaulted = vaulted
	return doc, nil
}

// Bytes reads the file at path, decrypted if it is a vault. Nothing is kept.
func (l *Loader) Bytes(path string) (text []byte, vaulted bool, err error) {
	text, err = os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, &source.Error{Pos: source.Pos{File: path}, Msg: fmt.Sprintf("Unable to retrieve file contents: Could not find or access '%s'", path), Err: err}
	case err != nil:
		return nil, false, &source.Error{Msg: fmt.Sprintf("An error occurred while trying to read the file '%s'%s", path, reason(path, err)), Err: err}
	case !vault.Encrypted(text):
		return text, false, nil
	}
	text, err = l.Secrets.Decrypt(text)
	if err != nil {
		return nil, true, &source.Error{Pos: source.Pos{File: path}, Msg: err.Error(), Err: shut{err}}
	}
	return text, true, nil
}

// shut marks the error of a vault that no secret opened.
type shut struct{ error }

func (s shut) Unwrap() error { return s.error }

// Shut reports whether err says of a file that it is a vault that no secret opened.
func Shut(err error) bool {
	var s shut
	return errors.As(err, &s)
}

// reason tells the system's error as Python does.
func reason(path string, err error) string {
	var no syscall.Errno
	if !errors.As(err, &no) {
		return ""
	}
	text := no.Error()
	return fmt.Sprintf(": [Errno %d] %s: %s", int(no), strings.ToUpper(text[:1])+text[1:], value.QuoteRepr(path))
}

// Parse reads content that comes from elsewhere; file names it in positions.
func (l *Loader) Parse(text []byte, file string) (*Document, error) {
	tree, err := l.tree(text, file)
	if err != nil {
		return nil, err
	}
	for _, w := range tree.Warnings {
		switch {
		case w.Duplicate && l.Duplicates == "ignore":
		case w.Duplicate && l.Duplicates == "error":
			return nil, &source.Error{Pos: w.Pos, Msg: "YAML parsing failed: " + w.Msg}
		case l.Warn != nil:
			l.Warn(w)
		}
	}
	l.keep(file, tree.Root)
	v, err := tree.Root.Decode(l.Scalar)
	if err != nil {
		return nil, err
	}
	return &Document{Path: file, Root: tree.Root, Value: v}, nil
}

func (l *Loader) tree(text []byte, file string) (*yaml.Document, error) {
	if yaml.LooksLikeJSON(text) {
		if tree, err := yaml.ParseJSON(text, file); err == nil {
			return tree, nil
		}
	}
	return yaml.Parse(text, file)
}

// Scalar gives a scalar its meaning: a template, a vaulted text, plain data.
// It is what yaml.Node.Decode wants.
func (l *Loader) Scalar(n *yaml.Node) (v value.Value, lazy bool, err error) {
	if n.Vault {
		t := vault.NewText(n.Text, n.Pos, l.Secrets)
		l.mu.Lock()
		l.vaulted = append(l.vaulted, t)
		l.mu.Unlock()
		return t, true, nil
	}
	s, ok := n.Value.(value.Str)
	if ok && n.Unsafe {
		return &Unsafe{Text: s, At: shown(n.Pos, s)}, true, nil
	}
	if !ok || !expr.HasTemplate(string(s)) {
		return n.Value, false, nil
	}
	v = Text(string(s), shown(n.Pos, s))
	return v, true, nil
}

// Cipher gives the vault text that plain, this very text, was decrypted from.
func (l *Loader) Cipher(plain value.Str) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.vaulted {
		if t.Is(plain) {
			return t.Cipher(), true
		}
	}
	return "", false
}

// Text gives a string of a trusted source: a template if it holds one. A
// template with a fault in it fails when it is used, as the reference's do.
func Text(s string, pos source.Pos) value.Value {
	if !expr.HasTemplate(s) {
		return value.Str(s)
	}
	t, err := expr.CompileTemplate(s, pos)
	if err != nil {
		return &Broken{Source: s, Pos: pos, Err: err}
	}
	return t
}

// Unsafe is a text under !unsafe: never a template, and never taken for an
// expression either, as other texts of content may be (expr.Owner).
type Unsafe struct {
	Text value.Str
	At   source.Pos // where it stands, if that is known
}

// Type is the text's.
func (*Unsafe) Type() string { return "str" }

// Untrusted gives the text to those who would take it for an expression.
func (u *Unsafe) Untrusted() value.Str { return u.Text }

// Position is where it was written.
func (u *Unsafe) Position() source.Pos { return u.At }

// Force gives the text.
func (u *Unsafe) Force() (value.Value, error) { return u.Text, nil }

// Broken is a template that does not compile: reading it is the error.
type Broken struct {
	Source string
	Pos    source.Pos
	Err    error
}

// Type is that of any template.
func (b *Broken) Type() string { return "template" }

// Force gives the error.
func (b *Broken) Force() (value.Value, error) { return nil, b.Err }

// Position is where the template stands.
func (b *Broken) Position() source.Pos { return b.Pos }

// Vars reads a file of variables. An empty file has none.
func (l *Loader) Vars(path string) (*value.Dict, error) {
	doc, err := l.File(path)
	if err != nil {
		return nil, err
	}
	switch v := doc.Value.(type) {
	case *value.Dict:
		return v, nil
	case value.NoneType:
		return value.NewDict(0), nil
	}
	return nil, &NotMapping{Path: path, Got: doc.Value}
}

// Joined gives a list of dictionaries as one, as vars_files may
// hold, nil if it is none.
func Joined(l *value.List) *value.Dict {
	if len(l.Items) == 0 {
		return nil
	}
	out := value.NewDict(4)
	for _, item := range l.Items {
		d, ok := item.(*value.Dict)
		if !ok {
			return nil
		}
		out.Lazy = out.Lazy || d.Lazy
		for k, v := range d.All() {
			out.Set(k, v)
		}
	}
	return out
}

// NotMapping is the error for a file of variables that holds something else;
// callers word it as their place in the reference does.
type NotMapping struct {
	Path string
	Got  value.Value
}

func (e *NotMapping) Error() string {
	return fmt.Sprintf("%s must be stored as a dictionary/hash, got %s", e.Path, e.Got.Type())
}
