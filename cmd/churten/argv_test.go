package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
)

// playbookLine reads a command line of churten playbook.
func playbookLine(words []string) (string, error) {
	t, err := parse(testRoot(nil), append([]string{"playbook"}, words...))
	if err != nil {
		return "", err
	}
	switch {
	case t.help:
		return "help", nil
	case t.version:
		return "version", nil
	}
	return strings.Join(t.words[1:], " "), nil
}

func testRoot(action cli.ActionFunc) *cli.Command {
	playbook := &cli.Command{Name: "playbook", ArgsUsage: "playbook [playbook ...]", Flags: playbookFlags(&app.PlaybookOptions{}), Action: action}
	inner := &cli.Command{Name: "encrypt", ArgsUsage: "[file_name ...]", Flags: []cli.Flag{
		&choiceFlag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}}, []string{"ini", "env"}}, &cli.StringFlag{Name: "output"}, verboseFlag()}}
	vault := &cli.Command{Name: "vault", Flags: []cli.Flag{verboseFlag()}, Subcommands: []*cli.Command{inner, {Name: "view"}}}
	return &cli.Command{Name: "churten", Subcommands: []*cli.Command{playbook, vault}}
}

func verboseFlag() cli.Flag {
	return &cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Count: new(int)}
}

// Messages seen on ansible-core 2.19.14 with Python 3.11.
func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{in: "site.yml", want: "-- site.yml"},
		{in: "site.yml -i hosts more.yml -C", want: "-i=hosts -C -- site.yml more.yml"}, // argparse wants the arguments in one place
		{in: "-vvv site.yml", want: "-v -v -v -- site.yml"},
		{in: "-CDvf5 site.yml", want: "-C -D -v -f=5 -- site.yml"},
		{in: "s -f 5 -ihosts", want: "-f=5 -i=hosts -- s"},
		{in: "s -i=hosts", want: "-i=hosts -- s"},
		{in: "s -i -x", err: "argument -i/--inventory/--inventory-file: expected one argument"},
		{in: "s -i --check", err: "argument -i/--inventory/--inventory-file: expected one argument"},
		{in: "s -l -1", want: "-l=-1 -- s"},
		{in: "s -l -", want: "-l=- -- s"},
		{in: "--inv hosts", err: "ambiguous option: --inv could match --inventory, --inventory-file"},
		{in: "s --inventory=a=b", want: "--inventory=a=b -- s"},
		{in: "s --lim web", want: "--limit=web -- s"},
		{in: "s --lim=web", want: "--limit=web -- s"},
		{in: "s --list-h", want: "--list-hosts -- s"},
		{in: "s --vault-password-file x --vault-pass-file y", want: "--vault-password-file=x --vault-pass-file=y -- s"},
		{in: "s -e a=1 -e b=2", want: "-e=a=1 -e=b=2 -- s"},
		{in: "-- -i hosts", want: "-- -i hosts"},
		{in: "- site.yml", want: "-- - site.yml"},
		{in: "--list", err: "ambiguous option: --list could match --list-hosts, --list-tasks, --list-tags"},
		{in: "--v s", err: "ambiguous option: --v could match --version, --verbose, --vault-id, --vault-password-file, --vault-pass-file"},
		{in: "--nope s --never=1", err: "unrecognized arguments: --nope --never=1"},
		{in: "--nope", err: "the following arguments are required: playbook"},
		{in: "s -Z", err: "unrecognized arguments: -Z"},
		{in: "s -CZf5", err: "argument -C/--check: ignored explicit argument 'Zf5'"},
		{in: "-i", err: "argument -i/--inventory/--inventory-file: expected one argument"},
		{in: "--limit", err: "argument -l/--limit: expected one argument"},
		{in: "--check=yes", err: "argument -C/--check: ignored explicit argument 'yes'"},
		{in: "s -f x", err: "argument -f/--forks: invalid tag_value value: 'x'"},
		{in: "s -k --conn-pass-file x", err: "argument --connection-password-file/--conn-pass-file: not allowed with argument -k/--ask-pass"},
		{in: "s --vault-password-file x -J", err: "argument -J/--ask-vault-password/--ask-vault-pass: not allowed with argument --vault-password-file/--vault-pass-file"},
		{in: "", err: "the following arguments are required: playbook"},
		{in: "-vh --nope", want: "help"},
		{in: "--version", want: "version"},
		{in: "--help=1", err: "argument -h/--help: ignored explicit argument '1'"},
	} {
		got, err := playbookLine(strings.Fields(c.in))
		switch {
		case c.err != "":
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: %q %v, not the error %q", c.in, got, err, c.err)
			}
		case err != nil || got != c.want:
			t.Errorf("%s: %q %v, not %q", c.in, got, err, c.want)
		}
	}
	if got, err := playbookLine([]string{"s", "--ssh-common-args", "-o ProxyJump=x", "-e", "-a b"}); err != nil || got != "--ssh-common-args=-o ProxyJump=x -e=-a b -- s" {
		t.Error("a value with a space that begins with -:", got, err)
	}
}

// As TestParse, for commands in commands.
func TestParseSubcommands(t *testing.T) {
	for _, c := range []struct{ in, path, want, err string }{
		{in: "vault -v encrypt f --output x g -v", path: "churten vault encrypt", want: "vault -v encrypt --output=x -v -- f g"},
		{in: "vault encrypt", path: "churten vault encrypt", want: "vault encrypt --"},
		{in: "vault", path: "churten vault", err: "the following arguments are required: action"},
		{in: "vault bogus", path: "churten vault", err: "argument action: invalid choice: 'bogus' (choose from 'encrypt', 'view')"},
		{in: "vault --foo", path: "churten vault", err: "the following arguments are required: action"},
		{in: "vault --foo view --bar", path: "churten vault", err: "unrecognized arguments: --foo --bar"},
		{in: "vault encrypt -f x", path: "churten vault encrypt", err: "argument -f/--format: invalid choice: 'x' (choose from 'ini', 'env')"},
		{in: "vault encrypt --format=env", path: "churten vault encrypt", want: "vault encrypt --format=env --"},
	} {
		got, err := parse(testRoot(nil), strings.Fields(c.in))
		var names []string
		for _, p := range got.path {
			names = append(names, p.Name)
		}
		if path := strings.Join(names, " "); path != c.path {
			t.Errorf("%s: path %s, not %s", c.in, path, c.path)
		}
		if words := strings.Join(got.words, " "); c.err == "" && (err != nil || words != c.want) || c.err != "" && (err == nil || err.Error() != c.err) {
			t.Errorf("%s: %q %v, not %q %q", c.in, words, err, c.want, c.err)
		}
	}
}

// What was read is what it was, and means the same to the cli library as
// often as it is done.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"-vvv\x00site.yml", "--lim\x00a\x00-e\x00x=1", "--\x00-i", "-\x00é", "-é", "--=\x00x", "-f", "-f\x00007\x00-k\x00x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		var args []string
		root := testRoot(func(c *cli.Context) error {
			args = c.Args().Slice()
			return nil
		})
		first, err := parse(root, append([]string{"playbook"}, strings.Split(joined, "\x00")...))
		if err != nil || first.help || first.version {
			return
		}
		once := first.words
		again, err := parse(root, once)
		if err != nil || !slices.Equal(once, again.words) {
			t.Fatalf("%q: again %q %v", once, again.words, err)
		}
		end := slices.Index(once, "--")
		if end < 0 {
			t.Fatalf("%q has no end of options", once)
		}
		for _, o := range once[1:end] {
			if !strings.HasPrefix(o, "-") {
				t.Fatalf("%q: an argument among the options", once)
			}
		}
		quiet(root.Subcommands)
		a := &cli.App{Name: "churten", HideHelp: true, Writer: new(strings.Builder), ErrWriter: new(strings.Builder), Commands: root.Subcommands,
			DisableSliceFlagSeparator: true, ExitErrHandler: func(*cli.Context, error) {}}
		if err := a.Run(append([]string{"churten"}, once...)); err != nil {
			t.Fatalf("%q: %v", once, err)
		}
		if !slices.Equal(args, once[end+1:]) {
			t.Fatalf("%q: arguments %q", once, args)
		}
	})
}
