package git

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// archiveFormat is git's name for the kind of archive that a file name asks for.
func archiveFormat(path string) (string, error) {
	for _, format := range []string{"tar.gz", "zip", "tgz", "tar"} {
		if strings.HasSuffix(path, "."+format) {
			return format, nil
		}
	}
	return "", module.Failf("Unable to get file extension from archive file name : %s", path).With("details",
		value.Str("Please specify archive as filename with extension. File extension can be one of ['tar', 'tar.gz', 'zip', 'tgz']"))
}

// archive makes an archive of a commit, and puts it in place where it differs.
func (r *repo) archive(ctx context.Context, commit string) error {
	path := r.Args.Str("archive")
	format, err := archiveFormat(path)
	if err != nil {
		return err
	}
	dir, err := r.Tmp()
	if err != nil {
		return err
	}
	made := filepath.Join(dir, "archive."+format)
	words := []string{"archive", "--format", format, "--output", made}
	if prefix := r.Args.Str("archive_prefix"); prefix != "" {
		words = append(words, "--prefix", prefix)
	}
	out, err := r.git(ctx, r.dest, append(words, commit)...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		if r.Check { // the commit is not here yet
			r.changed = true
			return nil
		}
		return module.Failf("Failed to perform archive operation").With("details", value.Str("Git archive command failed to create archive "+path+" using "+r.dest+" directory.Error: "+out.Stderr))
	}
	same, err := equal(made, path)
	if err != nil || same {
		return err
	}
	r.changed = true
	if r.Check {
		return nil
	}
	data, err := os.ReadFile(made)
	if err != nil {
		return err
	}
	return kit.Replace(ctx, path, data, r.Tmp, kit.Options{New: &kit.Attrs{Mode: value.Str("0644")}})
}

// equal compares two files; one that is not there is different.
func equal(made, path string) (bool, error) {
	a, err := os.ReadFile(made)
	if err != nil {
		return false, err
	}
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return false, nil
	}
	return err == nil && bytes.Equal(a, b), err
}

// diff is what --diff shows between before and after.
func (r *repo) diff(ctx context.Context, after string) (string, error) {
	if r.before == "" {
		return ">> Newly checked out " + after, nil
	}
	if r.Check { // the commit may have to be fetched; no ref is touched
		_, err := r.git(ctx, r.dest, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", r.url, after)
		if err != nil {
			return "", err
		}
	}
	out, err := r.git(ctx, r.dest, "diff", r.before, after)
	if err != nil {
		return "", err
	}
	switch {
	case out.RC == 0 && out.Stdout != "":
		return out.Stdout, nil
	case out.RC == 0:
		return ">> No visual differences between " + r.before + " and " + after, nil
	case out.Stderr != "":
		return ">> Failed to get proper diff between " + r.before + " and " + after + ":\n>> " + out.Stderr, nil
	}
	return ">> Failed to get proper diff between " + r.before + " and " + after, nil
}
