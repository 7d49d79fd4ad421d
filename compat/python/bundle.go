package python

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/python"
)

// wants gives what the module called name imports of module_utils.
func wants(name, text string, isPackage bool) []wanted {
	var out []wanted
	add := func(n string, ambiguous, optional bool) {
		if strings.HasPrefix(n, "ansible.module_utils.") ||
			strings.HasPrefix(n, "ansible_collections.") && (strings.Contains(n, ".plugins.module_utils.") || !ambiguous) {
			out = append(out, wanted{name: n, ambiguous: true, optional: optional})
		}
	}
	for _, i := range imports(text) {
		if i.names == nil {
			add(i.module, false, i.nested)
			continue
		}
		from := i.module
		if i.level > 0 {
			parts := strings.Split(name, ".")
			up := i.level
			if isPackage {
				up--
			}
			if up > len(parts) {
				continue
			}
			from = strings.Trim(strings.Join(parts[:len(parts)-up], ".")+"."+i.module, ".")
		}
		for _, n := range i.names {
			if n == "*" {
				add(from+".*", true, i.nested)
			} else {
				add(from+"."+n, true, i.nested)
			}
		}
	}
	return out
}

// follow collects the modules that todo leads to into files, by their names.
// module is the one it is for, for errors.
func (u *utils) follow(module string, todo []wanted, files map[string]*found) error {
	seen := map[string]bool{}
	for len(todo) > 0 {
		w := todo[0]
		todo = todo[1:]
		if files[w.name] != nil || seen[w.name] && w.optional {
			continue
		}
		seen[w.name] = true
		f, err := u.find(&w)
		if err != nil {
			return err
		}
		if f == nil {
			if w.optional {
				continue
			}
			return fmt.Errorf("Could not find imported module support code for %s. Looked for (%s)", module, value.Repr(value.Strings(w.candidates()...)))
		}
		if files[f.name] != nil {
			continue
		}
		files[f.name] = f
		todo = append(todo, wants(f.name, f.text, f.isPackage())...)
		for i := strings.LastIndexByte(f.name, '.'); i > 0; i = strings.LastIndexByte(f.name[:i], '.') {
			if above := f.name[:i]; files[above] == nil {
				todo = append(todo, wanted{name: above, redirect: strings.Contains(f.text, "sys.modules['"+f.name+"'] = mod"), optional: w.optional})
			}
		}
	}
	return nil
}

// head is the first line of a part, for server.py.
type head struct {
	Base    bool     `json:"base"`
	Preload []string `json:"preload,omitempty"`
	Files   [][2]any `json:"files"`
}

// pack makes a part of files.
func pack(h head, files map[string]*found) module.Blob {
	var body bytes.Buffer
	byPath := map[string]*found{}
	for _, f := range files {
		byPath[f.path] = f
	}
	h.Files = [][2]any{}
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		f := byPath[path]
		h.Files = append(h.Files, [2]any{f.path, len(f.text)})
		body.WriteString(f.text)
	}
	line, err := json.Marshal(h)
	if err != nil { // there is nothing in it that JSON cannot hold
		panic(err)
	}
	return part(slices.Concat(line, []byte("\n"), body.Bytes()))
}

// part makes content that the target may hold already.
func part(content []byte) module.Blob {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	return module.Blob{Name: python.PartName(hash), SHA256: hash, Size: int64(len(content)), Cached: true,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}
