package mount

import (
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/form"
)

// entry is a line of fstab(5); dump and passno may be missing there.
type entry struct {
	src, path, fstype, opts, dump, passno string
}

func (e *entry) line() string {
	return strings.Join([]string{escape(e.src), escape(e.path), escape(e.fstype), escape(e.opts), e.dump, e.passno}, " ") + "\n"
}

// same reports whether e is the same line as o but for the way it is written.
func (e *entry) matches(o *entry) bool {
	if e.path != o.path {
		return false
	}
	// Swap has no place of its own: what is swapped to tells the lines apart.
	return e.path != "none" || e.fstype != "swap" || o.src == "" || e.src == o.src
}

// readLine reads a line; ok is false for what is none of a mount.
func readLine(line string) (e entry, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return e, false
	}
	f := strings.Fields(line)
	if len(f) < 4 || len(f) > 6 && !strings.HasPrefix(f[6], "#") {
		return e, false
	}
	for i := range f {
		f[i] = form.Unoctal(f[i])
	}
	e = entry{src: f[0], path: f[1], fstype: f[2], opts: f[3]}
	if len(f) > 4 {
		e.dump = f[4]
	}
	if len(f) > 5 {
		e.passno = f[5]
	}
	return e, true
}

// set gives the text with e in the place of what matches it, or at the end.
func set(text string, e entry) (after string, changed bool) {
	var b strings.Builder
	found := false
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") {
			line += "\n"
		}
		if have, ok := readLine(line); ok && have.matches(&e) {
			found = true
			if have != e {
				line, changed = e.line(), true
			}
		}
		b.WriteString(line)
	}
	if !found {
		b.WriteString(e.line())
		changed = true
	}
	return b.String(), changed
}

// unset gives the text without what matches e.
func unset(text string, e entry) (after string, changed bool) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if have, ok := readLine(line); ok && have.matches(&e) {
			changed = true
			continue
		}
		b.WriteString(line)
	}
	return b.String(), changed
}

var escapes = strings.NewReplacer("\\", `\134`, " ", `\040`, "\t", `\011`, "\n", `\012`)

func escape(s string) string { return escapes.Replace(s) }

// point is a line of /proc/self/mountinfo (proc_pid_mountinfo(5)).
type point struct {
	device string // major:minor
	root   string // the directory of the file system that is mounted
	path   string
	source string
}

func readPoints(text string) (list []point) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		dash := slices.Index(f, "-")
		if dash < 6 || len(f) < dash+3 {
			continue
		}
		list = append(list, point{device: f[2], root: form.Unoctal(f[3]), path: form.Unoctal(f[4]), source: form.Unoctal(f[dash+2])})
	}
	return list
}

// mounted gives what lies at path: the last that was mounted there.
func mounted(list []point, path string) (point, bool) {
	for _, p := range slices.Backward(list) {
		if p.path == path {
			return p, true
		}
	}
	return point{}, false
}

// from gives where a mounted directory comes from: the source of its file
// system, or, if only a part of that is mounted (bind), that part's path.
func from(list []point, p point) string {
	for _, whole := range list {
		if p.root == "/" {
			break
		}
		if whole.device == p.device && whole.path != p.path && whole.root != p.root {
			if rest, ok := strings.CutPrefix(p.root, strings.TrimSuffix(whole.root, "/")+"/"); ok {
				return strings.TrimSuffix(whole.path, "/") + "/" + rest
			}
		}
	}
	return p.source
}
