package cron

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// marker begins the comment that names the job on the line after it.
const marker = "#Ansible: "

// table is a crontab as lines without their ends.
type table struct{ lines []string }

// parse parts text as Python's splitlines does: form feeds and the like end
// lines, too.
func parse(text string) table { return table{value.SplitLines(text, false)} }

// text gives the crontab with an end to its last line, unless there is nothing.
func (t *table) text() string {
	text := strings.Join(t.lines, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r") {
		text += "\n"
	}
	return text
}

func (t *table) blank() bool {
	return !slices.ContainsFunc(t.lines, func(line string) bool { return strings.TrimSpace(line) != "" })
}

// jobs are the names of the jobs that have one.
func (t *table) jobs() (names []string) {
	for _, line := range t.lines {
		if name, ok := strings.CutPrefix(line, marker); ok {
			names = append(names, name)
		}
	}
	return names
}

// variable gives the name of the variable that a line sets: what stands before
// its first =, without blanks.
func variable(line string) (string, bool) {
	name, _, ok := strings.Cut(line, "=")
	return name, ok && !strings.ContainsAny(name, " \t\v\f")
}

func (t *table) variables() (names []string) {
	for _, line := range t.lines {
		if name, ok := variable(line); ok {
			names = append(names, name)
		}
	}
	return names
}

// named gives where the markers of a name's jobs are; there is always a line
// after each, which is the job even if it looks like a marker.
func (t *table) named(name string) (at []int) {
	for i := 0; i+1 < len(t.lines); i++ {
		if n, ok := strings.CutPrefix(t.lines[i], marker); ok {
			if n == name {
				at = append(at, i)
			}
			i++
		}
	}
	return at
}

// setJob puts line in the place of every job of that name, unless the first is
// so already. Where there is none, a line that is the same and has no name gets
// it; else the job comes last.
func (t *table) setJob(name, line string) (changed bool) {
	at := t.named(name)
	if len(at) > 0 {
		if t.lines[at[0]+1] == line {
			return false
		}
		for _, i := range at {
			t.lines[i+1] = line
		}
		return true
	}
	if i := t.unnamed(line); i > 0 && t.lines[i-1] == marker+"None" {
		t.lines[i-1] = marker + name
	} else if i >= 0 {
		t.lines = slices.Insert(t.lines, i, marker+name)
	} else {
		t.lines = append(t.lines, marker+name, line)
	}
	return true
}

// unnamed finds a job that is line and has no name, or None for one: earlier
// versions of the reference wrote that.
func (t *table) unnamed(line string) int {
	for i, l := range t.lines {
		if l != line {
			continue
		}
		if i > 0 && strings.HasPrefix(t.lines[i-1], marker) && t.lines[i-1] != marker+"None" {
			continue
		}
		return i
	}
	return -1
}

func (t *table) removeJob(name string) bool {
	at := t.named(name)
	for _, i := range slices.Backward(at) {
		t.lines = slices.Delete(t.lines, i, i+2)
	}
	return len(at) > 0
}

// setVariable puts line in the place of every declaration of name; a new one
// goes beside another variable, or to the top.
func (t *table) setVariable(name, line, before, after string) (bool, error) {
	if at := t.find(name); at >= 0 {
		if t.lines[at] == line {
			return false, nil
		}
		for i, l := range t.lines {
			if n, ok := variable(l); ok && n == name {
				t.lines[i] = line
			}
		}
		return true, nil
	}
	at := 0
	if other := after + before; other != "" {
		if at = t.find(other); at < 0 {
			return false, module.Failf("Variable named '%s' not found.", other)
		}
		if after != "" {
			at++
		}
	}
	t.lines = slices.Insert(t.lines, at, line)
	return true, nil
}

func (t *table) find(name string) int {
	return slices.IndexFunc(t.lines, func(l string) bool {
		n, ok := variable(l)
		return ok && n == name
	})
}

func (t *table) removeVariable(name string) bool {
	n := len(t.lines)
	t.lines = slices.DeleteFunc(t.lines, func(l string) bool {
		v, ok := variable(l)
		return ok && v == name
	})
	return len(t.lines) < n
}
