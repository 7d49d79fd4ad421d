// Package aptrepository adds and removes repositories of apt: lines of
// sources.list and of the .list files beside it.
//
// lines.go reads and writes the files; ppa.go asks Launchpad for its archives;
// this file decides and answers. Fetching the lists of packages afterwards is
// the apt module's.
//
// Source: documentation of ansible.builtin.apt_repository; sources.list(5);
// results and messages seen on ansible-core 2.19 (testdata/twins.yml).
package aptrepository

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the apt_repository module.
var Module = module.Module{
	Name: "ansible.builtin.apt_repository", Doc: "Add and remove APT repositories.",
	Check: true, Diff: true,
	Differs: []string{"A PPA without codename is for VERSION_CODENAME of /etc/os-release. One that has no key yet fails with that."},
	Spec: module.Spec{Args: []module.Arg{
		{Name: "repo", Required: true, Doc: "The line of the repository."},
		{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether it shall be there."},
		{Name: "mode", Type: module.Raw, Doc: "Permissions of a new file."},
		{Name: "update_cache", Type: module.Bool, Aliases: []string{"update-cache"}, Default: value.True, Doc: "Fetch the lists of packages after a change."},
		{Name: "update_cache_retries", Type: module.Int, Default: value.Int(5), Doc: "How often to try that."},
		{Name: "update_cache_retry_max_delay", Type: module.Int, Default: value.Int(12), Doc: "The longest pause between tries, in seconds."},
		{Name: "filename", Doc: "Name of the file, without .list; made of the repository's place when not given."},
		{Name: "install_python_apt", Type: module.Bool, Default: value.True, Doc: "The reference's module needs python3-apt and may install it; this one needs nothing."},
		{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check certificates when asking for a PPA."},
		{Name: "codename", Doc: "The release a PPA is for."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	text := a.Str("repo")
	if text == "" {
		return nil, module.Failf("Please set argument 'repo' to a non-empty value")
	}
	name, archive := a.Str("filename"), (*ppa)(nil)
	wanted := parseLine(text)
	if rest, ok := strings.CutPrefix(text, "ppa:"); ok {
		var err error
		if archive, err = newPPA(c, rest); err != nil {
			return nil, err
		}
		wanted = parseLine(archive.source())
		if name == "" {
			name = archive.fileName()
		}
	}
	if !wanted.valid || wanted.disabled {
		return nil, module.Failf("Invalid repository string: %s", strings.TrimPrefix(text, "#"))
	}
	before, err := load("/etc/apt")
	if err != nil {
		return nil, err
	}
	after := before.clone()
	fresh := "" // the file that gets a new line
	if a.Str("state") == "present" {
		fresh = after.add(wanted.source, name)
	} else {
		after.remove(wanted.source)
	}
	if archive != nil && fresh != "" {
		if err := archive.trust(ctx); err != nil {
			return nil, err
		}
	}
	changed := before.changed(after)
	added, removed, diffs := compare(before, after)
	res := &module.Result{Changed: len(changed) > 0, DiffList: true, Diff: diffs, Values: value.DictOf("changed", value.None, "repo", value.Str(text),
		"sources_added", value.Strings(added...), "sources_removed", value.Strings(removed...), "state", a.Value("state"), "diff", value.None)}
	if len(diffs) == 0 {
		res.Values.SetStr("diff", value.NewList())
	}
	if !res.Changed || c.Check {
		return res, nil
	}
	if err := after.write(ctx, changed); err != nil {
		return nil, errors.Join(err, before.write(ctx, changed))
	}
	if mode := a.Value("mode"); fresh != "" && mode != value.Value(value.None) {
		if _, err := (&kit.Attrs{Mode: mode}).Apply(ctx, fresh, false, nil); err != nil {
			return nil, errors.Join(err, before.write(ctx, changed))
		}
	}
	if a.Bool("update_cache") {
		if err := update(ctx, c); err != nil {
			return nil, errors.Join(err, before.write(ctx, changed))
		}
	}
	return res, nil
}

// update fetches the lists of packages. The apt module does it; what it warns
// of has this module's words.
func update(ctx context.Context, c *module.Call) error {
	done, err := c.Sub(ctx, "ansible.builtin.apt", value.DictOf("update_cache", value.True,
		"update_cache_retries", c.Args.Value("update_cache_retries"), "update_cache_retry_max_delay", c.Args.Value("update_cache_retry_max_delay")))
	if err != nil {
		return err
	}
	for _, w := range done.Warnings {
		if head, ok := strings.CutSuffix(w, ", retrying"); ok {
			w = strings.Replace(head, " retries due to ", " due to ", 1) + " retry, retrying"
		}
		c.Warn(strings.Replace(w, " attempting to refresh the cache", " attempting to update the cache", 1))
	}
	if done.Failed {
		return module.Failf("%s", done.Msg)
	}
	return nil
}

// compare tells of files that come and go.
func compare(before, after sources) (added, removed []string, diffs []module.Diff) {
	for path := range after {
		if _, ok := before[path]; !ok {
			added = append(added, path)
		}
	}
	for path, lines := range before {
		if _, ok := after[path]; !ok && len(lines) > 0 {
			removed = append(removed, path)
		}
	}
	sort.Strings(added)
	sort.Strings(removed)
	for _, path := range added {
		diffs = append(diffs, module.Diff{Before: value.Str(""), After: value.Str(after.text(path)), BeforeHeader: "/dev/null", AfterHeader: path})
	}
	for _, path := range removed {
		diffs = append(diffs, module.Diff{Before: value.Str(before.text(path)), After: value.Str(""), BeforeHeader: path, AfterHeader: "/dev/null"})
	}
	return added, removed, diffs
}

// write brings the files named by paths to what s says.
func (s sources) write(ctx context.Context, paths []string) error {
	for _, path := range paths {
		if _, ok := s[path]; !ok {
			if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
				continue // a file system that is read-only would refuse its removal all the same
			}
			if err := os.Remove(path); err != nil {
				return errors.New(kit.PyError(err, path))
			}
			continue
		}
		if have, err := os.ReadFile(path); err == nil && string(have) == s.text(path) {
			continue // taking back what could not be written
		}
		err := kit.Replace(ctx, path, []byte(s.text(path)), nil, kit.Options{Made: kit.Beside})
		var at *os.PathError
		switch {
		case errors.Is(err, syscall.ENOSPC):
			return module.Failf("Failed to write to file %s: %s", path, kit.PyError(err, ""))
		case errors.As(err, new(*kit.Refused)):
			return err
		case errors.As(err, &at):
			return fmt.Errorf("Unable to create temp file at '%s' for apt source: %s", filepath.Dir(path), kit.PyErrorText(err, at.Path)) //nolint:staticcheck // the reference's words
		case err != nil:
			return err
		}
	}
	return nil
}
