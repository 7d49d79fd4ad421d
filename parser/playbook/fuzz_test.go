package playbook

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/churten/churten/jinja/source"
)

// FuzzLoad feeds playbooks to the loader: it may refuse them, not fall over.
func FuzzLoad(f *testing.F) {
	cases, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range cases {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ".yml") {
				f.Add(string(file.Data))
			}
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "site.yml")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		var warnings, out bytes.Buffer
		l := New(testOptions(dir, &warnings))
		pb, err := l.Load(path)
		if err != nil {
			if source.Report(err) == "" {
				t.Error("an error without a message")
			}
			return
		}
		opts := ListOptions{Hosts: true, Tasks: true, Tags: true}
		opts.HostsOf = func(patterns []string) ([]string, error) { return patterns, nil }
		_ = l.List(&out, pb, opts)
	})
}
