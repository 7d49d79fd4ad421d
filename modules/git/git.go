// Package git keeps a working copy, or a bare one, of a git repository, by the
// host's own git.
//
// The way of a call: clone.go where nothing is there yet, update.go for what
// is, version.go says what commit a version means here and there, archive.go
// makes an archive of it, verify.go looks at signatures. Calls of git go
// through repo.git, which gives it the environment for ssh (ssh.go).
//
// Source: documentation of ansible.builtin.git; git-clone(1), git-fetch(1),
// git-ls-remote(1), git-archive(1); results and messages seen on ansible-core
// 2.19 (testdata/twins.yml).
package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the git module.
var Module = module.Module{
	Name: "ansible.builtin.git", Doc: "Deploy software (or files) from git checkouts.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "dest", Type: module.Path, Doc: "Where the copy is."},
			{Name: "repo", Required: true, Aliases: []string{"name"}, Doc: "The repository's URL or path."},
			{Name: "version", Default: value.Str("HEAD"), Doc: "A branch, tag, commit, or HEAD."},
			{Name: "remote", Default: value.Str("origin"), Doc: "What the repository is called in the copy."},
			{Name: "refspec", Doc: "What to fetch besides."},
			{Name: "reference", Doc: "Another copy to take objects from."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Throw local changes away."},
			{Name: "depth", Type: module.Int, Doc: "How many commits of history to fetch."},
			{Name: "clone", Type: module.Bool, Default: value.True, Doc: "Make the copy where there is none."},
			{Name: "update", Type: module.Bool, Default: value.True, Doc: "Fetch what is new."},
			{Name: "verify_commit", Type: module.Bool, Default: value.False, Doc: "Have the commit's signature checked."},
			{Name: "gpg_allowlist", Type: module.List, Elements: module.Str, Default: value.NewList(), Aliases: []string{"gpg_whitelist"}, Doc: "Fingerprints of the only keys that count."},
			{Name: "accept_hostkey", Type: module.Bool, Default: value.False, Doc: "Trust whatever host key the server has."},
			{Name: "accept_newhostkey", Type: module.Bool, Default: value.False, Doc: "Trust host keys of servers that are not known yet."},
			{Name: "key_file", Type: module.Path, Doc: "Private key for ssh."},
			{Name: "ssh_opts", Doc: "More options for ssh."},
			{Name: "executable", Type: module.Path, Doc: "The git program."},
			{Name: "bare", Type: module.Bool, Default: value.False, Doc: "Have no working tree."},
			{Name: "recursive", Type: module.Bool, Default: value.True, Doc: "See to submodules too."},
			{Name: "single_branch", Type: module.Bool, Default: value.False, Doc: "Fetch the history of the version only."},
			{Name: "track_submodules", Type: module.Bool, Default: value.False, Doc: "Take the newest commits of submodules, not those recorded."},
			{Name: "umask", Type: module.Raw, Doc: "The umask for all that is written."},
			{Name: "archive", Type: module.Path, Doc: "Make this archive (.zip, .tar.gz, .tar, .tgz) of the version."},
			{Name: "archive_prefix", Doc: "What names in the archive begin with."},
			{Name: "separate_git_dir", Type: module.Path, Doc: "Where the repository itself is kept."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"separate_git_dir", "bare"}, {"accept_hostkey", "accept_newhostkey"}},
			RequiredBy:        []module.RequiredBy{{Arg: "archive_prefix", Then: []string{"archive"}}},
		},
	},
	Run: run,
}

// repo is one call.
type repo struct {
	*module.Call
	program            string
	url, dest, version string
	remote             string
	bare               bool
	gitDir             string   // of the copy
	umask              []string // before every command
	env                []string
	before             string // commit of the copy, "" where there is none
	values             *value.Dict
	changed            bool
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	r := &repo{Call: c, url: a.Str("repo"), dest: a.Str("dest"), version: a.Str("version"), remote: a.Str("remote"), bare: a.Bool("bare"),
		values: value.DictOf("changed", value.None)}
	if r.dest == "" && a.Bool("clone") {
		return nil, module.Failf("the destination directory must be specified unless clone=no")
	}
	if r.dest != "" { // commands and messages have it without dots and a slash at its end
		var err error
		if r.dest, err = filepath.Abs(r.dest); err != nil {
			return nil, err
		}
	}
	if err := r.setUp(ctx); err != nil {
		return nil, err
	}
	if err := r.findGitDir(); err != nil {
		return nil, err
	}
	there := r.dest != "" && exists(filepath.Join(r.gitDir, "config"))
	if there {
		if err := r.head(ctx); err != nil {
			return nil, err
		}
	}
	r.values.SetStr("before", value.None)
	if r.before != "" {
		r.values.SetStr("before", value.Str(r.before))
	}
	switch {
	case !there && (c.Check || !a.Bool("clone")):
		return r.foresee(ctx)
	case !there:
		if err := r.clone(ctx); err != nil {
			return nil, err
		}
	case !a.Bool("update"):
		r.values.SetStr("after", value.Str(r.before))
		return r.finish(ctx, r.before)
	default:
		if err := r.fetchAll(ctx); err != nil {
			return nil, err
		}
		if c.Check {
			return r.foresee(ctx)
		}
	}
	return r.settle(ctx)
}

// settle brings the working tree to the version.
func (r *repo) settle(ctx context.Context) (*module.Result, error) {
	if !r.bare {
		if err := r.checkout(ctx); err != nil {
			return nil, err
		}
		if err := r.submodules(ctx); err != nil {
			return nil, err
		}
	} else if err := r.verify(ctx); err != nil {
		return nil, err
	}
	before := r.before
	if err := r.head(ctx); err != nil {
		return nil, err
	}
	after := r.before
	r.before = before
	r.values.SetStr("after", value.Str(after))
	return r.finish(ctx, after)
}

// foresee is check mode, and clone=no: what the version is now.
func (r *repo) foresee(ctx context.Context) (*module.Result, error) {
	after, err := r.remoteCommit(ctx)
	if err != nil {
		return nil, err
	}
	r.values.SetStr("after", value.Str(after))
	return r.finish(ctx, after)
}

// finish makes the result.
func (r *repo) finish(ctx context.Context, after string) (*module.Result, error) {
	res := &module.Result{Values: r.values}
	if r.before != after {
		r.changed = true
		if r.Diff {
			text, err := r.diff(ctx, after)
			if err != nil {
				return nil, err
			}
			r.values.SetStr("diff", value.None)
			res.Diff = []module.Diff{{Prepared: text}}
		}
	}
	if r.Args.Given("archive") && exists(r.gitDir) {
		if err := r.archive(ctx, after); err != nil {
			return nil, err
		}
	}
	res.Changed = r.changed
	return res, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (r *repo) setUp(ctx context.Context) error {
	a := r.Args
	var err error
	if r.program, err = tool.Find(r.Call, "git"); err != nil && !a.Given("executable") {
		return err
	}
	if strings.HasPrefix(r.url, "/") {
		r.url = "file://" + r.url
	}
	if a.Given("umask") {
		text := value.Text(a.Value("umask"))
		mask, err := strconv.ParseUint(text, 8, 12)
		if err != nil {
			return module.Failf("umask must be an octal integer").With("details", value.Str("invalid literal for int() with base 8: "+value.Repr(value.Str(text))))
		}
		r.umask = []string{"/bin/sh", "-c", "umask " + strconv.FormatUint(mask, 8) + `; exec "$0" "$@"`}
	}
	// Nobody is there to answer questions, and messages are read.
	r.env = append(tool.LocaleEnv(), "GIT_TERMINAL_PROMPT=0", "LANGUAGE="+tool.Locale(), "GIT_SSH_COMMAND="+r.ssh())
	if a.Given("executable") {
		r.program = a.Str("executable")
		_, err = r.must(ctx, "", "--version")
	}
	if err == nil && a.Given("archive") {
		_, err = archiveFormat(a.Str("archive"))
	}
	return err
}

// ssh is the command line that git reaches servers by.
func (r *repo) ssh() string {
	a := r.Args
	line, given := tool.Getenv(r.Env, "GIT_SSH_COMMAND")
	if !given || line == "" {
		line = "ssh"
		if program, ok := tool.Getenv(r.Env, "GIT_SSH"); ok && program != "" {
			line = tool.Quote(program)
		}
	}
	if !strings.Contains(a.Str("ssh_opts"), "BatchMode") {
		line += " -o BatchMode=yes"
	}
	if a.Bool("accept_hostkey") && !strings.Contains(a.Str("ssh_opts"), "StrictHostKeyChecking") {
		line += " -o StrictHostKeyChecking=no"
	}
	if a.Bool("accept_newhostkey") && !strings.Contains(a.Str("ssh_opts"), "StrictHostKeyChecking") {
		line += " -o StrictHostKeyChecking=accept-new"
	}
	if key := a.Str("key_file"); key != "" {
		line += " -i " + tool.Quote(key) + " -o IdentitiesOnly=yes"
	}
	if opts := a.Str("ssh_opts"); opts != "" {
		line += " " + opts
	}
	return line
}

// git runs git in dir; a password in a URL is not shown.
func (r *repo) git(ctx context.Context, dir string, words ...string) (tool.Output, error) {
	argv := append(append(append([]string(nil), r.umask...), r.program), words...)
	shown := make([]string, len(words))
	for i, w := range words {
		shown[i] = hidePassword(w)
	}
	return tool.RunWith(ctx, r.Call, tool.Options{Env: r.env, Dir: dir, Stream: true, Shown: tool.Quote(append([]string{r.program}, shown...)...)}, argv...)
}

// must is git that has to succeed.
func (r *repo) must(ctx context.Context, dir string, words ...string) (tool.Output, error) {
	out, err := r.git(ctx, dir, words...)
	if err == nil && out.RC != 0 {
		return out, out.Failure()
	}
	return out, err
}

// hidePassword masks the password of a URL.
func hidePassword(word string) string {
	scheme, rest, ok := strings.Cut(word, "://")
	if !ok {
		return word
	}
	host, _, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(host, '@')
	if at < 0 {
		return word
	}
	user, _, ok := strings.Cut(host[:at], ":")
	if !ok {
		return word
	}
	return scheme + "://" + user + ":********" + rest[at:]
}

// failed is the failure of a command that the reference tells in words of its own.
func failed(out *tool.Output, msg string) *module.Failure {
	return (&module.Failure{Msg: msg}).With("stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr), "rc", value.Int(out.RC))
}

// head sets before to the commit that the copy is at.
func (r *repo) head(ctx context.Context) error {
	out, err := r.git(ctx, r.dest, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	r.before = strings.TrimSpace(out.Stdout)
	return nil
}

// findGitDir says where the repository of the copy is, and moves it where
// separate_git_dir wants it elsewhere.
func (r *repo) findGitDir() error {
	if r.gitDir = r.dest; r.bare || r.dest == "" {
		return nil
	}
	link := filepath.Join(r.dest, ".git")
	r.gitDir = link
	wanted := r.Args.Str("separate_git_dir")
	if data, err := os.ReadFile(link); err == nil {
		if to, ok := strings.CutPrefix(strings.TrimSpace(string(data)), "gitdir: "); ok {
			if !filepath.IsAbs(to) {
				to = filepath.Join(r.dest, to)
			}
			r.gitDir = to
		}
	}
	if wanted == "" || r.gitDir == wanted || !exists(r.gitDir) || r.Check {
		return nil
	}
	if exists(wanted) {
		return module.Failf("Separate-git-dir path %s already exists.", wanted)
	}
	err := os.Rename(r.gitDir, wanted)
	if err == nil {
		if r.gitDir == link {
			err = os.WriteFile(link, nil, 0o644)
		}
		err = errors.Join(err, os.WriteFile(link, []byte("gitdir: "+wanted+"\n"), 0o644))
	}
	if err != nil {
		return module.Failf("Unable to move git dir. %v", err)
	}
	r.values = value.DictOf("changed", value.None, "git_dir_before", value.Str(r.gitDir), "git_dir_now", value.Str(wanted))
	r.gitDir, r.changed = wanted, true
	return nil
}
