package strategy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"sync"
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
	BecomeMethod                   string
	BecomeUser                     string // of the command line
	BecomeSameUser                 bool   // become someone also who that is already
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

// keywordOf are the keywords that variables of connections stand for, as the
// reference's errors have them. Those of a plugin's own options are told without.
var keywordOf = map[string]string{
	"ansible_connection": "connection",
	"ansible_host":       "remote_addr", "ansible_ssh_host": "remote_addr",
	"ansible_port": "port", "ansible_ssh_port": "port",
	"ansible_user": "remote_user", "ansible_ssh_user": "remote_user",
	"ansible_password": "password", "ansible_ssh_pass": "password",
	"ansible_private_key_file": "private_key_file", "ansible_ssh_private_key_file": "private_key_file",
	"ansible_become": "become", "ansible_become_user": "become_user", "ansible_become_method": "become_method",
	"ansible_become_password": "become_pass", "ansible_become_exe": "become_exe", "ansible_become_flags": "become_flags",
	"ansible_timeout": "timeout", "ansible_ssh_timeout": "timeout",
}

// settingError tells that a variable of a connection could not be evaluated.
func settingError(name string, err error) error {
	if keyword, ok := keywordOf[name]; ok {
		return fmt.Errorf("Error processing keyword '%s': %w", keyword, err)
	}
	return err
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
			s.err = settingError(n, err)
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
	if s.err == nil && pr.Plugins != nil {
		a.Plugin, s.err = pr.Plugins.Connection(ctx, a.Kind, nativeKind(a.Kind))
	}
	if a.Plugin != "" {
		s.byPlugin(&a, d)
	} else {
		s.byKind(&a, task, d)
	}
	become := s.become(ctx, pr.Plugins, task, d, &a)
	return a, become, s.err
}

// nativeKind reports whether a kind of connection is churten's own.
func nativeKind(kind string) bool {
	switch kind {
	case "local", "ansible.builtin.local", "ssh", "ansible.builtin.ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.paramiko_ssh":
		return true
	}
	c := connection.FindClient(kind)
	return c != nil && c.Refused == ""
}

// byPlugin fills in what there is of the way through a plugin of the user's; its
// options are read when something is asked of the host.
func (s *setting) byPlugin(a *Address, d *Connection) {
	a.Kind = a.Plugin
	a.Address = s.text(nil, a.Host, "ansible_ssh_host", "ansible_host")
	a.TimeoutSeconds = s.number(nil, d.Timeout, "ansible_timeout")
	a.RemoteTmp = s.text(nil, d.RemoteTmp, "ansible_remote_tmp")
}

// byKind fills in the way to a host through a native kind of connection.
func (s *setting) byKind(a *Address, task *plan.Task, d *Connection) {
	switch a.Kind {
	case "local", "ansible.builtin.local":
		a.Kind = "local"
		a.Host, a.RemoteTmp = "", ""
	case "ssh", "ansible.builtin.ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.paramiko_ssh":
		s.ssh(a, task, d)
	default:
		if c := connection.FindClient(a.Kind); c != nil {
			s.client(a, c, task, d)
		} else if s.err == nil {
			s.err = fmt.Errorf("the connection plugin '%s' was not found", a.Kind)
		}
	}
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
func (s *setting) become(ctx context.Context, plugins Plugins, task *plan.Task, d *Connection, a *Address) *remote.Become {
	if !s.flag(task.Become, d.Become, "ansible_become") {
		return nil
	}
	b := &remote.Become{
		Method: s.text(task.BecomeMethod, d.BecomeMethod, "ansible_become_method"),
	}
	short := b.Method[lastDot(b.Method)+1:]
	if s.err == nil && plugins != nil {
		var name string
		if name, s.err = plugins.Become(ctx, b.Method, slices.Contains(remote.BecomeMethods(), short)); name != "" && s.err == nil {
			shell := s.text(nil, cmp.Or(d.Executable, defaultShell), "ansible_shell_executable")
			w := PluginWay{Name: name, Host: a.Host, Vars: s.vars, Keywords: s.keywords(task, d), Shell: shell, Password: d.BecomePassword}
			return s.pluginBecome(ctx, plugins, w, d, a)
		}
	}
	named := b.Method
	b.Method = short
	if s.err == nil && !slices.Contains(remote.BecomeMethods(), short) {
		s.err = unknownBecome(short, named)
	}
	s.fill(b, task, d)
	switch a.Kind {
	case "ssh":
		b.Timeout = seconds(max(a.TimeoutSeconds, 0) + 2)
	case "local":
		if n := s.number(nil, localBecomeTimeout, "ansible_local_become_success_timeout"); n >= 1 {
			b.Timeout = seconds(n)
		} else {
			b.Timeout = seconds(localBecomeTimeout)
		}
	}
	who := a.User
	if a.Kind == "local" {
		who = thisUser()
	}
	if b.User != "" && b.User == who && a.Plugin == "" && !d.BecomeSameUser {
		return nil
	}
	return b
}

// thisUser is who this process runs as: the user of a local connection.
var thisUser = sync.OnceValue(func() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
})

// localBecomeTimeout is how long becoming someone may take on a local
// connection, in seconds; over SSH it is two more than connecting may.
const localBecomeTimeout = 10

// unknownBecome tells what is not there from what cannot be done.
func unknownBecome(method, named string) error {
	if why := remote.BecomeRefused(method); why != "" {
		return errors.New(why)
	}
	return fmt.Errorf("Invalid become method specified, could not find matching plugin: '%s'. Use `ansible-doc -t become -l` to list available plugins.", named)
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
