package firewalld

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// call is one of firewalld's programs as it was called on a host, and what it said.
type call struct {
	Argv     []string
	RC       int
	Out, Err string
}

// standIn makes the two programs, which answer the calls and write them into log.
func standIn(t *testing.T, log string, calls []call) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\nwords=\"${0##*/} $*\"\nprintf '%%s\\n' \"$words\" >> %s\ncase $words in\n", tool.Quote(log))
	for _, c := range calls {
		fmt.Fprintf(&b, "%s) printf %%s %s; printf %%s %s >&2; exit %d ;;\n", tool.Quote(strings.Join(c.Argv, " ")), tool.Quote(c.Out), tool.Quote(c.Err), c.RC)
	}
	b.WriteString("esac\nprintf 'nobody recorded %s\\n' \"$words\" >&2\nexit 99\n")
	for _, name := range []string{"firewall-cmd", "firewall-offline-cmd"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	return dir
}

// play runs the module where the programs answer so, and gives its result and their calls.
func play(t *testing.T, args *value.Dict, check bool, calls []call) (*module.Result, []string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	dir := standIn(t, log, calls)
	res := module.Run(t.Context(), &Module, args, &module.Call{Check: check, Env: []string{"PATH=" + dir}})
	text, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return res, strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var runs []struct {
		Name         string
		Args, Result json.RawMessage
		Check        bool
		Calls        []call
	}
	if err := json.Unmarshal(text, &runs); err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		t.Run(r.Name, func(t *testing.T) {
			args, err := value.ParseJSON(string(r.Args))
			if err != nil {
				t.Fatal(err)
			}
			want, err := value.ParseJSON(string(r.Result))
			if err != nil {
				t.Fatal(err)
			}
			res, called := play(t, args.(*value.Dict), r.Check, r.Calls)
			got := res.Dict()
			got.Delete(value.Str("invocation"))
			got.Delete(value.Str("exception"))
			if !value.Equal(got, want) {
				t.Errorf("gives %s\nwant %s", value.Text(got), value.Text(want))
			}
			var words []string
			for _, c := range r.Calls {
				words = append(words, strings.Join(c.Argv, " "))
			}
			if !slices.Equal(called, words) && len(words)+len(strings.Join(called, "")) > 0 {
				t.Errorf("calls\n%q\nwant\n%q", called, words)
			}
		})
	}
}
