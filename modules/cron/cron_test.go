package cron

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // backups stay there
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}

// What the reference does not get right: it takes the name for a pattern.
func TestNamesAreNoPatterns(t *testing.T) {
	tab := parse("AxB=1\n")
	if changed, err := tab.setVariable("A.B", `A.B="2"`, "", ""); err != nil || !changed || tab.text() != "A.B=\"2\"\nAxB=1\n" {
		t.Errorf("%v, %v, %q", changed, err, tab.text())
	}
}

func FuzzTable(f *testing.F) {
	f.Add("#Ansible: a\n0 * * * * ls\nX=1\n", "a", "1 1 1 1 1 x")
	f.Add("#Ansible: None\n1 1 1 1 1 x", "a", "1 1 1 1 1 x")
	f.Add("#Ansible: a\n", "a", "")
	f.Fuzz(func(t *testing.T, text, name, line string) {
		tab := parse(text)
		before := len(tab.lines)
		tab.setJob(name, line)
		if n := len(tab.lines); n < before || n > before+2 {
			t.Errorf("%d lines, then %d", before, n)
		}
		tab.jobs()
		tab.variables()
		before = len(tab.lines)
		if removed := tab.removeJob(name); removed != (len(tab.lines) < before) {
			t.Errorf("removed %v, %d lines, then %d", removed, before, len(tab.lines))
		}
	})
}
