package source

import "strings"

// Inline is the place of a text that stands in no file, such as an option of the
// command line: name is shown for it, and the text itself where lines of a
// file would be.
func Inline(name, text string) Pos {
	name, _, _ = strings.Cut(name, inlineMark) // it may be another inline place's
	return Pos{File: name + inlineMark + text}
}

// inlineMark parts the two in Pos.File; no file's name can hold it.
const inlineMark = "\x00"

// inline gives the parts of a place that Inline made.
func (p Pos) inline() (name, text string, ok bool) { return strings.Cut(p.File, inlineMark) }
