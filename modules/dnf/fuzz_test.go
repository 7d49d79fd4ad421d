package dnf

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/tool"
)

func FuzzMessages(f *testing.F) {
	f.Add("No match for argument: x\nAll matches were filtered out by exclude filtering for argument: y\nError: Unable\n")
	f.Add("Package x.rpm is not signed\n")
	f.Add("\nProblem repository: x")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range unmatched(text) {
			if strings.Contains(name, "\n") {
				t.Errorf("name %q", name)
			}
		}
		unsigned(text)
		if lastError(&tool.Output{Stdout: text, Stderr: text}) == "" && !strings.Contains(text, "Error: ") {
			t.Errorf("a failure without a word: %q", text)
		}
	})
}
