package subversion

import (
	"strings"
	"testing"
)

func FuzzAnswers(f *testing.F) {
	f.Add("Path: x\nURL: http://h/r\nRevision: 5\n")
	f.Add("Updating '.':\nU    a\n C   b\nAt revision 5.\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		files := fileLines(lines)
		if len(files) > len(lines) {
			t.Errorf("%d files of %d lines", len(files), len(lines))
		}
		if anyChanged(files) && !anyChanged(lines) {
			t.Errorf("more changed in %q than in %q", files, lines)
		}
		number(lineOf(lines, "Revision"))
	})
}
