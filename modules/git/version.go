package git

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// kind is what a version is in the remote repository.
type kind int

const (
	other kind = iota // a commit, HEAD, or a ref of another sort
	branch
	tag
)

// lsRemote asks the remote repository for refs.
func (r *repo) lsRemote(ctx context.Context, which, pattern string) (string, error) {
	out, err := r.must(ctx, "", "ls-remote", r.url, which, pattern)
	return out.Stdout, err
}

func (r *repo) remoteKind(ctx context.Context) (kind, error) {
	text, err := r.lsRemote(ctx, "-h", "refs/heads/"+r.version)
	if err != nil {
		return other, err
	}
	if _, ok := refCommit(text, "refs/heads/"+r.version); ok {
		return branch, nil
	}
	if r.version == "HEAD" {
		return other, nil
	}
	text, err = r.lsRemote(ctx, "-t", "refs/tags/"+r.version)
	if err != nil {
		return other, err
	}
	if _, ok := refCommit(text, "refs/tags/"+r.version); ok {
		return tag, nil
	}
	return other, nil
}

// refCommit reads "COMMIT\tREF" lines; of an annotated tag it gives the commit
// that the tag is about.
func refCommit(text, ref string) (commit string, ok bool) {
	for line := range strings.Lines(text) {
		sum, name, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		switch name {
		case ref + "^{}":
			return sum, true
		case ref:
			commit, ok = sum, true
		}
	}
	return commit, ok
}

// remoteCommit is the commit that the version is in the remote repository; a
// version that is no branch or tag there stands for itself.
func (r *repo) remoteCommit(ctx context.Context) (string, error) {
	if r.version == "HEAD" {
		out, err := r.must(ctx, "", "ls-remote", r.url, "-h", "HEAD")
		if err != nil {
			return "", err
		}
		commit, ok := refCommit(out.Stdout, "HEAD")
		if !ok {
			return "", failed(&out, "Could not determine remote revision for HEAD")
		}
		return commit, nil
	}
	text, err := r.lsRemote(ctx, "-h", "refs/heads/"+r.version)
	if err != nil {
		return "", err
	}
	if commit, ok := refCommit(text, "refs/heads/"+r.version); ok {
		return commit, nil
	}
	if text, err = r.lsRemote(ctx, "-t", "refs/tags/"+r.version+"*"); err != nil {
		return "", err
	}
	if commit, ok := refCommit(text, "refs/tags/"+r.version); ok {
		return commit, nil
	}
	return r.version, nil
}

// checkout brings the working tree to the version; what is local to a branch
// is thrown away, as the remote's counts.
func (r *repo) checkout(ctx context.Context) error {
	name := r.version
	if name == "HEAD" {
		name = r.defaultBranch(ctx)
	}
	tracked := r.remote + "/" + name
	known, err := r.git(ctx, r.dest, "rev-parse", "--verify", "--quiet", "refs/remotes/"+tracked)
	if err != nil {
		return err
	}
	if known.RC != 0 && r.version != "HEAD" {
		if err := r.verify(ctx); err != nil {
			return err
		}
		out, err := r.git(ctx, r.dest, "checkout", "--force", name)
		if err == nil && out.RC != 0 {
			f := failed(&out, "Failed to checkout "+name)
			f.Values.SetStr("cmd", value.Str(out.Cmd))
			return f
		}
		return err
	}
	if r.Args.Bool("verify_commit") {
		if err := r.verify(ctx); err != nil {
			return err
		}
	}
	words := []string{"checkout", "--force", name, "--"}
	local, err := r.git(ctx, r.dest, "rev-parse", "--verify", "--quiet", "refs/heads/"+name)
	if err != nil {
		return err
	}
	switch {
	case local.RC != 0 && known.RC == 0:
		words = []string{"checkout", "--force", "--track", "-b", name, tracked}
	case local.RC != 0:
		words = []string{"checkout", "--force", name}
	}
	out, err := r.git(ctx, r.dest, words...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return failed(&out, "Failed to checkout branch "+name)
	}
	out, err = r.git(ctx, r.dest, "reset", "--hard", tracked, "--")
	if err == nil && out.RC != 0 {
		return failed(&out, "Failed to checkout branch "+name)
	}
	return err
}

// defaultBranch is the branch that the remote's HEAD is at.
func (r *repo) defaultBranch(ctx context.Context) string {
	for _, ref := range []string{"refs/remotes/" + r.remote + "/HEAD", "HEAD"} {
		out, err := r.git(ctx, r.dest, "symbolic-ref", "--quiet", ref)
		if err == nil && out.RC == 0 {
			name := strings.TrimSpace(out.Stdout)
			name = strings.TrimPrefix(name, "refs/remotes/"+r.remote+"/")
			return strings.TrimPrefix(name, "refs/heads/")
		}
	}
	return "HEAD"
}

// submodules has them at the commits recorded, or at the newest of their branches.
func (r *repo) submodules(ctx context.Context) error {
	if !r.Args.Bool("recursive") || !exists(filepath.Join(r.dest, ".gitmodules")) {
		return nil
	}
	before, err := r.git(ctx, r.dest, "submodule", "status", "--recursive")
	if err != nil {
		return err
	}
	if _, err := r.must(ctx, r.dest, "submodule", "sync"); err != nil {
		return err
	}
	words := []string{"submodule", "update", "--init", "--recursive"}
	if r.Args.Bool("track_submodules") {
		words = append(words, "--remote")
	}
	out, err := r.git(ctx, r.dest, words...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return failed(&out, "Failed to init/update submodules: "+out.Stdout+out.Stderr)
	}
	after, err := r.git(ctx, r.dest, "submodule", "status", "--recursive")
	if err != nil {
		return err
	}
	if before.Stdout != after.Stdout {
		r.changed = true
		r.values.SetStr("submodules_changed", value.True)
	}
	return nil
}

// verify checks the signature of the version where the task asks for it.
func (r *repo) verify(ctx context.Context) error {
	if !r.Args.Bool("verify_commit") {
		return nil
	}
	target := r.version
	if out, err := r.git(ctx, r.dest, "rev-parse", "--verify", "--quiet", "refs/remotes/"+r.remote+"/"+r.version); err != nil {
		return err
	} else if out.RC == 0 {
		target = strings.TrimSpace(out.Stdout)
	}
	verb := "verify-commit"
	if out, err := r.git(ctx, r.dest, "cat-file", "-t", target); err != nil {
		return err
	} else if strings.TrimSpace(out.Stdout) == "tag" {
		verb = "verify-tag"
	}
	allowed := r.Args.Strs("gpg_allowlist")
	words := []string{verb}
	if len(allowed) > 0 {
		words = append(words, "--raw")
	}
	out, err := r.git(ctx, r.dest, append(words, target)...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return failed(&out, `Failed to verify GPG signature of commit/tag "`+r.version+`"`)
	}
	if len(allowed) == 0 {
		return nil
	}
	print := fingerprint(out.Stderr)
	if !slices.Contains(allowed, print) {
		return failed(&out, `The gpg_allowlist does not include the public key "`+print+`" for this commit`)
	}
	return nil
}

// fingerprint reads gpg's status lines: VALIDSIG names the key, and as its last
// word the primary key.
func fingerprint(status string) string {
	for line := range strings.Lines(status) {
		if f := strings.Fields(line); len(f) > 2 && f[1] == "VALIDSIG" {
			return f[len(f)-1]
		}
	}
	return ""
}
