// Package group makes, changes and removes groups.
//
// Source: documentation of ansible.builtin.group; groupadd(8), groupmod(8),
// groupdel(8), lgroupadd(1); results and messages seen on ansible-core 2.19
// (testdata/twins.yml).
package group

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the group module.
var Module = module.Module{
	Name: "ansible.builtin.group", Doc: "Add or remove groups.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the group shall be there."},
			{Name: "name", Required: true, Doc: "Name of the group."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Remove it even if it is a user's primary group."},
			{Name: "gid", Type: module.Int, Doc: "Its number."},
			{Name: "system", Type: module.Bool, Default: value.False, Doc: "Take a number for system groups."},
			{Name: "local", Type: module.Bool, Default: value.False, Doc: "Use libuser's programs, which know only local groups."},
			{Name: "non_unique", Type: module.Bool, Default: value.False, Doc: "Allow a number that another group has."},
			{Name: "gid_min", Type: module.Int, Doc: "Least number to take, instead of login.defs'."},
			{Name: "gid_max", Type: module.Int, Doc: "Greatest number to take, instead of login.defs'."},
		},
		Rules: module.Rules{RequiredIf: []module.RequiredIf{{Arg: "non_unique", Value: value.True, Then: []string{"gid"}}}},
	},
	Run: run,
}

// job is one call.
type job struct {
	*module.Call
	name string
	out  tool.Output // of the last program
	ran  bool        // something was changed, or would be
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c, name: c.Args.Str("name")}
	if c.Args.Bool("local") {
		if c.Args.Bool("force") {
			return nil, module.Failf("force is not a valid option for local, force=True and local=True are mutually exclusive")
		}
		for _, arg := range []string{"gid_min", "gid_max"} {
			if c.Args.Given(arg) {
				return nil, module.Failf("'%s' can not be used with 'local'", arg)
			}
		}
	}
	state := c.Args.Str("state")
	before, exists, err := j.lookup()
	if err != nil {
		return nil, err
	}
	work := j.system()
	switch {
	case state == "absent" && !exists:
	case state == "absent" && c.Check, state == "present" && !exists && c.Check:
		return &module.Result{Changed: true}, nil
	case state == "absent":
		err = work.remove(ctx)
	case !exists:
		err = work.add(ctx)
	default:
		err = work.change(ctx, before)
	}
	if err != nil {
		return nil, err
	}
	if j.out.RC != 0 {
		return nil, (&module.Failure{Msg: j.out.Stderr}).With("name", value.Str(j.name))
	}
	return j.result(state)
}

func (j *job) result(state string) (*module.Result, error) {
	values := value.DictOf("name", value.Str(j.name), "state", value.Str(state), "changed", value.None)
	if j.out.Stdout != "" {
		values.SetStr("stdout", value.Str(j.out.Stdout))
	}
	if j.out.Stderr != "" {
		values.SetStr("stderr", value.Str(j.out.Stderr))
	}
	g, exists, err := j.lookup()
	if err != nil {
		return nil, err
	}
	if exists && state == "present" {
		values.SetStr("system", j.Args.Value("system"))
		values.SetStr("gid", value.Int(g.GID))
	}
	return &module.Result{Changed: j.ran, Values: values}, nil
}

// lookup finds the group; with local: only among the files' own.
func (j *job) lookup() (account.Group, bool, error) {
	files := account.System
	if j.Args.Bool("local") {
		files.NSSwitch = ""
	}
	g, err := files.GroupByName(j.name)
	if errors.Is(err, account.ErrUnknown) {
		return g, false, nil
	}
	return g, err == nil, err
}

// worker is a family of programs that change groups.
type worker interface {
	add(ctx context.Context) error
	change(ctx context.Context, before account.Group) error
	remove(ctx context.Context) error
}

// system chooses the programs.
func (j *job) system() worker {
	if account.BusyBox() {
		return busybox{j}
	}
	return shadow{j}
}

// do runs a program that may not be missing and keeps how it ended.
func (j *job) do(ctx context.Context, program string, args ...string) error {
	path, err := tool.Find(j.Call, program)
	if err != nil {
		return err
	}
	j.ran = true
	j.out, err = tool.Run(ctx, j.Call, append([]string{path}, args...)...)
	return err
}

// gid gives the wanted number, if one is wanted.
func (j *job) gid() (int, bool) { return int(j.Args.Int("gid")), j.Args.Given("gid") }

// free makes sure that no other group has the wanted number: libuser's
// programs do not look.
func (j *job) free() error {
	gid, given := j.gid()
	if !given {
		return nil
	}
	groups, err := account.System.Groups()
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.GID == gid && g.Name != j.name {
			return module.Failf("GID '%d' already exists with group '%s'", gid, g.Name)
		}
	}
	return nil
}

// limits are the options for gid_min and gid_max.
func (j *job) limits() (args []string) {
	for _, arg := range []string{"gid_min", "gid_max"} {
		if j.Args.Given(arg) {
			args = append(args, "-K", fmt.Sprintf("%s=%d", strings.ToUpper(arg), j.Args.Int(arg)))
		}
	}
	return args
}

// shadow is the suite of groupadd, and libuser with the same options.
type shadow struct{ *job }

func (s shadow) program(name string) string {
	if s.Args.Bool("local") {
		return "l" + name
	}
	return name
}

func (s shadow) add(ctx context.Context) error {
	var args []string
	if gid, given := s.gid(); given {
		args = append(args, "-g", strconv.Itoa(gid))
		if s.Args.Bool("non_unique") {
			args = append(args, "-o")
		}
	}
	if s.Args.Bool("system") {
		args = append(args, "-r")
	}
	args = append(args, s.limits()...)
	if s.Args.Bool("local") {
		if err := s.free(); err != nil {
			return err
		}
	}
	return s.do(ctx, s.program("groupadd"), append(args, s.name)...)
}

func (s shadow) change(ctx context.Context, before account.Group) error {
	program := s.program("groupmod")
	if _, err := tool.Find(s.Call, program); err != nil {
		return err
	}
	if s.Args.Bool("local") {
		if err := s.free(); err != nil {
			return err
		}
	}
	gid, given := s.gid()
	if !given || gid == before.GID {
		return nil
	}
	if s.Check {
		s.ran = true
		return nil
	}
	args := []string{"-g", strconv.Itoa(gid)}
	if s.Args.Bool("non_unique") {
		args = append(args, "-o")
	}
	return s.do(ctx, program, append(args, s.name)...)
}

func (s shadow) remove(ctx context.Context) error {
	var args []string
	if s.Args.Bool("force") {
		args = append(args, "-f")
	}
	return s.do(ctx, s.program("groupdel"), append(args, s.name)...)
}
