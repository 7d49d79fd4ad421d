// Package acl reads and sets access control lists of files, by getfacl(1) and
// setfacl(1), or by nfs4_getfacl and nfs4_setfacl.
//
// entry.go reads and writes entries; this file checks what goes together, asks
// what would change, and changes it.
//
// Source: documentation of ansible.posix.acl, setfacl(1); results, messages and
// command lines seen on ansible.posix 2.1 (testdata/twins.yml).
package acl

import (
	"context"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the acl module.
var Module = module.Module{
	Name: "ansible.posix.acl", Aliases: []string{"ansible.builtin.acl"}, Doc: "Read and set access control lists of files.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "path", Aliases: []string{"name"}, Type: module.Path, Required: true, Doc: "The file."},
			{Name: "entry", Doc: "The entry in the form of setfacl: kind:name:permissions, with default: before it for a default."},
			{Name: "entity", Default: value.Str(""), Doc: "The user or group."},
			{Name: "etype", Choices: []string{"group", "mask", "other", "user"}, Doc: "The kind of entry."},
			{Name: "permissions", Doc: "What is allowed: letters of rwxX, or - for nothing."},
			{Name: "state", Default: value.Str("query"), Choices: []string{"absent", "present", "query"}, Doc: "Whether the entry shall be there; query only tells."},
			{Name: "follow", Type: module.Bool, Default: value.True, Doc: "Follow links."},
			{Name: "default", Type: module.Bool, Default: value.False, Doc: "The entry is for what is made in the directory later."},
			{Name: "recursive", Aliases: []string{"recurse"}, Type: module.Bool, Default: value.False, Doc: "Set it for all below the directory."},
			{Name: "recalculate_mask", Default: value.Str("default"), Choices: []string{"default", "mask", "no_mask"}, Doc: "Whether the mask is made anew: as setfacl does, always, never."},
			{Name: "use_nfsv4_acls", Type: module.Bool, Default: value.False, Doc: "Work on lists of NFSv4."},
		},
	},
	Differs: []string{
		"With recursive it changes the list where any file below needs it; the reference leaves all alone where one has the entry already.",
		"A link that is not followed never changes; the reference says each time that it does.",
		"An entry of an unknown kind, or of four parts that do not begin with default, is an error that says so.",
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	if _, err := os.Stat(a.Str("path")); err != nil {
		return nil, module.Failf("Path not found or not accessible.")
	}
	if err := sensible(a); err != nil {
		return nil, err
	}
	e := entry{kind: a.Str("etype"), who: a.Str("entity"), what: a.Str("permissions"), isDefault: a.Bool("default")}
	if a.Given("entry") && a.Str("entry") != "" {
		var err error
		if e, err = read(a.Str("entry"), e.isDefault); err != nil {
			return nil, err
		}
	}
	t := &task{Call: c, e: e, nfs: a.Bool("use_nfsv4_acls")}
	msg, changed := "current acl", false
	switch state := a.Str("state"); state {
	case "present", "absent":
		text, err := e.text(state, t.nfs)
		if err != nil {
			return nil, err
		}
		if changed, err = t.set(ctx, state, text); err != nil {
			return nil, err
		}
		msg = text + " is " + state
	}
	list, err := t.list(ctx)
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed, Msg: msg, Values: value.DictOf("changed", value.None, "msg", value.None, "acl", list)}, nil
}

// sensible refuses what does not go together.
func sensible(a module.Args) error {
	state, short := a.Str("state"), a.Str("entry")
	if state == "query" {
		if a.Bool("recursive") {
			return module.Failf("'recursive' MUST NOT be set when 'state=query'.")
		}
		if m := a.Str("recalculate_mask"); m != "default" {
			return module.Failf("'recalculate_mask' MUST NOT be set to 'mask' or 'no_mask' when 'state=query'.")
		}
	}
	if short == "" {
		if state == "absent" && a.Str("permissions") != "" && !a.Bool("use_nfsv4_acls") {
			return module.Failf("'permissions' MUST NOT be set when 'state=absent'.")
		}
		if state == "absent" && a.Str("etype") == "" && a.Str("entity") == "" {
			return module.Failf("'entity' MUST be set when 'state=absent'.")
		}
		if state != "query" && a.Str("etype") == "" {
			return module.Failf("'etype' MUST be set when 'state=%s'.", state)
		}
		return nil
	}
	if a.Str("etype") != "" || a.Str("entity") != "" || a.Str("permissions") != "" {
		return module.Failf("'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.")
	}
	parts := strings.Count(short, ":")
	switch {
	case state == "present" && (parts < 2 || parts > 3):
		return module.Failf("'entry' MUST have 3 or 4 sections divided by ':' when 'state=present'.")
	case state == "absent" && (parts < 1 || parts > 3):
		return module.Failf("'entry' MUST have 2 or 3 sections divided by ':' when 'state=absent'.")
	case state == "query":
		return module.Failf("'entry' MUST NOT be set when 'state=query'.")
	}
	return nil
}

type task struct {
	*module.Call
	e   entry
	nfs bool
}

// words gives the options that come before and behind the verb.
func (t *task) words(program string, verb ...string) (argv []string, err error) {
	if t.nfs {
		program = "nfs4_" + program
	}
	path, err := tool.Find(t.Call, program)
	if err != nil {
		return nil, err
	}
	argv = []string{path}
	if len(verb) > 0 && verb[0] == "--test" {
		argv, verb = append(argv, "--test"), verb[1:]
	}
	if t.e.isDefault {
		argv = append(argv, "-d")
	}
	return append(argv, verb...), nil
}

// where adds what both programs take, and the path.
func (t *task) where(argv []string) []string {
	if t.Args.Bool("recursive") && !t.nfs {
		argv = append(argv, "--recursive")
	}
	if !t.Args.Bool("follow") && !t.nfs {
		argv = append(argv, "--physical")
	}
	return append(argv, t.Args.Str("path"))
}

// set brings the entry to its state, and reports whether that changes anything.
func (t *task) set(ctx context.Context, state, text string) (bool, error) {
	verb := []string{"-m", text}
	switch {
	case state == "absent":
		verb[0] = "-x"
	case t.nfs:
		verb[0] = "-a"
	}
	switch m := t.Args.Str("recalculate_mask"); {
	case m == "mask":
		verb = append(verb, "--mask")
	case m == "no_mask":
		verb = append(verb, "--no-mask")
	}
	test, err := t.words("setfacl", append([]string{"--test"}, verb...)...)
	if err != nil {
		return false, err
	}
	out, err := tool.Check(ctx, t.Call, t.where(test)...)
	if err != nil {
		return false, err
	}
	changes := differs(out.Stdout)
	if t.nfs {
		changes = differsNFS(out.Stdout, text)
	}
	if !changes || t.Check {
		return changes, nil
	}
	argv, err := t.words("setfacl", verb...)
	if err != nil {
		return false, err
	}
	_, err = tool.Check(ctx, t.Call, t.where(argv)...)
	return true, err
}

// list gives what the list is now.
func (t *task) list(ctx context.Context) (*value.List, error) {
	options := []string{"--absolute-names", "--omit-header"}
	if t.nfs {
		options = options[1:]
	}
	argv, err := t.words("getfacl", options...)
	if err != nil {
		return nil, err
	}
	out, err := tool.Check(ctx, t.Call, t.where(argv)...)
	if err != nil {
		return nil, err
	}
	return value.Strings(lines(out.Stdout)...), nil
}
