package zypper

import (
	"context"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// job is one call of the module.
type job struct {
	*module.Call
	path  string // zypper
	kind  string // argument type
	state string // present, latest, absent or dist-upgrade
}

// said is what a call of zypper gave.
type said struct {
	tool.Output
	argv     []string
	packages []pkg // what it did, or would do; for search what it found
	index    map[string]int
}

// pkg is a solvable in zypper's words: to-install, to-upgrade … say what is done with it.
type pkg struct {
	name, group, version, old string
}

// transactional tells a system whose root is a snapshot that cannot be written:
// zypper changes a new one there.
func transactional() bool {
	if _, err := os.Stat("/usr/sbin/transactional-update"); err != nil {
		return false
	}
	data, err := os.ReadFile("/proc/mounts")
	return err == nil && readOnlySnapshot(string(data))
}

func readOnlySnapshot(mounts string) bool {
	for line := range strings.Lines(mounts) {
		f := strings.Fields(line)
		if len(f) > 3 && f[1] == "/" && f[2] == "btrfs" {
			return f[3] == "ro" || strings.HasPrefix(f[3], "ro,")
		}
	}
	return false
}

// command gives zypper's command line up to its subcommand.
func (j *job) command(global ...string) []string {
	var argv []string
	if transactional() {
		argv = []string{"/usr/sbin/transactional-update", "--continue", "--drop-if-no-change", "--quiet", "run"}
	}
	argv = append(argv, j.path, "--non-interactive", "--xmlout")
	if j.Args.Bool("quiet") {
		argv = append(argv, "--quiet")
	}
	argv = append(argv, strings.Fields(j.Args.Str("extra_args_precommand"))...)
	return append(argv, global...)
}

func (j *job) extra() []string { return strings.Fields(j.Args.Str("extra_args")) }

// changing gives the command line of a subcommand that changes packages, without their names.
func (j *job) changing(sub string) []string {
	a := j.Args
	var global []string
	if sub != "remove" {
		if a.Bool("disable_gpg_check") {
			global = append(global, "--no-gpg-checks")
		}
		if a.Bool("auto_import_keys") {
			global = append(global, "--gpg-auto-import-keys")
		}
	}
	argv := append(j.command(global...), sub)
	if sub != "patch" && sub != "dist-upgrade" {
		argv = append(argv, "--type", j.kind)
	}
	if j.Check {
		argv = append(argv, "--dry-run")
	}
	flag := func(on bool, name string) {
		if on {
			argv = append(argv, name)
		}
	}
	if sub == "remove" {
		flag(a.Bool("clean_deps"), "--clean-deps")
		return append(argv, j.extra()...)
	}
	argv = append(argv, "--auto-agree-with-licenses")
	flag(a.Bool("disable_recommends"), "--no-recommends")
	flag(a.Bool("force"), "--force")
	flag(a.Bool("force_resolution"), "--force-resolution")
	flag(a.Bool("oldpackage"), "--oldpackage")
	flag(a.Bool("replacefiles"), "--replacefiles")
	flag(a.Bool("allow_vendor_change") && sub == "dist-upgrade", "--allow-vendor-change")
	return append(argv, j.extra()...)
}

func (j *job) run(ctx context.Context, argv []string) (*said, error) {
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LANG=C", "LC_ALL=C", "LC_MESSAGES=C"}, Stream: true}, argv...)
	return &said{Output: out, argv: argv}, err
}

// read takes the packages from what zypper said. Statuses of 100 and more are
// information, of which some go on (zypper(8), EXIT CODES): 102 and 103 want a
// restart, 106 a repository was left out, 107 a script of a package failed. For
// 104, nothing found, it gives the message as the error.
func (j *job) read(s *said) error {
	elements, err := scan(s.Stdout)
	if err != nil {
		return s.failure("Failed to parse zypper xml output: " + err.Error())
	}
	var messages []string
	for _, e := range elements {
		switch {
		case e.name == "message" && e.depth == 1:
			messages = append(messages, string(e.text))
		case e.name == "solvable" && e.depth > 1:
			s.add(pkg{e.attrs["name"], e.parent, e.attrs["edition"], e.attrs["edition-old"]})
		}
	}
	if s.RC == 104 {
		if len(messages) == 0 {
			return s.failure("zypper found nothing of that name")
		}
		return s.failure(messages[len(messages)-1])
	}
	if j.Args.Bool("simple_errors") && len(messages) > 0 {
		s.Stdout = strings.Join(messages, " \n")
	}
	switch s.RC {
	case 0, 102, 103, 106, 107:
		return nil
	}
	return s.failure("Zypper run command failed with return code " + value.Text(value.Int(s.RC)) + ".")
}

// add keeps a package; what is said of it last counts.
func (s *said) add(p pkg) {
	if i, ok := s.index[p.name]; ok {
		s.packages[i] = p
		return
	}
	if s.index == nil {
		s.index = map[string]int{}
	}
	s.index[p.name] = len(s.packages)
	s.packages = append(s.packages, p)
}

func (s *said) failure(msg string) *module.Failure {
	return (&module.Failure{Msg: msg}).With("rc", value.Int(s.RC), "stdout", value.Str(s.Stdout), "stderr", value.Str(s.Stderr), "cmd", value.Strings(s.argv...))
}

// change runs a command that changes packages, a second time where zypper asks
// for that: when it has updated itself, or a script failed that shall not matter.
func (j *job) change(ctx context.Context, argv []string) (*said, error) {
	first, err := j.run(ctx, argv)
	if err == nil {
		err = j.read(first)
	}
	if err != nil || first.RC != 103 && (first.RC != 107 || !j.Args.Bool("skip_post_errors")) {
		return first, err
	}
	second, err := j.run(ctx, argv)
	if err != nil {
		return second, err
	}
	second.packages, second.index = first.packages, first.index
	return second, j.read(second)
}

// installed asks which of the names are installed.
func (j *job) installed(ctx context.Context, names []string) (map[string]bool, error) {
	found := map[string]bool{}
	if len(names) == 0 {
		return found, nil
	}
	argv := append(j.command("--disable-repositories"), "search", "--type", j.kind)
	argv = append(append(argv, j.extra()...), "--match-exact", "--details", "--installed-only")
	s, err := j.run(ctx, append(argv, names...))
	if err != nil {
		return nil, err
	}
	nothing := s.RC == 104
	if nothing {
		s.RC = 0
	}
	if err := j.read(s); err != nil {
		return nil, err
	}
	for _, p := range s.packages {
		found[p.name] = !nothing
	}
	return found, nil
}
