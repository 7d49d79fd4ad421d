package lookup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("file", file).files = true
	add("unvault", unvault).files = true
	add("fileglob", fileglob).files = true
}

const space = " \t\n\r\v\f\x1c\x1d\x1e\x1f\u0085\u00a0"

// file gives the content of files.
func file(c *Call) ([]value.Value, error) {
	out := make([]value.Value, 0, len(c.Terms))
	for _, t := range c.Terms {
		if t == value.None {
			return nil, errors.New("Unable to access the file None: File not found. Use -vvvvv to see paths searched.")
		}
		name, err := term(t, "startswith")
		if err != nil {
			return nil, err
		}
		path, err := c.find("files", name)
		if err != nil {
			return nil, err
		}
		if path == "" {
			return nil, fmt.Errorf("Unable to access the file %s: File not found. Use -vvvvv to see paths searched.", value.Repr(t))
		}
		text, err := c.ctl.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("Unable to access the file %s: %w", value.Repr(t), reason(path, err))
		}
		s := string(text)
		if c.flag("lstrip", false) {
			s = strings.TrimLeft(s, space)
		}
		if c.flag("rstrip", true) {
			s = strings.TrimRight(s, space)
		}
		out = append(out, value.Str(s))
	}
	return out, nil
}

// reason gives why a file could not be read, in Python's words.
func reason(path string, err error) error {
	if st, statErr := os.Stat(path); statErr == nil && st.IsDir() {
		return fmt.Errorf("An error occurred while trying to read the file '%s': [Errno 21] Is a directory: '%s'", path, path)
	}
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("An error occurred while trying to read the file '%s': [Errno 13] Permission denied: '%s'", path, path)
	}
	var e *source.Error
	if errors.As(err, &e) {
		return errors.New(e.Msg)
	}
	return err
}

// unvault gives the content of files, as it is.
func unvault(c *Call) ([]value.Value, error) {
	out := make([]value.Value, 0, len(c.Terms))
	for _, t := range c.Terms {
		name, err := term(t, "startswith")
		if err != nil {
			return nil, err
		}
		path, err := c.find("files", name)
		if err != nil {
			return nil, err
		}
		if path == "" {
			return nil, fmt.Errorf("Unable to find file matching \"%s\"", name)
		}
		text, err := c.ctl.ReadFile(path)
		if err != nil {
			return nil, reason(path, err)
		}
		out = append(out, value.Str(text))
	}
	return out, nil
}

// fileglob gives the files that patterns match, in the order of the directory
// as the reference does.
func fileglob(c *Call) ([]value.Value, error) {
	out := []value.Value{}
	for _, t := range c.Terms {
		pattern, err := term(t, "endswith")
		if err != nil {
			return nil, err
		}
		dir, base := filepath.Split(pattern)
		var dirs []string
		if dir != "" {
			found, err := c.find("files", strings.TrimSuffix(dir, "/"))
			if strings.Trim(dir, "/") == "" {
				found = "/"
			}
			if err != nil {
				return nil, err
			}
			if found != "" {
				dirs = []string{found}
			}
		} else {
			search, err := c.dirs()
			if err != nil {
				return nil, err
			}
			for _, d := range search {
				dirs = append(dirs, filepath.Join(d, "files"), d)
			}
		}
		for _, d := range dirs {
			if found := globFiles(d, base); len(found) > 0 {
				out = append(out, texts(found)...)
				break
			}
		}
	}
	return out, nil
}

// globFiles gives the regular files in dir whose names match a pattern of
// Python's glob.
func globFiles(dir, pattern string) []string {
	pattern = strings.NewReplacer(`\`, `\\`, "[!", "[^").Replace(pattern)
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	names, _ := d.Readdirnames(-1)
	_ = d.Close()
	var found []string
	for _, name := range names {
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") {
			continue
		}
		if ok, err := filepath.Match(pattern, name); !ok || err != nil {
			continue
		}
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			found = append(found, path)
		}
	}
	return found
}
