package strategy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote"
	"github.com/churten/churten/strategy/vars"
)

// Connection is what the command line and the configuration say of
// connections. Keywords go before it, variables before keywords; only what was
// given on the command line for users goes before keywords.
type Connection struct {
	Kind, User, KeyFile            string
	Port                           int
	Password, BecomePassword       *string
	SSHArgs, CommonArgs, ExtraArgs string
	HostKeyChecking                bool
	Timeout, Retries               int // seconds; further attempts
	RemoteTmp, Executable          string
	Become                         bool
	BecomeMethod, BecomeUser       string
	BecomeExe                      string
	BecomeFlags                    *string
	// Own gives what environment and ansible.cfg say of an option of one kind of
	// connection; ok is false where they say nothing. May be nil.
	Own func(o *connection.Option) (text string, ok bool, err error)
	// Secret hears of passwords that are used; may be nil.
	Secret func(string)
}

func (d *Connection) secret(text string) {
	if d.Secret != nil {
		d.Secret(text)
	}
}

// setting reads what a connection may be told in several ways.
type setting struct {
	ctx  *expr.Ctx // the task's
	vars *expr.Ctx // the host's whose connection it is
	err  error
}

// text gives the first of the variables that is set, else the keyword, else def.
func (s *setting) text(keyword value.Value, def string, names ...string) string {
	v := s.find(keyword, names)
	if v == nil {
		return def
	}
	return value.Text(v)
}

func (s *setting) find(keyword value.Value, names []string) value.Value {
	if s.err != nil {
		return nil
	}
	lookup := s.vars.Scope.Lookup
	if sc, ok := s.vars.Scope.(*vars.Scope); ok {
		lookup = sc.Given
	}
	for _, n := range names {
		raw, ok, err := lookup(n)
		if err != nil {
			s.err = err
			return nil
		}
		if !ok {
			continue
		}
		v, err := evalIn(s.vars, raw)
		if err != nil {
			s.err = fmt.Errorf("the variable '%s' could not be evaluated: %w", n, err)
			return nil
		}
		if v != value.Value(value.None) && !expr.IsOmit(v) {
			return v
		}
	}
	if keyword == nil {
		return nil
	}
	v, err := evalIn(s.ctx, keyword)
	if err != nil {
		s.err = err
		return nil
	}
	if v == value.Value(value.None) || expr.IsOmit(v) {
		return nil
	}
	return v
}

func (s *setting) number(keyword value.Value, def int, names ...string) int {
	v := s.find(keyword, names)
	if v == nil {
		return def
	}
	n, err := module.ToInt(v)
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("%s: %w", names[0], err)
	}
	return int(n)
}

func (s *setting) flag(keyword value.Value, def bool, names ...string) bool {
	v := s.find(keyword, names)
	if v == nil {
		return def
	}
	b, ok := module.ToBool(v)
	if !ok && s.err == nil {
		s.err = fmt.Errorf("%s: '%s' is not a valid boolean", names[0], value.Text(v))
	}
	return b
}

// optional is text that may be absent.
func (s *setting) optional(def *string, names ...string) *string {
	if v := s.find(nil, names); v != nil {
		t := value.Text(v)
		return &t
	}
	return def
}

// address gives the way to host for a task, and whom to become there.
func (pr *playRun) address(ctx context.Context, task *plan.Task, host string, c *expr.Ctx, scope expr.Scope, delegated bool) (Address, *remote.Become, error) {
	s := &setting{ctx: c, vars: expr.NewCtx(ctx, pr.Runner.Env, scope)}
	d := &pr.Options.Connection
	kind := d.Kind
	if delegated && pr.Inventory.Host(host) != nil && pr.Inventory.Host(host).Implicit {
		kind = "local"
	}
	kindWord := task.Connection
	if delegated {
		kindWord = nil
	}
	a := Address{Host: host, Kind: s.text(kindWord, kind, "ansible_connection"), RemoteTmp: d.RemoteTmp}
	switch a.Kind {
	case "local", "ansible.builtin.local":
		a.Kind = "local"
		a.Host, a.RemoteTmp = "", ""
	case "ssh", "ansible.builtin.ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.paramiko_ssh":
		a.Kind = "ssh"
		a.Address = s.text(nil, host, "ansible_ssh_host", "ansible_host")
		a.User = s.text(task.RemoteUser, d.User, "ansible_user", "ansible_ssh_user")
		a.Port = s.number(task.Port, d.Port, "ansible_port", "ansible_ssh_port")
		if p := s.optional(d.Password, "ansible_password", "ansible_ssh_pass", "ansible_ssh_password"); p != nil {
			a.Password, a.HasPassword = *p, true
			d.secret(*p)
		}
		a.KeyFile = s.text(nil, d.KeyFile, "ansible_private_key_file", "ansible_ssh_private_key_file")
		a.KeyPassphrase = s.text(nil, "", "ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase")
		a.SSHArgs = s.text(nil, d.SSHArgs, "ansible_ssh_args")
		a.CommonArgs = s.text(nil, d.CommonArgs, "ansible_ssh_common_args")
		a.ExtraArgs = s.text(nil, d.ExtraArgs, "ansible_ssh_extra_args")
		a.HostKeyChecking = s.flag(nil, d.HostKeyChecking, "ansible_ssh_host_key_checking", "ansible_host_key_checking")
		a.TimeoutSeconds = s.number(nil, d.Timeout, "ansible_ssh_timeout")
		a.Retries = s.number(nil, d.Retries, "ansible_ssh_retries")
		a.RemoteTmp = s.text(nil, d.RemoteTmp, "ansible_remote_tmp")
	default:
		if c := connection.FindClient(a.Kind); c != nil {
			s.client(&a, c, task, d)
		} else if s.err == nil {
			s.err = fmt.Errorf("the connection plugin '%s' was not found", a.Kind)
		}
	}
	become := s.become(task, d, a.User)
	return a, become, s.err
}

// defaultShell is the shell of raw and shell where nothing else is asked for.
const defaultShell = "/bin/sh"

// shell gives the shell that a host's raw and shell tasks run in.
func (pr *playRun) shell(ctx context.Context, scope expr.Scope) (string, error) {
	s := &setting{vars: expr.NewCtx(ctx, pr.Runner.Env, scope)}
	def := pr.Options.Connection.Executable
	if def == "" {
		def = defaultShell
	}
	return s.text(nil, def, "ansible_shell_executable"), s.err
}

// become gives whom to become, nil when nobody: not asked for, or already he.
func (s *setting) become(task *plan.Task, d *Connection, remoteUser string) *remote.Become {
	if !s.flag(task.Become, d.Become, "ansible_become") {
		return nil
	}
	b := &remote.Become{
		Method: s.text(task.BecomeMethod, d.BecomeMethod, "ansible_become_method"),
	}
	short := b.Method[lastDot(b.Method)+1:]
	b.Method = short
	if s.err == nil && !slices.Contains(remote.BecomeMethods(), short) {
		s.err = unknownBecome(short)
	}
	b.User = s.text(task.BecomeUser, d.BecomeUser, "ansible_become_user", "ansible_"+short+"_user")
	if b.User == remoteUser {
		return nil
	}
	b.Exe = s.text(task.BecomeExe, d.BecomeExe, "ansible_become_exe", "ansible_"+short+"_exe")
	if v := s.find(task.BecomeFlags, []string{"ansible_become_flags", "ansible_" + short + "_flags"}); v != nil {
		b.Flags = value.Text(v)
		b.NoFlags = b.Flags == ""
	} else if d.BecomeFlags != nil {
		b.Flags = *d.BecomeFlags
		b.NoFlags = b.Flags == ""
	}
	if p := s.optional(d.BecomePassword, "ansible_become_password", "ansible_become_pass", "ansible_"+short+"_pass"); p != nil {
		b.Password, b.HasPassword = *p, true
		d.secret(*p)
	}
	return b
}

// unknownBecome tells what is not there from what cannot be done.
func unknownBecome(method string) error {
	if why := remote.BecomeRefused(method); why != "" {
		return errors.New(why)
	}
	return fmt.Errorf("Invalid become method specified, could not find matching plugin: '%s'. Use `ansible-doc -t become -l` to list available plugins.", method)
}

func lastDot(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return i
		}
	}
	return -1
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// reset ends the connection of a host: meta reset_connection.
func (pr *playRun) reset(ctx context.Context, task *plan.Task, host string) error {
	w := &world{run: pr, host: host}
	scope, err := w.Scope(task)
	if err != nil {
		return err
	}
	t, err := w.Target(ctx, task, scope)
	if err != nil {
		return err
	}
	return t.(*place).Reset(ctx)
}
