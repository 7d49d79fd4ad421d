// Package subversion checks out, updates and exports Subversion repositories.
//
// svn.go has svn's calls; this file decides which.
//
// Source: documentation of ansible.builtin.subversion; results, messages and
// calls of svn seen on ansible-core 2.19 (testdata/twins.yml).
package subversion

import (
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the subversion module.
var Module = module.Module{
	Name: "ansible.builtin.subversion", Doc: "Deploy a Subversion repository.",
	Check: true,
	Differs: []string{
		"In check mode in_place changes nothing; the reference checks out.",
		"A password is refused where svn is older than 1.10, which takes it in its command line only.",
	},
	Spec: module.Spec{Args: []module.Arg{
		{Name: "dest", Type: module.Path, Doc: "Where the working copy or the export goes."},
		{Name: "repo", Required: true, Aliases: []string{"name", "repository"}, Doc: "The repository's URL."},
		{Name: "revision", Default: value.Str("HEAD"), Aliases: []string{"rev", "version"}, Doc: "The revision."},
		{Name: "force", Type: module.Bool, Default: value.False, Doc: "Give up changes to the working copy, overwrite an export."},
		{Name: "username", Doc: "The user to log in as."},
		{Name: "password", NoLog: true, Doc: "The user's password."},
		{Name: "executable", Type: module.Path, Doc: "The svn to use."},
		{Name: "export", Type: module.Bool, Default: value.False, Doc: "Export instead of checking out."},
		{Name: "checkout", Type: module.Bool, Default: value.True, Doc: "Check out where there is no working copy."},
		{Name: "update", Type: module.Bool, Default: value.True, Doc: "Update the working copy."},
		{Name: "switch", Type: module.Bool, Default: value.True, Doc: "Switch the working copy to repo first."},
		{Name: "in_place", Type: module.Bool, Default: value.False, Doc: "Check out over a directory that is there."},
		{Name: "validate_certs", Type: module.Bool, Default: value.False, Doc: "Refuse certificates that cannot be verified."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	export, checkout, update := a.Bool("export"), a.Bool("checkout"), a.Bool("update")
	if !a.Given("dest") && (checkout || update || export) {
		return nil, module.Failf("the destination directory must be specified unless checkout=no, update=no, and export=no")
	}
	s := &svn{Call: c, repo: a.Str("repo"), dest: a.Str("dest"), revision: a.Str("revision"), path: a.Str("executable")}
	if s.path == "" {
		var err error
		if s.path, err = tool.Find(c, "svn"); err != nil {
			return nil, err
		}
	}
	if !export && !update && !checkout {
		after, err := s.revisionOf(ctx, "info", s.repo)
		if err != nil {
			return nil, err
		}
		return &module.Result{Values: value.DictOf("changed", value.None, "after", value.Str(after))}, nil
	}
	bare := &module.Result{Values: value.DictOf("changed", value.None)}
	if _, err := os.Stat(s.dest); export || err != nil {
		if c.Check {
			bare.Changed = true
			return bare, nil
		}
		if export {
			bare.Changed = true
			return bare, s.export(ctx, a.Bool("force"))
		}
		if !checkout {
			return bare, nil
		}
		if err := s.checkout(ctx, false); err != nil {
			return nil, err
		}
		return s.done(ctx, nil, false)
	}
	is, err := s.isCopy(ctx)
	switch {
	case err != nil:
		return nil, err
	case is && !update:
		return bare, nil
	case is && c.Check:
		return s.wouldUpdate(ctx)
	case is:
		return s.bringUp(ctx)
	case !a.Bool("in_place"):
		return nil, module.Failf("ERROR: %s folder already exists, but its not a subversion repository.", s.dest)
	case c.Check:
		bare.Changed = true
		return bare, nil
	}
	if err := s.checkout(ctx, true); err != nil {
		return nil, err
	}
	local, err := s.modified(ctx)
	if err == nil && local && a.Bool("force") {
		err = s.revert(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s.done(ctx, nil, local)
}

const modifiedFiles = "ERROR: modified files exist in the repository."

// wouldUpdate says what an update would find.
func (s *svn) wouldUpdate(ctx context.Context) (*module.Result, error) {
	local, err := s.modified(ctx)
	if err != nil {
		return nil, err
	}
	if local && !s.Args.Bool("force") {
		return nil, module.Failf(modifiedFiles)
	}
	before, err := s.revisionOf(ctx, "info", s.dest)
	if err != nil {
		return nil, err
	}
	after, err := s.revisionOf(ctx, "info", "-r", s.revision, s.dest)
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: number(after) > number(before),
		Values: value.DictOf("changed", value.None, "before", value.Str(before), "after", value.Str(after))}, nil
}

// number is the number in what info says of a revision.
func number(line string) int {
	_, n, _ := strings.Cut(line, ":")
	i, _ := strconv.Atoi(strings.TrimSpace(n))
	return i
}

// bringUp switches and updates the working copy.
func (s *svn) bringUp(ctx context.Context) (*module.Result, error) {
	before, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	local, err := s.modified(ctx)
	if err != nil {
		return nil, err
	}
	changed := false
	if s.Args.Bool("switch") {
		if changed, err = s.switchTo(ctx); err != nil {
			return nil, err
		}
	}
	if local {
		if !s.Args.Bool("force") {
			return nil, module.Failf(modifiedFiles)
		}
		if err := s.revert(ctx); err != nil {
			return nil, err
		}
	}
	updated, err := s.update(ctx)
	if err != nil {
		return nil, err
	}
	return s.done(ctx, before, changed || updated || local)
}

// done answers with what the working copy is now. A newer revision that changed
// none of its files is no change.
func (s *svn) done(ctx context.Context, before []string, changed bool) (*module.Result, error) {
	after, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	v := value.DictOf("changed", value.None, "before", value.None, "after", value.Strings(after...))
	if before != nil {
		v.SetStr("before", value.Strings(before...))
	}
	return &module.Result{Changed: changed || before == nil, Values: v}, nil
}
