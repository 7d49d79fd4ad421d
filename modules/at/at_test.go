package at

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// program stands for at, atq: jobs are files in $ROOT/jobs.
const program = `#!/bin/sh
cd "$ROOT/jobs" || exit
case "${0##*/} $1" in
"atq ") for j in *; do [ -f "$j" ] && printf '%s\tMon Nov 23 15:23:00 2026 a root\n' "$j"; done; exit 0;;
"at -c") echo '#!/bin/sh'; echo 'umask 22'; cat "$2";;
"at -r") rm "$2";;
"at -f") n=$(ls | wc -l); cp "$2" "$((n + 1))"; echo "$4 $5 $6" > ../when;;
esac
`

func TestRun(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"bin", "jobs"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"bin/at", "bin/atq"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(program), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := filepath.Join(root, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho script\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		args    *value.Dict
		changed bool
		msg     string
		jobs    int
	}{
		{"present", value.DictOf("command", value.Str("ls -d /"), "count", value.Int(2), "units", value.Str("hours")), true, "", 1},
		{"present once more", value.DictOf("command", value.Str("ls -d /"), "count", value.Int(2), "units", value.Str("hours")), true, "", 2},
		{"unique", value.DictOf("command", value.Str("ls -d"), "count", value.Int(2), "units", value.Str("hours"), "unique", value.True), false, "", 2},
		{"unique script", value.DictOf("script_file", value.Str(script), "count", value.Int(2), "units", value.Str("hours"), "unique", value.True), true, "", 3},
		{"unique script again", value.DictOf("script_file", value.Str(script), "count", value.Int(2), "units", value.Str("hours"), "unique", value.True), false, "", 3},
		{"absent", value.DictOf("command", value.Str("ls -d /"), "state", value.Str("absent")), true, "", 1},
		{"absent again", value.DictOf("command", value.Str("ls -d /"), "state", value.Str("absent")), false, "", 1},
		{"absent script", value.DictOf("script_file", value.Str(script), "state", value.Str("absent")), true, "", 0},
		{"no count", value.DictOf("command", value.Str("ls"), "units", value.Str("hours")), false, "present state requires count and units", 0},
		{"empty", value.DictOf("command", value.Str(""), "state", value.Str("absent")), false, "the command is empty", 0},
	} {
		res := module.Run(t.Context(), &Module, c.args, &module.Call{Env: []string{"PATH=" + root + "/bin:/usr/bin:/bin", "ROOT=" + root}})
		if res.Changed != c.changed || res.Msg != c.msg || res.Failed != (c.msg != "") {
			t.Errorf("%s: changed %v, failed %v, %q", c.name, res.Changed, res.Failed, res.Msg)
		}
		if list, _ := os.ReadDir(filepath.Join(root, "jobs")); len(list) != c.jobs {
			t.Errorf("%s: %d jobs", c.name, len(list))
		}
	}
	if when, _ := os.ReadFile(filepath.Join(root, "when")); string(when) != "+ 2 hours\n" {
		t.Errorf("%q", when)
	}
}
