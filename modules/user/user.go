// Package user makes, changes and removes users.
//
// The files: user.go the call from its arguments to its result, create.go,
// modify.go and remove.go the suite of useradd (and libuser, with local),
// busybox.go Alpine's, groups.go what groups mean, password.go hashes, locks and
// dates, home.go home directories, sshkey.go keys.
//
// Source: documentation of ansible.builtin.user; useradd(8), usermod(8),
// userdel(8), chage(1), luseradd(1), ssh-keygen(1); results and messages seen on
// ansible-core 2.19 (testdata/twins.yml).
package user

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the user module.
var Module = module.Module{
	Name: "ansible.builtin.user", Doc: "Manage user accounts.",
	Check: true,
	Spec:  spec,
	Run:   run,
}

// job is one call.
type job struct {
	*module.Call
	name   string
	home   string // the one wanted; the user's own once it is known
	groups string // as text, as the result has it
	expiry expiry
	out    tool.Output // of the last program
	ran    bool        // something was changed, or would be
	values *value.Dict
}

// system is a family of programs that change users.
type system interface {
	add(ctx context.Context) error
	change(ctx context.Context, before account.User) error
	remove(ctx context.Context) error
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c, name: c.Args.Str("name"), home: c.Args.Str("home"), groups: strings.Join(c.Args.Strs("groups"), ",")}
	if err := j.accept(); err != nil {
		return nil, err
	}
	state := c.Args.Str("state")
	j.values = value.DictOf("name", value.Str(j.name), "state", value.Str(state))
	before, exists, err := j.find()
	if err != nil {
		return nil, err
	}
	if c.Check && exists == (state == "absent") {
		return &module.Result{Changed: true}, nil
	}
	switch sys := j.system(); {
	case state == "absent" && !exists:
	case state == "absent":
		j.endAgents(ctx, before)
		err = sys.remove(ctx)
		if err == nil && j.out.RC == 0 {
			j.set("force", "remove")
		}
	case !exists:
		if err = j.create(ctx, sys); err == nil && j.out.RC == 0 {
			j.set("system", "create_home")
		}
	default:
		if err = sys.change(ctx, before); err == nil && j.out.RC == 0 {
			j.set("append", "move_home")
		}
	}
	if err == nil {
		err = j.failed()
	}
	if err != nil {
		return nil, err
	}
	if state == "present" && c.Args.Given("password") {
		j.values.SetStr("password", value.Str("NOT_LOGGING_PASSWORD"))
	}
	return j.finish(ctx, state)
}

// endAgents ends the agents that work as the user: sudo would be asked anew by
// the reference for every task, so that nothing runs as the user meanwhile and
// new groups count at once.
func (j *job) endAgents(ctx context.Context, u account.User) {
	if !j.Check {
		process.EndAgents(ctx, int(u.UID))
	}
}

// accept refuses what does not go together, and warns.
func (j *job) accept() error {
	if j.Args.Bool("local") {
		for _, arg := range []string{"umask", "uid_min", "uid_max"} {
			if j.Args.Given(arg) {
				return module.Failf("'%s' can not be used with 'local'", arg)
			}
		}
	}
	if j.Args.Bool("append") && !j.Args.Given("groups") {
		j.Warn("'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups." +
			"This will change to an error in Ansible 2.14.")
	}
	if err := j.readExpiry(); err != nil {
		return err
	}
	j.judgePassword()
	return nil
}

// set copies arguments into the result.
func (j *job) set(names ...string) {
	for _, name := range names {
		j.values.SetStr(name, j.Args.Value(name))
	}
}

// failed gives the failure of the last program.
func (j *job) failed() error {
	if j.out.RC == 0 {
		return nil
	}
	return (&module.Failure{Msg: j.out.Stderr}).With("name", value.Str(j.name), "rc", value.Int(j.out.RC))
}

// finish does what is the same for new and old users, and tells of the user.
func (j *job) finish(ctx context.Context, state string) (*module.Result, error) {
	j.values.SetStr("changed", value.None)
	if j.out.Stdout != "" {
		j.values.SetStr("stdout", value.Str(j.out.Stdout))
	}
	if j.out.Stderr != "" {
		j.values.SetStr("stderr", value.Str(j.out.Stderr))
	}
	result := &module.Result{Values: j.values}
	defer func() { result.Changed = j.ran }()
	if state == "absent" {
		return result, nil
	}
	u, exists, err := j.find()
	if err != nil || !exists {
		return result, err
	}
	j.values.SetStr("uid", value.Int(u.UID))
	j.values.SetStr("group", value.Int(u.GID))
	j.values.SetStr("comment", value.Str(u.Gecos))
	j.values.SetStr("home", value.Str(u.Dir))
	j.values.SetStr("shell", value.Str(u.Shell))
	if j.Args.Given("groups") {
		j.values.SetStr("groups", value.Str(j.groups))
	}
	if j.home == "" && !j.Args.Given("home") {
		j.home = u.Dir
	}
	if err := j.missingHome(u); err != nil {
		return nil, err
	}
	if j.Args.Bool("generate_ssh_key") {
		if err := j.sshKey(ctx, u); err != nil {
			return nil, err
		}
	}
	return result, j.passwordDays(ctx)
}

// find finds the user; with local: only among the files' own.
func (j *job) find() (account.User, bool, error) {
	files := account.System
	if j.Args.Bool("local") {
		files.NSSwitch = ""
	}
	u, err := files.UserByName(j.name)
	if errors.Is(err, account.ErrUnknown) {
		return u, false, nil
	}
	return u, err == nil, err
}

// system chooses the programs.
func (j *job) system() system {
	if account.BusyBox() {
		return busybox{j}
	}
	return shadow{j}
}

// do runs a program that may not be missing and keeps how it ended.
func (j *job) do(ctx context.Context, argv ...string) error {
	return j.doWith(ctx, tool.Options{}, argv...)
}

func (j *job) doWith(ctx context.Context, o tool.Options, argv ...string) error {
	path, err := tool.Find(j.Call, argv[0])
	if err != nil {
		return err
	}
	j.ran = true
	before := j.out
	j.out, err = tool.RunWith(ctx, j.Call, o, append([]string{path}, argv[1:]...)...)
	j.out.Stdout = before.Stdout + j.out.Stdout
	j.out.Stderr = before.Stderr + j.out.Stderr
	return err
}

// then is do once more, unless the last program failed.
func (j *job) then(ctx context.Context, argv ...string) error {
	if j.out.RC != 0 {
		return nil
	}
	return j.do(ctx, argv...)
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}
