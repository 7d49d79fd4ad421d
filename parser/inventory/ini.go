package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/parser/load"
)

// The kinds of sections of an INI inventory.
const (
	sectionHosts    = "hosts"
	sectionChildren = "children"
	sectionVars     = "vars"
)

// iniReader reads one INI inventory.
type iniReader struct {
	inv     *Inventory
	path    string
	line    int
	pending map[string]declared // groups that sections name before they are declared
	order   []string
}

type declared struct {
	line    int
	kind    string
	parents []string
}

func (r *iniReader) pos() source.Pos { return source.Pos{File: r.path, Line: r.line} }

func (r *iniReader) fail(format string, args ...any) error {
	return &source.Error{Pos: source.Pos{File: r.path}, Msg: "Failed to parse inventory: " + fmt.Sprintf(format, args...)}
}

// failed is the error for a line with err; one that Python told is shown by itself.
func (r *iniReader) failed(err error) error {
	e := &source.Error{Pos: source.Pos{File: r.path}, Msg: "Failed to parse inventory: " + err.Error()}
	var py pythonError
	if errors.As(err, &py) {
		e.Err = &source.Error{Msg: err.Error()}
	}
	return e
}

// ini reads sections of hosts, children and variables.
var _ = register(&plugin{name: "ini", fits: func(_ *Inventory, _ string, st os.FileInfo) bool { return st != nil }, read: readINI})

func readINI(_ context.Context, inv *Inventory, path string) error {
	text, _, err := inv.loader.Bytes(path) // may be a vault
	if err != nil {
		return err
	}
	r := &iniReader{inv: inv, path: path, pending: map[string]declared{}}
	return r.read(splitLines(inv.decoded(path, text)))
}

func (r *iniReader) read(lines []string) error {
	group, kind := Ungrouped, sectionHosts
	for i, line := range lines {
		r.line = i + 1
		line = strings.TrimSpace(line)
		if line == "" || line[0] == ';' || line[0] == '#' {
			continue
		}
		name, section, ok, err := r.section(line)
		if ok {
			name = r.inv.safeName(name)
		}
		if err != nil {
			return err
		}
		if ok {
			group, kind = name, section
			if err := r.open(group, kind); err != nil {
				return err
			}
			continue
		}
		switch kind {
		case sectionHosts:
			err = r.hostLine(group, line)
		case sectionVars:
			err = r.varLine(group, line)
		default:
			err = r.childLine(group, line)
		}
		if err != nil {
			return err
		}
	}
	return r.finish()
}

// section reads "[name]" and "[name:kind]", with a comment behind it perhaps.
// A line that only begins with a bracket may be a host.
func (r *iniReader) section(line string) (name, kind string, ok bool, err error) {
	if line[0] != '[' {
		return "", "", false, nil
	}
	inner, after, closed := strings.Cut(line[1:], "]")
	after = strings.TrimSpace(after)
	name, kind, hasKind := strings.Cut(inner, ":")
	switch {
	case !closed || after != "" && after[0] != '#' || name == "" || strings.ContainsAny(name, " \t[") || hasKind && !word(kind):
		if strings.HasSuffix(line, "]") {
			return "", "", false, r.fail("Invalid section entry: '%s'. Please make sure that there are no spaces in the section entry, and that there are no other invalid characters", line)
		}
		return "", "", false, nil
	case !hasKind:
		kind = sectionHosts
	case kind != sectionHosts && kind != sectionChildren && kind != sectionVars:
		return "", "", false, r.fail("Section [%s:%s] has unknown type: %s", name, kind, kind)
	}
	return name, kind, true, nil
}

func word(s string) bool {
	for _, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// open begins a section: a group is declared by [group] or [group:children];
// [group:vars] may come before that.
func (r *iniReader) open(name, kind string) error {
	if r.inv.groups[name] == nil && kind == sectionVars {
		if _, known := r.pending[name]; !known {
			r.declare(name, declared{line: r.line, kind: sectionVars})
		}
		r.inv.group(name)
		return nil
	}
	g := r.inv.group(name)
	d, waiting := r.pending[name]
	if !waiting || kind == sectionVars {
		return nil
	}
	delete(r.pending, name)
	for _, parent := range d.parents {
		if err := r.inv.adopt(r.inv.group(parent), g); err != nil {
			return r.fail("%s", err)
		}
	}
	return nil
}

func (r *iniReader) declare(name string, d declared) {
	if _, known := r.pending[name]; !known {
		r.order = append(r.order, name)
	}
	r.pending[name] = d
}

// finish reports groups that were used and never declared.
func (r *iniReader) finish() error {
	for _, name := range r.order {
		d, ok := r.pending[name]
		if !ok {
			continue
		}
		r.line = d.line
		if d.kind == sectionVars {
			return r.fail("Section [%s:vars] not valid for undefined group '%s'.", name, name)
		}
		return r.fail("Section [%s:children] includes undefined group '%s'.", d.parents[len(d.parents)-1], name)
	}
	return nil
}

func (r *iniReader) childLine(parent, line string) error {
	child, ok := strings.CutSuffix(stripComment(line), ":")
	if ok || child == "" || strings.ContainsAny(child, " \t[]:") {
		return r.fail("Expected group name, got: %s", line)
	}
	d, waiting := r.pending[child]
	if g := r.inv.groups[child]; g != nil && (!waiting || d.kind != sectionVars) && !waiting {
		if err := r.inv.adopt(r.inv.group(parent), g); err != nil {
			return r.fail("%s", err)
		}
		return nil
	}
	if !waiting || d.kind == sectionVars {
		d = declared{line: r.line, kind: sectionChildren, parents: d.parents}
	}
	d.parents = append(d.parents, parent)
	r.declare(child, d)
	return nil
}

func stripComment(line string) string {
	if i := strings.Index(line, "#"); i > 0 {
		line = line[:i]
	}
	return strings.TrimSpace(line)
}

func (r *iniReader) varLine(group, line string) error {
	name, val, ok := strings.Cut(line, "=")
	if !ok {
		return r.fail("Expected key=value, got: %s", line)
	}
	name, val = strings.TrimSpace(name), strings.TrimSpace(val)
	r.inv.checkVarName(value.Str(name), r.pos())
	g := r.inv.group(group)
	r.inv.note(g.vars, name, r.pos())
	if err := g.setVar(name, r.value(val)); err != nil {
		return r.fail("%s", err)
	}
	return nil
}

func (r *iniReader) hostLine(group, line string) error {
	tokens, err := shellSplit(line)
	if err != nil {
		return r.failed(pythonError(fmt.Sprintf("Error parsing host definition '%s': %s", line, err)))
	}
	if len(tokens) == 0 {
		return nil
	}
	entry := tokens[0]
	if entry == "---" {
		return r.fail("Invalid host pattern '---' supplied, '---' is normally a sign this is a YAML file.")
	}
	if strings.HasSuffix(entry, ":") {
		return r.fail("Invalid host pattern '%s' supplied, ending in ':' is not allowed, this character is reserved to provide a port.", entry)
	}
	names, port, err := expandHosts(entry)
	if err != nil {
		return r.failed(err)
	}
	type pair struct {
		name string
		v    value.Value
	}
	vars := make([]pair, 0, len(tokens)-1)
	for _, t := range tokens[1:] {
		name, val, ok := strings.Cut(t, "=")
		if !ok {
			return r.fail("Expected key=value host variable assignment, got: %s", t)
		}
		r.inv.checkVarName(value.Str(name), r.pos())
		vars = append(vars, pair{name, r.value(val)})
	}
	g := r.inv.group(group)
	for _, name := range names {
		h := r.inv.addLoaded(name, g, port)
		for _, p := range vars {
			r.inv.note(h.vars, p.name, r.pos())
			setVar(h.vars, p.name, p.v)
		}
	}
	return nil
}

// addLoaded enters a host that a source names; a port counts at first mention.
func (inv *Inventory) addLoaded(name string, g *Group, port int) *Host {
	isNew := inv.hosts[name] == nil
	h := inv.host(name)
	if isNew && port != 0 {
		setVar(h.vars, "ansible_port", value.Int(port))
	}
	if g != nil {
		inv.join(g, h)
	}
	return h
}

// value reads a value as a Python literal or, failing that, as text; texts may be templates.
func (r *iniReader) value(s string) value.Value {
	v, err := module.InventoryLiteral(s)
	if err != nil {
		v = value.Str(s)
	}
	return r.inv.loader.Put(templates(v, r.pos()), r.pos())
}

// templates makes templates of the texts in v.
func templates(v value.Value, pos source.Pos) value.Value {
	switch v := v.(type) {
	case value.Str:
		return load.Text(string(v), pos)
	case *value.List:
		for i, x := range v.Items {
			v.Items[i] = templates(x, pos)
			v.Lazy = v.Lazy || lazy(v.Items[i])
		}
	case *value.Dict:
		for _, k := range v.Keys() {
			x, _ := v.Get(k)
			x = templates(x, pos)
			v.Set(k, x)
			v.Lazy = v.Lazy || lazy(x)
		}
	}
	return v
}

var errQuote = errors.New("No closing quotation")

// shellSplit splits a line into words as shlex.split(line, comments=True).
func shellSplit(s string) ([]string, error) {
	var words []string
	var b strings.Builder
	in := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if in {
				words = append(words, b.String())
				b.Reset()
				in = false
			}
		case c == '#':
			if in {
				words = append(words, b.String())
			}
			return words, nil
		case c == '\'':
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, errQuote
			}
			b.WriteString(s[i+1 : i+1+end])
			i += end + 1
			in = true
		case c == '"':
			in = true
			for i++; ; i++ {
				if i >= len(s) {
					return nil, errQuote
				}
				if s[i] == '"' {
					break
				}
				if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
					i++
				}
				b.WriteByte(s[i])
			}
		case c == '\\':
			if i+1 >= len(s) {
				return nil, errors.New("No escaped character")
			}
			i++
			b.WriteByte(s[i])
			in = true
		default:
			b.WriteByte(c)
			in = true
		}
	}
	if in {
		words = append(words, b.String())
	}
	return words, nil
}

// decoded gives a file's text; what is not UTF-8 in it is accepted for now.
func (inv *Inventory) decoded(path string, text []byte) string {
	if !utf8.Valid(text) {
		inv.tell(Warning{Deprecated: true, Msg: fmt.Sprintf("File '%s' could not be decoded as 'utf-8'. Invalid content has been escaped. "+
			"This feature will be removed from ansible-core version 2.23. This file must be UTF-8 encoded.", path)})
	}
	return string(text)
}

// splitLines splits text where Python's str.splitlines does.
func splitLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\x1c", "\n", "\x1d", "\n", "\x1e", "\n",
		"\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
