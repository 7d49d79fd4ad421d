package filter

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addPath("basename", "basename", func(p string) string { return p[strings.LastIndexByte(p, '/')+1:] })
	addPath("dirname", "dirname", dirName)
	addPath("normpath", "normpath", NormPath)
	addPath("expanduser", "expanduser", ExpandUser)
	addPath("expandvars", "expandvars", expandVars)
	addPath("realpath", "realpath", realPath)
	add("splitext", "splitext", splitExt)
	addKeys("path_join", "path_join", pathJoin)
	add("relpath", "relpath", relPath)
	add("commonpath", "commonpath", commonPath)
	add("fileglob", "fileglob", fileGlob)
}

func addPath(name, py string, fn func(string) string) {
	add(name, py, func(c *expr.Call) (value.Value, error) {
		var v value.Value
		if err := c.Unpack("path", &v); err != nil {
			return nil, err
		}
		p, err := pathOf(v)
		if err != nil {
			return nil, err
		}
		return value.Str(fn(p)), nil
	})
}

// pathOf gives v as a path, with the error of Python's os.fspath.
func pathOf(v value.Value) (string, error) {
	switch p := v.(type) {
	case value.Str:
		return string(p), nil
	case value.Markup:
		return string(p), nil
	case value.Bytes:
		return string(p), nil
	}
	return "", fmt.Errorf("expected str, bytes or os.PathLike object, not %s", v.Type())
}

func dirName(p string) string {
	head := p[:strings.LastIndexByte(p, '/')+1]
	if strings.Trim(head, "/") == "" {
		return head
	}
	return strings.TrimRight(head, "/")
}

// NormPath is os.path.normpath: two leading slashes stay, no path is the current one.
func NormPath(p string) string {
	if p == "" {
		return "."
	}
	root := ""
	switch {
	case strings.HasPrefix(p, "//") && !strings.HasPrefix(p, "///"):
		root = "//"
	case strings.HasPrefix(p, "/"):
		root = "/"
	}
	var parts []string
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "" || part == ".":
		case part == ".." && (len(parts) > 0 && parts[len(parts)-1] != ".."):
			parts = parts[:len(parts)-1]
		case part == ".." && root != "":
		default:
			parts = append(parts, part)
		}
	}
	if out := root + strings.Join(parts, "/"); out != "" {
		return out
	}
	return "."
}

// ExpandUser puts a home directory for a leading ~ or ~name.
func ExpandUser(p string) string {
	if !strings.HasPrefix(p, "~") {
		return p
	}
	name, rest, slash := strings.Cut(p[1:], "/")
	if slash {
		rest = "/" + rest
	}
	home := ""
	if name == "" {
		home = os.Getenv("HOME")
		if home == "" {
			if u, err := user.Current(); err == nil {
				home = u.HomeDir
			}
		}
	} else if u, err := user.Lookup(name); err == nil {
		home = u.HomeDir
	}
	if home == "" {
		return p
	}
	if joined := strings.TrimRight(home, "/") + rest; joined != "" {
		return joined
	}
	return "/"
}

// expandVars puts the environment in for $name and ${name}; what is not set stays.
func expandVars(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); {
		if p[i] != '$' {
			b.WriteByte(p[i])
			i++
			continue
		}
		name, end := "", i+1
		if strings.HasPrefix(p[i:], "${") {
			if n := strings.IndexByte(p[i:], '}'); n >= 0 {
				name, end = p[i+2:i+n], i+n+1
			}
		} else {
			for end < len(p) && (isDigit(p[end]) || p[end] == '_' || p[end]|0x20 >= 'a' && p[end]|0x20 <= 'z') {
				end++
			}
			name = p[i+1 : end]
		}
		if v, ok := os.LookupEnv(name); ok && name != "" {
			b.WriteString(v)
		} else {
			b.WriteString(p[i:end])
		}
		i = end
	}
	return b.String()
}

// realPath follows links as far as there are files; the rest is only tidied.
func realPath(p string) string {
	abs := absPath(p)
	if r, err := filepath.EvalSymlinks(abs); err == nil {
		return r
	}
	out, seen := "/", 0
	todo := strings.Split(absRaw(p), "/")
	for len(todo) > 0 {
		part := todo[0]
		todo = todo[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			out = dirName(out)
			continue
		}
		next := strings.TrimRight(out, "/") + "/" + part
		target, err := os.Readlink(next)
		if seen++; err != nil || seen > 255 {
			out = next
			continue
		}
		if strings.HasPrefix(target, "/") {
			out = "/"
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return out
}

func absRaw(p string) string {
	if strings.HasPrefix(p, "/") {
		return p
	}
	cwd, err := os.Getwd()
	if err != nil {
		return p
	}
	return cwd + "/" + p
}

func absPath(p string) string { return NormPath(absRaw(p)) }

func splitExt(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("p", &v); err != nil {
		return nil, err
	}
	p, err := pathOf(v)
	if err != nil {
		return nil, err
	}
	base := strings.LastIndexByte(p, '/') + 1
	dot := strings.LastIndexByte(p, '.')
	// Leading dots do not begin an extension.
	if dot < base || strings.Trim(p[base:dot], ".") == "" {
		return value.NewTuple(value.Str(p), value.Str("")), nil
	}
	return value.NewTuple(value.Str(p[:dot]), value.Str(p[dot:])), nil
}

func pathJoin(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("paths", &v); err != nil {
		return nil, err
	}
	if s, ok := value.AsText(v); ok {
		return value.Str(s), nil
	}
	parts, ok := sequence(v)
	if !ok {
		return nil, fmt.Errorf("|path_join expects string or sequence, got <class '%s'> instead.", v.Type())
	}
	if len(parts) == 0 {
		return nil, errors.New("join() missing 1 required positional argument: 'a'")
	}
	var out string
	for i, part := range parts {
		p, ok := value.AsText(part)
		switch {
		case !ok && i == 0:
			return nil, fmt.Errorf("expected str, bytes or os.PathLike object, not %s", part.Type())
		case !ok:
			return nil, fmt.Errorf("join() argument must be str, bytes, or os.PathLike object, not '%s'", part.Type())
		case strings.HasPrefix(p, "/") || out == "":
			out = p
		case strings.HasSuffix(out, "/"):
			out += p
		default:
			out += "/" + p
		}
	}
	return value.Str(out), nil
}

func relPath(c *expr.Call) (value.Value, error) {
	var v value.Value
	var start value.Value = value.Str(".")
	if err := c.Unpack("path", &v, "start?", &start); err != nil {
		return nil, err
	}
	if !value.Truth(v) {
		return nil, errors.New("no path specified")
	}
	p, err := pathOf(v)
	if err != nil {
		return nil, err
	}
	if start == value.None {
		start = value.Str(".")
	}
	from, err := pathOf(start)
	if err != nil {
		return nil, err
	}
	a := strings.FieldsFunc(absPath(from), func(r rune) bool { return r == '/' })
	b := strings.FieldsFunc(absPath(p), func(r rune) bool { return r == '/' })
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	out := append(strings.Split(strings.Repeat("../", len(a)-n), "/")[:len(a)-n:len(a)-n], b[n:]...)
	if len(out) == 0 {
		return value.Str("."), nil
	}
	return value.Str(strings.Join(out, "/")), nil
}

func commonPath(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("paths", &v); err != nil {
		return nil, err
	}
	items, ok := sequence(v)
	if !ok {
		return nil, fmt.Errorf("|commonpath expects sequence, got <class '%s'> instead.", v.Type())
	}
	if len(items) == 0 {
		return nil, errors.New("commonpath() arg is an empty sequence")
	}
	var common []string
	rooted := false
	for i, item := range items {
		p, err := pathOf(item)
		if err != nil {
			return nil, err
		}
		parts := strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
		kept := parts[:0]
		for _, part := range parts {
			if part != "." {
				kept = append(kept, part)
			}
		}
		if i == 0 {
			common, rooted = kept, strings.HasPrefix(p, "/")
			continue
		}
		if strings.HasPrefix(p, "/") != rooted {
			return nil, errors.New("Can't mix absolute and relative paths")
		}
		n := 0
		for n < len(common) && n < len(kept) && common[n] == kept[n] {
			n++
		}
		common = common[:n]
	}
	out := strings.Join(common, "/")
	if rooted {
		out = "/" + out
	}
	return value.Str(out), nil
}

// fileGlob gives the files, and nothing else, that a pattern matches.
func fileGlob(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("pathname", &v); err != nil {
		return nil, err
	}
	pattern, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("'%s' object is not subscriptable", v.Type())
	}
	found, err := filepath.Glob(globPattern(pattern))
	if err != nil {
		found = nil // for Python a pattern that makes no sense matches nothing
	}
	sort.Strings(found)
	out := []value.Value{}
	for _, p := range found {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && !hiddenBy(pattern, p) {
			out = append(out, value.Str(p))
		}
	}
	return list(out), nil
}

// globPattern writes Python's [!x] as [^x], and makes backslashes plain.
func globPattern(p string) string {
	return strings.NewReplacer(`\`, `\\`, "[!", "[^").Replace(p)
}

// hiddenBy reports whether p begins with a dot where the pattern has a
// wildcard: those are not matched.
func hiddenBy(pattern, p string) bool {
	name, glob := p[strings.LastIndexByte(p, '/')+1:], pattern[strings.LastIndexByte(pattern, '/')+1:]
	return strings.HasPrefix(name, ".") && !strings.HasPrefix(glob, ".")
}
