package git

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// clone makes the copy.
func (r *repo) clone(ctx context.Context) error {
	a := r.Args
	kind, err := r.remoteKind(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.dest), 0o777); err != nil {
		return module.Failf("cannot make the directory for %s: %v", r.dest, err)
	}
	words := []string{"clone"}
	if r.bare {
		words = append(words, "--bare")
	} else {
		words = append(words, "--origin", r.remote)
	}
	named := kind == branch || kind == tag
	if depth := a.Int("depth"); depth > 0 {
		switch {
		case named, r.version == "HEAD", a.Given("refspec"):
			words = append(words, "--depth", strconv.FormatInt(depth, 10))
		default:
			r.Warn("Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in combination with refspec.")
		}
	}
	// Otherwise the remote's own branch is there too, and what is wanted is checked out after.
	if single := a.Bool("single_branch"); named && (single || a.Int("depth") > 0) {
		if single {
			words = append(words, "--single-branch")
		}
		words = append(words, "--branch", r.version)
	} else if single {
		words = append(words, "--single-branch")
	}
	if ref := a.Str("reference"); ref != "" {
		words = append(words, "--reference", ref)
	}
	if dir := a.Str("separate_git_dir"); dir != "" {
		words = append(words, "--separate-git-dir="+dir)
	}
	if _, err := r.must(ctx, filepath.Dir(r.dest), append(words, r.url, r.dest)...); err != nil {
		return err
	}
	if err := r.findGitDir(); err != nil {
		return err
	}
	if r.bare && r.remote != "origin" {
		if _, err := r.must(ctx, r.dest, "remote", "add", r.remote, r.url); err != nil {
			return err
		}
	}
	if spec := a.Str("refspec"); spec != "" {
		_, err = r.must(ctx, r.dest, append([]string{"fetch"}, r.withDepth(r.remote, spec)...)...)
	}
	return err
}

func (r *repo) withDepth(words ...string) []string {
	if depth := r.Args.Int("depth"); depth > 0 {
		return append([]string{"--depth", strconv.FormatInt(depth, 10)}, words...)
	}
	return words
}

// fetchAll looks after local changes and the remote's URL, and fetches; in
// check mode it changes nothing.
func (r *repo) fetchAll(ctx context.Context) error {
	if !r.bare {
		if err := r.localChanges(ctx); err != nil {
			return err
		}
	}
	urlChanged, err := r.setURL(ctx)
	if err != nil {
		return err
	}
	r.changed = r.changed || urlChanged
	r.values.SetStr("remote_url_changed", value.Bool(urlChanged))
	if r.Check {
		return nil
	}
	words, err := r.fetchWords(ctx)
	if err != nil {
		return err
	}
	out, err := r.git(ctx, r.dest, words...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return (&module.Failure{Msg: "Failed to download remote objects and refs: " + out.Stdout + " " + out.Stderr}).With("cmd", value.Strings(append([]string{r.program}, words...)...))
	}
	return nil
}

// fetchWords is the command that fetches what the version may need.
func (r *repo) fetchWords(ctx context.Context) ([]string, error) {
	spec := r.Args.Str("refspec")
	words := []string{"fetch"}
	var force []string // a tag that was moved there fails the task otherwise
	if r.Args.Bool("force") {
		force = []string{"--force"}
	}
	if r.Args.Int("depth") > 0 {
		kind, err := r.remoteKind(ctx)
		if err != nil {
			return nil, err
		}
		to := "refs/remotes/" + r.remote + "/"
		if r.bare {
			to = "refs/heads/"
		}
		var specs []string
		switch kind {
		case branch:
			specs = append(specs, "+refs/heads/"+r.version+":"+to+r.version)
		case tag:
			specs = append(specs, "+refs/tags/"+r.version+":refs/tags/"+r.version)
		}
		if spec != "" {
			specs = append(specs, spec)
		}
		if len(specs) > 0 {
			return append(append(words, force...), append(r.withDepth(r.remote), specs...)...), nil
		}
		if r.version == "HEAD" {
			return append(append(words, force...), r.withDepth(r.remote)...), nil
		}
	}
	words = append(append(append(words, "--tags"), force...), r.remote)
	switch {
	case r.bare:
		words = append(words, "+refs/heads/*:refs/heads/*")
	case spec != "":
		words = append(words, "+refs/heads/*:refs/remotes/"+r.remote+"/*")
	}
	if spec != "" {
		words = append(words, spec)
	}
	return words, nil
}

// localChanges fails where files have been changed, or throws that away.
func (r *repo) localChanges(ctx context.Context) error {
	out, err := r.must(ctx, r.dest, "status", "--porcelain")
	if err != nil {
		return err
	}
	dirty := false
	for line := range strings.Lines(out.Stdout) {
		dirty = dirty || !strings.HasPrefix(line, "??")
	}
	switch {
	case !dirty:
		return nil
	case !r.Args.Bool("force"):
		values := r.values.Clone()
		values.SetStr("changed", value.False)
		return &module.Failure{Msg: "Local modifications exist in the destination: " + r.dest + " (force=no).", Values: values}
	case r.Check:
		return nil
	}
	if _, err := r.must(ctx, r.dest, "reset", "--hard", "HEAD"); err != nil {
		return err
	}
	r.changed = true
	r.values.SetStr("msg", value.Str("Local modifications exist in the destination: "+r.dest))
	return nil
}

// setURL has the remote point to the repository.
func (r *repo) setURL(ctx context.Context) (changed bool, err error) {
	out, err := r.git(ctx, r.dest, "config", "--get", "remote."+r.remote+".url")
	if err != nil {
		return false, err
	}
	verb := "set-url"
	if out.RC != 0 {
		verb = "add"
	}
	if strings.TrimRight(out.Stdout, "\n") == r.url || r.Check && verb == "add" {
		return verb == "add", nil
	}
	if r.Check {
		return true, nil
	}
	_, err = r.must(ctx, r.dest, "remote", verb, r.remote, r.url)
	return true, err
}
