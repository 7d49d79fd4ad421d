package modprobe

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	kit "github.com/churten/churten/modules/kit/file"
)

// persist keeps what is done when the system starts.
func (t *task) persist(ctx context.Context) (changed bool, err error) {
	var load, options bool
	switch t.Args.Str("persistent") {
	case "present":
		if load, err = t.keepModule(ctx); err == nil {
			options, err = t.keepParams(ctx)
		}
	case "absent":
		if load, err = t.disable(ctx, "etc/modules-load.d", t.isModule); err == nil {
			options, err = t.disable(ctx, "etc/modprobe.d", t.isOptions)
		}
	}
	return load || options, err
}

// isModule tells the line of modules-load.d that has the module loaded.
func (t *task) isModule(line string) bool {
	if i := strings.IndexAny(line, "#;"); i >= 0 {
		line = line[:i]
	}
	return plain(strings.TrimSpace(line)) == plain(t.name)
}

// options gives the parameter of a line of modprobe.d that is for the module.
func (t *task) options(line string) (params []string, ok bool) {
	f := strings.Fields(line)
	if len(f) < 3 || f[0] != "options" || plain(f[1]) != plain(t.name) {
		return nil, false
	}
	for i, word := range f[2:] {
		if strings.HasPrefix(word, "#") {
			return f[2 : 2+i], true
		}
	}
	return f[2:], true
}

func (t *task) isOptions(line string) bool {
	_, ok := t.options(line)
	return ok
}

// files lists the settings in a directory, in the order in which they count.
func (t *task) files(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(t.root, dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".conf") {
			list = append(list, filepath.Join(t.root, dir, e.Name()))
		}
	}
	return list, err
}

// lines calls f with all lines of a directory's files.
func (t *task) lines(dir string, f func(line string)) error {
	files, err := t.files(dir)
	if err != nil {
		return err
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return errors.New(kit.PyErrorText(err, path))
		}
		for line := range strings.Lines(string(data)) {
			f(line)
		}
	}
	return nil
}

// keepModule has the module loaded when the system starts.
func (t *task) keepModule(ctx context.Context) (bool, error) {
	found := false
	err := t.lines("etc/modules-load.d", func(line string) { found = found || t.isModule(line) })
	if err != nil || found {
		return false, err
	}
	return true, t.write(ctx, filepath.Join(t.root, "etc/modules-load.d", t.name+".conf"), t.name+"\n")
}

// keepParams has it loaded with exactly the parameters of the task.
func (t *task) keepParams(ctx context.Context) (bool, error) {
	var have []string
	err := t.lines("etc/modprobe.d", func(line string) {
		params, _ := t.options(line)
		have = append(have, params...)
	})
	if err != nil || same(have, t.params) {
		return false, err
	}
	if _, err := t.disable(ctx, "etc/modprobe.d", t.isOptions); err != nil || len(t.params) == 0 {
		return true, err
	}
	var b strings.Builder
	for _, p := range t.params {
		b.WriteString("options " + t.name + " " + p + "\n")
	}
	return true, t.write(ctx, filepath.Join(t.root, "etc/modprobe.d", t.name+".conf"), b.String())
}

// same compares two lists as sets.
func same(a, b []string) bool {
	in := func(list []string) func(string) bool {
		return func(s string) bool { return !slices.Contains(list, s) }
	}
	return !slices.ContainsFunc(a, in(b)) && !slices.ContainsFunc(b, in(a))
}

// disable comments the lines that match.
func (t *task) disable(ctx context.Context, dir string, match func(line string) bool) (changed bool, err error) {
	files, err := t.files(dir)
	if err != nil {
		return false, err
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return false, errors.New(kit.PyErrorText(err, path))
		}
		var b strings.Builder
		for line := range strings.Lines(string(data)) {
			if match(line) {
				b.WriteByte('#')
			}
			b.WriteString(line)
		}
		if b.Len() == len(data) {
			continue
		}
		changed = true
		if err := t.write(ctx, path, b.String()); err != nil {
			return false, err
		}
	}
	return changed, nil
}

func (t *task) write(ctx context.Context, path, text string) error {
	if t.Check {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return errors.New(kit.PyErrorText(err, path))
	}
	return kit.Replace(ctx, path, []byte(text), nil, kit.Options{})
}
