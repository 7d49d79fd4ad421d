package modules

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

// What modules give stands beside them in results.txt, and what many give in
// the results.txt of this folder. The agent never asks for it, so that the
// linker leaves these texts out of it.
//
//go:embed results.txt */results.txt
var resultTexts embed.FS

// ResultKey is one key of a module's result.
type ResultKey struct {
	// Name is the key; a.b is b of the dict a, a[].b that of each dict of the list a,
	// and * stands for any characters.
	Name  string
	Types []string // as the reference names them, none, or any
	When  string   // when it is there
	Doc   string
}

// Results are the keys of what a module or action gives, and notes of what else
// there may be. ok is false for one that does not declare them.
type Results struct {
	Keys  []ResultKey
	Notes []string
}

// ResultsOf reads the declaration of a module by its name, full or short.
func ResultsOf(name string) (r Results, ok bool, err error) {
	u, found := index()[name]
	if !found {
		return r, false, nil
	}
	for _, full := range append(u.aliases(), u.name()) {
		file := full[strings.LastIndexByte(full, '.')+1:] + "/results.txt"
		if text, err := resultTexts.ReadFile(file); err == nil {
			return r, true, r.read(file, string(text), "")
		}
	}
	return r, false, nil
}

// CommonResults are the keys that any module may give.
func CommonResults() (Results, error) {
	var r Results
	return r, r.set("always", "")
}

// read adds the lines of one text. A line is "KEY [KEY…] | TYPE[/TYPE…] | WHEN | WORDS",
// "@SET", "@SET | WHEN", or "+ NOTE".
func (r *Results) read(file, text, when string) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "|")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		switch {
		case line[0] == '+':
			r.Notes = append(r.Notes, strings.TrimSpace(line[1:]))
		case line[0] == '@' && len(f) <= 2:
			if err := r.set(f[0][1:], strings.Join(f[1:], "")); err != nil {
				return fmt.Errorf("%s:%d: %w", file, n, err)
			}
		case len(f) != 4 || f[1] == "" || f[2] == "" || f[3] == "":
			return fmt.Errorf("%s:%d: want \"key | type | when | what it is\"", file, n)
		default:
			if when != "" {
				f[2] = when
			}
			for key := range strings.FieldsSeq(f[0]) {
				r.Keys = append(r.Keys, ResultKey{Name: key, Types: strings.Split(f[1], "/"), When: f[2], Doc: f[3]})
			}
		}
	}
	return nil
}

// set adds the keys of a set; when, if given, says when they are there.
func (r *Results) set(name, when string) error {
	text, err := resultTexts.ReadFile("results.txt")
	if err != nil {
		return err
	}
	_, rest, ok := strings.Cut(string(text), "\n["+name+"]\n")
	if !ok {
		return fmt.Errorf("there is no set %s in results.txt", name)
	}
	rest, _, _ = strings.Cut(rest, "\n[")
	return r.read("results.txt", rest, when)
}

// Find gives the first key that name matches, a path as in ResultKey.Name.
func (r *Results) Find(name string) (ResultKey, bool) {
	for _, k := range r.Keys {
		if k.Name == name {
			return k, true
		}
	}
	for _, k := range r.Keys {
		if ok, _ := path.Match(strings.ReplaceAll(k.Name, "[]", "#"), strings.ReplaceAll(name, "[]", "#")); ok && strings.Contains(k.Name, "*") {
			return k, true
		}
	}
	return ResultKey{}, false
}

// Inside reports whether keys inside of name are declared.
func (r *Results) Inside(name string) bool {
	for _, k := range r.Keys {
		if strings.HasPrefix(k.Name, name+".") || strings.HasPrefix(k.Name, name+"[].") {
			return true
		}
	}
	return false
}
