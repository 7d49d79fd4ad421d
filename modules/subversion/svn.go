package subversion

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// svn calls the program for one repository and one directory.
type svn struct {
	*module.Call
	path, repo, dest, revision string

	asked bool // whether the password may go by stdin is known
}

// call runs svn. Its output is C's, whatever the task's language; the password
// goes by stdin.
func (s *svn) call(ctx context.Context, args ...string) (tool.Output, error) {
	argv := []string{s.path, "--non-interactive", "--no-auth-cache"}
	if !s.Args.Bool("validate_certs") {
		argv = append(argv, "--trust-server-cert")
	}
	if name := s.Args.Str("username"); name != "" {
		argv = append(argv, "--username", name)
	}
	o := tool.Options{Env: []string{"LC_ALL=C.UTF-8", "LC_MESSAGES=C"}}
	if password := s.Args.Str("password"); password != "" {
		if err := s.takesStdin(ctx); err != nil {
			return tool.Output{}, err
		}
		argv = append(argv, "--password-from-stdin")
		o.Stdin = []byte(password + "\n")
	}
	return tool.RunWith(ctx, s.Call, o, append(argv, args...)...)
}

// takesStdin asks svn once whether it takes a password by stdin: since 1.10.
func (s *svn) takesStdin(ctx context.Context) error {
	if s.asked {
		return nil
	}
	out, err := tool.Check(ctx, s.Call, s.path, "--version", "--quiet")
	if err != nil {
		return err
	}
	version := strings.Split(strings.TrimSpace(out.Stdout), ".")
	if len(version) > 1 && version[0] == "1" && len(version[1]) < 2 {
		return module.Failf("svn %s takes a password in its command line only, which all users of the host can read: svn 1.10 or newer is needed", strings.TrimSpace(out.Stdout))
	}
	s.asked = true
	return nil
}

// must is call where an exit status other than 0 is an error.
func (s *svn) must(ctx context.Context, args ...string) ([]string, error) {
	out, err := s.call(ctx, args...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		f := (&module.Failure{Msg: strings.TrimRight(out.Stderr, " \t\r\n")}).With("cmd", value.Str(out.Cmd), "rc", value.Int(out.RC),
			"stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))
		return nil, f
	}
	return strings.Split(strings.TrimSuffix(out.Stdout, "\n"), "\n"), nil
}

func (s *svn) isCopy(ctx context.Context) (bool, error) {
	out, err := s.call(ctx, "info", s.dest)
	return err == nil && out.RC == 0, err
}

func (s *svn) checkout(ctx context.Context, force bool) error {
	args := []string{"checkout"}
	if force {
		args = append(args, "--force")
	}
	_, err := s.must(ctx, append(args, "-r", s.revision, s.repo, s.dest)...)
	return err
}

func (s *svn) export(ctx context.Context, force bool) error {
	args := []string{"export"}
	if force {
		args = append(args, "--force")
	}
	_, err := s.must(ctx, append(args, "-r", s.revision, s.repo, s.dest)...)
	return err
}

// A line of update or switch that tells of a file: what happened to it, its
// properties, its lock, the conflict in it; then its path.
var changedLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[ABDUCGE]`) })

func anyChanged(lines []string) bool {
	for _, line := range lines {
		if changedLine().MatchString(line) && !strings.HasPrefix(line, "At ") {
			return true
		}
	}
	return false
}

func (s *svn) switchTo(ctx context.Context) (bool, error) {
	lines, err := s.must(ctx, "switch", "--revision", s.revision, s.repo, s.dest)
	return anyChanged(fileLines(lines)), err
}

func (s *svn) update(ctx context.Context) (bool, error) {
	lines, err := s.must(ctx, "update", "-r", s.revision, s.dest)
	return anyChanged(fileLines(lines)), err
}

// fileLines leaves out what svn says beside its table of files.
func fileLines(lines []string) []string {
	var out []string
	for _, line := range lines {
		if len(line) > 5 && strings.TrimSpace(line[1:4]) == "" {
			out = append(out, line)
		}
	}
	return out
}

func (s *svn) revert(ctx context.Context) error {
	_, err := s.must(ctx, "revert", "-R", s.dest)
	return err
}

// modified says whether files that svn knows differ from what it checked out.
func (s *svn) modified(ctx context.Context) (bool, error) {
	lines, err := s.must(ctx, "status", "--quiet", "--ignore-externals", s.dest)
	for _, line := range lines {
		if line != "" && line[0] != '?' && line[0] != 'X' {
			return true, err
		}
	}
	return false, err
}

// revisionOf gives the line of svn info that tells of the revision.
func (s *svn) revisionOf(ctx context.Context, args ...string) (string, error) {
	lines, err := s.must(ctx, args...)
	if err != nil {
		return "", err
	}
	return lineOf(lines, "Revision"), nil
}

// state is what before and after show.
func (s *svn) state(ctx context.Context) ([]string, error) {
	lines, err := s.must(ctx, "info", s.dest)
	if err != nil {
		return nil, err
	}
	return []string{lineOf(lines, "Revision"), lineOf(lines, "URL")}, nil
}

func lineOf(lines []string, name string) string {
	for _, line := range lines {
		if strings.HasPrefix(line, name+":") {
			return line
		}
	}
	return "Unable to get " + strings.ToLower(name)
}
