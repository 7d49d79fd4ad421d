package inventory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
)

// varsExtensions are tried in this order; the first that is there ends the
// search, so that web.yml is not read beside a folder web.
var varsExtensions = []string{"", ".yml", ".yaml", ".json"}

// varsFiles gives the files of variables for a group or host: dir/name with
// one of the extensions, or all files below the folder dir/name.
func varsFiles(dir, name string, endings []string) ([]string, error) {
	for _, e := range endings {
		path := filepath.Join(dir, name+e)
		st, err := os.Stat(path)
		if err != nil {
			continue
		}
		if !st.IsDir() {
			return []string{path}, nil
		}
		return filesBelow(path, endings)
	}
	return nil, nil
}

func filesBelow(dir string, endings []string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read variables: %w", err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if n := e.Name(); !strings.HasPrefix(n, ".") && !strings.HasSuffix(n, "~") {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	var out []string
	for _, n := range names {
		path := filepath.Join(dir, n)
		st, err := os.Stat(path)
		switch {
		case err != nil:
		case st.IsDir():
			more, err := filesBelow(path, endings)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		case slices.Contains(endings, filepath.Ext(n)):
			out = append(out, path)
		}
	}
	return out, nil
}

// varsDir is a folder group_vars or host_vars; the names in it are read once,
// so that a host without a file there costs no look at the disk.
type varsDir struct {
	path    string
	endings []string
	stems   map[string]bool
	read    map[string][]Layer
}

func (inv *Inventory) openVarsDir(base, kind string) *varsDir {
	path := filepath.Join(base, kind)
	entries, err := os.ReadDir(path)
	if err != nil {
		if st, err := os.Stat(path); err == nil && !st.IsDir() {
			inv.warn("Found %s that is not a directory, skipping: %s", kind, path)
		}
		return nil
	}
	endings := inv.options.VarsEndings
	if endings == nil {
		endings = varsExtensions
	}
	d := &varsDir{path: path, endings: endings, stems: map[string]bool{}, read: map[string][]Layer{}}
	for _, e := range entries {
		d.stems[e.Name()] = true
		for _, ext := range endings {
			if stem, ok := strings.CutSuffix(e.Name(), ext); ok && ext != "" {
				d.stems[stem] = true
			}
		}
	}
	return d
}

// layers gives the variables of one group or host, file by file.
func (d *varsDir) layers(l *load.Loader, name string) ([]Layer, error) {
	if d == nil || !strings.Contains(name, "/") && !d.stems[name] {
		return nil, nil
	}
	if got, ok := d.read[name]; ok {
		return got, nil
	}
	files, err := varsFiles(d.path, name, d.endings)
	if err != nil {
		return nil, err
	}
	var out []Layer
	for _, f := range files {
		vars, err := l.Vars(f)
		var notDict *load.NotMapping
		if errors.As(err, &notDict) {
			return nil, fmt.Errorf("Could not process '%s': failed to combine variables, expected dicts but got a 'dict' and a '%s'.", f, taggedType(notDict.Got))
		}
		if err != nil {
			return nil, err
		}
		if vars.Len() > 0 {
			out = append(out, Layer{Origin: f, Vars: vars})
		}
	}
	d.read[name] = out
	return out, nil
}

// taggedType is the class name the reference gives a value it has read.
func taggedType(v value.Value) string {
	switch v.(type) {
	case value.Bool:
		return "bool"
	case *value.List:
		return "_AnsibleTaggedList"
	case value.Int, *value.BigInt:
		return "_AnsibleTaggedInt"
	case value.Float:
		return "_AnsibleTaggedFloat"
	}
	return "_AnsibleTaggedStr"
}
