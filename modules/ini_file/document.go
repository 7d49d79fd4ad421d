package inifile

import (
	"slices"
	"strings"
)

// want is what is asked for.
type want struct {
	section   string // "": before the first one
	option    string
	hasOption bool
	values    []string // nil: none
	exclusive bool
	inactive  bool // commented lines count
	noValue   bool
	equals    string // between option and value
	has       []has

	ignoreSpaces bool
}

// has is what a section must have to be the one.
type has struct {
	option string
	values []string
}

func (w *want) line(v string) string { return w.option + w.equals + v + "\n" }

// document is a file by its lines, with their ends.
type document struct{ lines []string }

// parse makes sure that the last line has an end; even an empty file has one.
func parse(text string) *document {
	d := &document{lines: slices.Collect(strings.Lines(text))}
	if n := len(d.lines); n == 0 {
		d.lines = []string{"\n"}
	} else if !strings.HasSuffix(d.lines[n-1], "\n") {
		d.lines[n-1] += "\n"
	}
	return d
}

func (d *document) text() string { return strings.Join(d.lines, "") }

const blanks = " \t"

// setting reads a line as one of option.
func setting(line, option string) (val string, commented, ok bool) {
	line = strings.TrimLeft(strings.TrimSuffix(line, "\n"), blanks)
	if rest := strings.TrimPrefix(strings.TrimPrefix(line, "#"), ";"); line != "" && (line[0] == '#' || line[0] == ';') {
		if len(line)-len(rest) > 1 {
			return "", false, false
		}
		line, commented = strings.TrimLeft(rest, blanks), true
	}
	rest, ok := strings.CutPrefix(line, option)
	rest = strings.TrimLeft(rest, blanks)
	if !ok || rest != "" && rest[0] != '=' {
		return "", false, false
	}
	return strings.TrimLeft(strings.TrimPrefix(rest, "="), blanks), commented, true
}

// isSection tells the head of the section of that name.
func isSection(line, name string) bool {
	rest, ok := strings.CutPrefix(line, "[")
	if !ok {
		return false
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t\v\f"), name)
	return ok && strings.HasPrefix(strings.TrimLeft(rest, " \t\v\f"), "]")
}

// end gives where the section ends whose lines begin at i.
func (d *document) end(i int) int {
	for ; i < len(d.lines); i++ {
		if strings.HasPrefix(d.lines[i], "[") {
			break
		}
	}
	return i
}

// find gives the lines of the section without its head.
func (d *document) find(w want) (start, end int, ok bool) {
	if w.section == "" {
		return 0, d.end(0), true
	}
	for i, line := range d.lines {
		if isSection(line, w.section) {
			if end := d.end(i + 1); d.hasAll(w.has, i+1, end) {
				return i + 1, end, true
			}
		}
	}
	return 0, 0, false
}

// hasAll reports whether lines set all options, each to one of its values.
func (d *document) hasAll(all []has, start, end int) bool {
	for _, h := range all {
		if !slices.ContainsFunc(d.lines[start:end], func(line string) bool {
			v, _, ok := setting(line, h.option)
			return ok && (h.values == nil || slices.Contains(h.values, v))
		}) {
			return false
		}
	}
	return true
}

// present brings in what is wanted and says what was done, "" for nothing.
func (d *document) present(w want) string {
	start, end, ok := d.find(w)
	if !ok {
		return d.addSection(w)
	}
	if !w.hasOption {
		return ""
	}
	changed := false
	left, rest := d.keep(w, start, end, &changed)
	if w.exclusive || w.values == nil {
		left = d.overwrite(w, left, rest, &changed)
	}
	if len(left) > 0 && w.option != "" {
		d.insert(start, left)
		return "option added"
	}
	if changed {
		return "option changed"
	}
	return ""
}

// keep looks for lines that have a value that is wanted. It gives the lines
// still to be written and where other lines of the option are.
func (d *document) keep(w want, start, end int, changed *bool) (left []string, rest []int) {
	values := slices.Clone(w.values)
	bare := w.values == nil
	for i := start; i < end; i++ {
		v, commented, ok := setting(d.lines[i], w.option)
		if !ok || commented && !w.inactive {
			continue
		}
		var line string
		if at := slices.Index(values, v); at >= 0 {
			line = w.line(v)
			values = slices.Delete(values, at, at+1)
		} else if bare && !strings.Contains(d.lines[i], "=") {
			line, bare = w.option+"\n", false
		} else {
			rest = append(rest, i)
			continue
		}
		same := d.lines[i] == line || w.ignoreSpaces && d.lines[i] == d.tight(w, i, v)
		if !same {
			d.lines[i] = line
			*changed = true
		}
	}
	for _, v := range values {
		left = append(left, w.line(v))
	}
	if bare {
		left = append(left, w.option+"\n")
	}
	return left, rest
}

// tight gives line i as it may be where blanks around the equal sign do not count.
func (d *document) tight(w want, i int, v string) string {
	line := strings.TrimSuffix(d.lines[i], "\n")
	_, after, _ := strings.Cut(line[min(len(w.option), len(line)):], "=")
	between := line[min(len(w.option), len(line)) : len(line)-len(after)]
	return w.option + between + after[:len(after)-len(v)] + v + "\n"
}

// overwrite puts lines in the place of those at rest and removes what is left of
// these; it gives the lines that found no place.
func (d *document) overwrite(w want, lines []string, rest []int, changed *bool) []string {
	drop := map[int]bool{}
	for _, i := range rest {
		*changed = true
		if len(lines) > 0 {
			d.lines[i], lines = lines[0], lines[1:]
		} else {
			drop[i] = true
		}
	}
	d.drop(drop)
	return lines
}

func (d *document) drop(which map[int]bool) {
	kept := d.lines[:0]
	for i, line := range d.lines {
		if !which[i] {
			kept = append(kept, line)
		}
	}
	d.lines = kept
}

// insert puts lines behind the section's last line that says something.
func (d *document) insert(start int, lines []string) {
	at := d.end(start)
	for at > start {
		line := strings.Trim(d.lines[at-1], blanks+"\n")
		if line != "" && line[0] != '#' && line[0] != ';' {
			break
		}
		at--
	}
	d.lines = slices.Insert(d.lines, at, lines...)
}

func (d *document) addSection(w want) string {
	d.lines = append(d.lines, "["+w.section+"]\n")
	for _, h := range w.has {
		for _, v := range h.values {
			d.lines = append(d.lines, h.option+w.equals+v+"\n")
		}
		if h.values == nil && w.noValue {
			d.lines = append(d.lines, h.option+"\n")
		}
	}
	if w.option == "" {
		return "only section added"
	}
	for _, v := range w.values {
		d.lines = append(d.lines, w.line(v))
	}
	if w.values == nil {
		d.lines = append(d.lines, w.option+"\n")
	}
	return "section and option added"
}

// absent takes out what is asked for and says what was done, "" for nothing.
func (d *document) absent(w want) string {
	start, end, ok := d.find(w)
	if !ok {
		return ""
	}
	drop := map[int]bool{}
	if w.option == "" {
		for i := start - 1; i < end; i++ {
			drop[i] = true
		}
		d.drop(drop)
		return "section removed"
	}
	for i := start; i < end; i++ {
		v, commented, ok := setting(d.lines[i], w.option)
		if ok && !commented && (w.exclusive || slices.Contains(w.values, v)) {
			drop[i] = true
		}
	}
	d.drop(drop)
	if len(drop) > 0 {
		return "option changed"
	}
	return ""
}
