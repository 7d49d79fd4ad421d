package strategy

import (
	"cmp"
	"context"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/vars"
)

// connectionVar gives the variables of the connection that a running task sees
// although nobody defined them, under both of their names: what the command
// line, the settings and the keywords came to. Neither hostvars nor vars list
// them. Seen on ansible-core 2.19.14; become is not among them.
func (pr *playRun) connectionVar(task *plan.Task, host string, sc *vars.Scope, name string) (value.Value, bool, error) {
	if !strings.HasPrefix(name, "ansible_") {
		return nil, false, nil
	}
	// A scope is asked without a context: what a variable waits for, it waits for.
	c := expr.NewCtx(context.TODO(), pr.Runner.Env, sc)
	s := &setting{ctx: c, vars: c}
	d := &pr.Options.Connection
	text := func(keyword value.Value, def string, names ...string) (value.Value, bool, error) {
		t := s.text(keyword, def, names...)
		return value.Str(t), t != "" && s.err == nil, s.err
	}
	switch name {
	case "ansible_host", "ansible_ssh_host":
		return text(nil, host, "ansible_ssh_host", "ansible_host")
	case "ansible_connection":
		return text(task.Connection, d.Kind)
	case "ansible_port", "ansible_ssh_port":
		n := s.number(nil, d.Port, "ansible_ssh_port", "ansible_port")
		return value.Int(n), n != 0 && s.err == nil, s.err
	case "ansible_user", "ansible_ssh_user":
		return text(task.RemoteUser, d.User, "ansible_ssh_user", "ansible_user")
	case "ansible_password", "ansible_ssh_pass":
		p := s.optional(d.Password, "ansible_ssh_password", "ansible_ssh_pass", "ansible_password")
		if p == nil {
			return nil, false, s.err
		}
		return value.Str(*p), true, s.err
	case "ansible_private_key_file", "ansible_ssh_private_key_file":
		return text(nil, d.KeyFile, "ansible_ssh_private_key_file", "ansible_private_key_file")
	case "ansible_timeout", "ansible_ssh_timeout":
		n := s.number(nil, d.Timeout, "ansible_timeout", "ansible_ssh_timeout")
		return value.Int(n), s.err == nil, s.err
	case "ansible_pipelining", "ansible_ssh_pipelining":
		on := s.flag(nil, false, "ansible_pipelining", "ansible_ssh_pipelining")
		return value.Bool(on), s.err == nil, s.err
	case "ansible_shell_executable":
		return text(nil, cmp.Or(d.Executable, defaultShell))
	case "ansible_module_compression":
		return value.Str("ZIP_DEFLATED"), true, nil
	}
	return nil, false, nil
}
