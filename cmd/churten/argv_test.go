package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// Messages seen on ansible-core 2.19.14 with Python 3.11.
func TestNormalise(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{in: "site.yml", want: "-- site.yml"},
		{in: "site.yml -i hosts more.yml -C", want: "-i=hosts -C -- site.yml more.yml"},
		{in: "-vvv site.yml", want: "-v -v -v -- site.yml"},
		{in: "-CDvf5 site.yml", want: "-C -D -v -f=5 -- site.yml"},
		{in: "-f 5 -ihosts", want: "-f=5 -i=hosts --"},
		{in: "-i=hosts", want: "-i=hosts --"},
		{in: "-i -x", want: "-i=-x --"}, // argparse refuses it; a host list that begins with - is nobody's
		{in: "--inv hosts", err: "ambiguous option: --inv could match --inventory, --inventory-file"},
		{in: "--inventory=a=b", want: "--inventory=a=b --"},
		{in: "--lim web", want: "--limit=web --"},
		{in: "--list-h", want: "--list-hosts --"},
		{in: "--vault-password-file x --vault-pass-file y", want: "--vault-password-file=x --vault-pass-file=y --"},
		{in: "-e a=1 -e b=2", want: "-e=a=1 -e=b=2 --"},
		{in: "-- -i hosts", want: "-- -i hosts"},
		{in: "- site.yml", want: "-- - site.yml"},
		{in: "--list", err: "ambiguous option: --list could match --list-hosts, --list-tasks, --list-tags"},
		{in: "--nope", err: "unrecognized arguments: --nope"},
		{in: "-Z", err: "unrecognized arguments: -Z"},
		{in: "-CZ", err: "unrecognized arguments: -Z"},
		{in: "-i", err: "argument -i/--inventory/--inventory-file: expected one argument"},
		{in: "--limit", err: "argument -l/--limit: expected one argument"},
		{in: "--check=yes", err: "argument -C/--check: ignored explicit argument 'yes'"},
	} {
		got, err := normalise(playbookFlags(&app.PlaybookOptions{}), strings.Fields(c.in))
		switch {
		case c.err != "":
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: %q %v, not the error %q", c.in, got, err, c.err)
			}
		case err != nil || strings.Join(got, " ") != c.want:
			t.Errorf("%s: %q %v, not %q", c.in, strings.Join(got, " "), err, c.want)
		}
	}
}

// What is normalised is what it was, and means the same to the cli library
// as often as it is done.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"-vvv\x00site.yml", "--lim\x00a\x00-e\x00x=1", "--\x00-i", "-\x00é", "-é", "--=\x00x", "-f"} {
		f.Add(s)
	}
	flags := playbookFlags(&app.PlaybookOptions{})
	f.Fuzz(func(t *testing.T, joined string) {
		once, err := normalise(flags, strings.Split(joined, "\x00"))
		if err != nil {
			return
		}
		again, err := normalise(flags, once)
		if err != nil || !slices.Equal(once, again) {
			t.Fatalf("%q: again %q %v", once, again, err)
		}
		end := slices.Index(once, "--")
		if end < 0 {
			t.Fatalf("%q has no end of options", once)
		}
		for _, o := range once[:end] {
			if !strings.HasPrefix(o, "-") {
				t.Fatalf("%q: an argument among the options", once)
			}
		}
		a := &cli.App{Name: "churten", Writer: new(strings.Builder), ErrWriter: new(strings.Builder), ExitErrHandler: func(*cli.Context, error) {},
			Commands: []*cli.Command{{Name: "playbook", Flags: playbookFlags(&app.PlaybookOptions{}), HideHelp: true,
				OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
				Action: func(c *cli.Context) error {
					if !slices.Equal(c.Args().Slice(), once[end+1:]) {
						t.Errorf("%q: arguments %q", once, c.Args().Slice())
					}
					return nil
				}}}}
		_ = a.Run(append([]string{"churten", "playbook"}, once...))
	})
}
