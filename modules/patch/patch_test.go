package patch

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// The calls are those that ansible.posix 2.1 was seen to make.
func TestRun(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"patch": "#!/bin/sh\necho \"$*\" >> \"$ROOT/log\"\n[ \"$(wc -l < \"$ROOT/log\")\" -lt \"$FROM\" ] && exit 1\nexit 0\n", "f": "", "p": "",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, args string // key=value, with spaces between
		from       string // the call from which on patch has success
		check      bool
		shipped    string
		changed    bool
		failed     bool
		calls      string
	}{
		{name: "there", args: "src=R/p dest=R/f", from: "1", calls: "--quiet --forward --strip=0 --directory=R --input=R/p --dry-run R/f --reverse"},
		{name: "applied", args: "src=R/p dest=R/f", from: "2", changed: true, calls: "--quiet --forward --strip=0 --directory=R --input=R/p --dry-run R/f --reverse|" +
			"--quiet --forward --batch --reject-file=- --strip=0 --directory=R --input=R/p R/f"},
		{name: "checked", args: "src=R/p dest=R/f backup=yes", from: "2", check: true, changed: true, calls: "--quiet --forward --strip=0 --directory=R --input=R/p --dry-run R/f --reverse|" +
			"--quiet --forward --batch --reject-file=- --strip=0 --directory=R --input=R/p --dry-run R/f --backup --version-control=numbered"},
		{name: "all options", args: "src=R/p basedir=R strip=2 backup=yes binary=yes ignore_whitespace=yes state=absent", from: "2", changed: true,
			calls: "--quiet --forward --strip=2 --directory=R --input=R/p --dry-run --binary --ignore-whitespace|" +
				"--quiet --forward --batch --reject-file=- --strip=2 --directory=R --input=R/p --binary --ignore-whitespace --backup --version-control=numbered --reverse"},
		{name: "fails", args: "src=R/p dest=R/f", from: "9", failed: true, calls: "--quiet --forward --strip=0 --directory=R --input=R/p --dry-run R/f --reverse|" +
			"--quiet --forward --batch --reject-file=- --strip=0 --directory=R --input=R/p R/f"},
		{name: "shipped", args: "src=name dest=R/f", from: "1", shipped: "text", calls: "--quiet --forward --strip=0 --directory=R --input=R/patch.tmp/patch --dry-run R/f --reverse"},
		{name: "no source", args: "src=R/none dest=R/f", failed: true},
	} {
		_ = os.Remove(filepath.Join(root, "log"))
		args := value.NewDict(8)
		for _, pair := range strings.Fields(c.args) {
			k, v, _ := strings.Cut(pair, "=")
			args.SetStr(k, value.Str(strings.ReplaceAll(v, "R/", root+"/")))
			if v == "R" {
				args.SetStr(k, value.Str(root))
			}
		}
		call := &module.Call{Check: c.check, Env: []string{"PATH=" + root + ":/usr/bin:/bin", "ROOT=" + root, "FROM=" + c.from},
			Tmp: func() (string, error) {
				dir := filepath.Join(root, "patch.tmp")
				return dir, os.MkdirAll(dir, 0o700)
			},
			Blob: func(context.Context, string) (io.ReadCloser, module.Blob, error) {
				if c.shipped == "" {
					return nil, module.Blob{}, fs.ErrNotExist
				}
				return io.NopCloser(strings.NewReader(c.shipped)), module.Blob{}, nil
			}}
		res := module.Run(t.Context(), &Module, args, call)
		if res.Failed != c.failed || res.Changed != c.changed {
			t.Errorf("%s: changed %v, failed %v, %q", c.name, res.Changed, res.Failed, res.Msg)
		}
		log, _ := os.ReadFile(filepath.Join(root, "log"))
		if got := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(string(log)), root, "R"), "\n", "|"); got != c.calls {
			t.Errorf("%s: called\n%s, want\n%s", c.name, got, c.calls)
		}
	}
	if text, err := os.ReadFile(filepath.Join(root, "patch.tmp", "patch")); err != nil || string(text) != "text" {
		t.Errorf("what was shipped is %q, %v", text, err)
	}
}
