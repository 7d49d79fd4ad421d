// Package yumrepository adds and removes repositories of yum and dnf: sections
// of .repo files.
//
// spec.go holds the arguments, repofile.go reads and writes the files.
//
// Source: documentation of ansible.builtin.yum_repository; yum.conf(5);
// results and messages seen on ansible-core 2.19 (testdata/twins.yml).
package yumrepository

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the yum_repository module.
var Module = module.Module{
	Name: "ansible.builtin.yum_repository", Doc: "Add or remove YUM repositories.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: args, FileArgs: true,
		Rules: module.Rules{RequiredIf: []module.RequiredIf{
			{Arg: "state", Value: value.Str("present"), Then: []string{"baseurl", "mirrorlist", "metalink"}, Any: true},
			{Arg: "state", Value: value.Str("present"), Then: []string{"description"}},
		}},
	},
	Run: run,
}

// about are the arguments that are no settings of the repository.
var about = map[string]bool{"name": true, "file": true, "state": true, "reposdir": true, "description": true}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	for _, d := range deprecated {
		if a.Given(d.name) {
			c.Deprecate(module.Deprecation{Msg: "'" + d.name + "' parameter is deprecated as " + d.why, Version: d.version, Collection: "ansible.builtin"})
		}
	}
	name, dir := a.Str("name"), a.Str("reposdir")
	file := a.Str("file")
	if !a.Given("file") {
		file = name
	}
	path := filepath.Join(dir, file+".repo")
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return nil, module.Failf("Repo directory '%s' does not exist.", dir)
	}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New(kit.PyError(err, path))
	}
	f, err := parse(string(data), path)
	if err != nil {
		return nil, err
	}
	before := f.shown()
	f.remove(name)
	if a.Str("state") == "present" {
		f.sections = append(f.sections, section{name, settings(a)})
	}
	after := f.shown()
	res := &module.Result{Changed: before != after, Values: value.DictOf("changed", value.None, "repo", value.Str(name), "state", a.Value("state"), "diff", value.None),
		Diff: []module.Diff{{Raw: value.DictOf("before_header", value.Str(path), "before", value.Str(before), "after_header", value.Str(path), "after", value.Str(after))}}}
	if res.Changed && !c.Check {
		if err := write(ctx, path, f); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(path); err == nil {
		attrs := kit.AttrsOf(c)
		changed, err := attrs.Apply(ctx, path, c.Check, nil)
		if err != nil {
			return nil, err
		}
		res.Changed = res.Changed || changed
	}
	return res, nil
}

// settings gives the repository's lines, in the order of their names.
func settings(a module.Args) (out []setting) {
	for i := range args {
		arg := &args[i]
		if !a.Given(arg.Name) || about[arg.Name] {
			continue
		}
		var text string
		switch v := a.Value(arg.Name).(type) {
		case value.Bool:
			text = "0"
			if v {
				text = "1"
			}
		case *value.List:
			joint := "\n" // a line each
			if arg.Name == "exclude" || arg.Name == "includepkgs" {
				joint = " "
			}
			text = strings.Join(a.Strs(arg.Name), joint)
		default:
			text = value.Text(v)
		}
		out = append(out, setting{arg.Name, text})
	}
	if a.Given("description") {
		out = append(out, setting{"name", a.Str("description")})
	}
	sort.Slice(out, func(i, k int) bool { return out[i].key < out[k].key })
	return out
}

// write puts the file in place, or removes one that has nothing left in it.
func write(ctx context.Context, path string, f *repofile) error {
	if len(f.sections) == 0 {
		if err := os.Remove(path); err != nil {
			return module.Failf("Cannot remove empty repo file %s.", path).With("details", value.Str(kit.PyErrorText(err, path)))
		}
		return nil
	}
	if err := kit.Over(ctx, path, []byte(f.text()), kit.Options{}); err != nil {
		return module.Failf("Problems handling file '%s'.", path).With("details", value.Str(kit.PyErrorText(err, path)))
	}
	return nil
}
