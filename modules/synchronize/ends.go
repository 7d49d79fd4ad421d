package synchronize

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// ends are the two hosts of a transfer: the near one, where rsync is started,
// and the far one, that it connects to. The near one is the delegate, or the
// controller; the far one the host of the task.
type ends struct {
	*module.ActionCall
	way       module.Way
	container bool
	// host is the far end, user who logs in there.
	host, user, password string
	port                 value.Value // nil where nothing says it
	// sameSSH: the far end's sshd listens where localhost's does.
	sameSSH bool
	// here: both ends are one host. atDelegate: rsync is started on a host that
	// has to be connected to for that.
	here, atDelegate bool
}

// localNames are what the reference takes for the controller.
var localNames = []string{"127.0.0.1", "localhost", "::1"}

func (e *ends) find(setUser bool) error {
	all, _, err := e.Var("hostvars")
	if err != nil {
		return err
	}
	// read gives the first of a host's variables that is set, nil for none.
	read := func(host string, names ...string) (v value.Value) {
		if err != nil || all == nil {
			return nil
		}
		var vars value.Value
		found := false
		if vars, found, err = value.Item(all, value.Str(host)); err != nil || !found {
			return nil
		}
		for _, name := range names {
			if v, found, err = value.Item(vars, value.Str(name)); err != nil || found && value.Truth(v) {
				return v
			}
		}
		return nil
	}
	given := func(v value.Value) bool { return v != nil && v != value.Value(value.None) && value.Truth(v) }
	name := e.Host
	e.host = name
	if address := read(name, "ansible_host"); address != nil {
		e.host = value.Text(address)
	}
	self := e.way.Delegate != "" && (e.way.Delegate == name || e.way.Delegate == e.host)
	local := e.way.Connection == "local"
	e.here = self || e.way.Delegate == "" && local
	e.atDelegate = self || e.way.Delegate != "" && !local
	if self {
		e.host = "127.0.0.1"
	}
	if setUser {
		e.user = e.way.User
		own, ok, err := e.Var("ansible_user")
		if err != nil {
			return err
		}
		if ok && given(own) {
			e.user = value.Text(own)
		}
	}
	if port, ok, err := e.Var("ansible_port"); err != nil {
		return err
	} else if ok && given(port) {
		e.port = port
	}
	if password, ok, err := e.Var("ansible_password"); err != nil {
		return err
	} else if ok && given(password) {
		e.password = value.Text(password)
	}
	for _, n := range localNames {
		p := read(n, "ansible_port", "ansible_ssh_port")
		e.sameSSH = e.sameSSH || p == nil && e.port == nil || p != nil && e.port != nil && value.Text(p) == value.Text(e.port)
	}
	return err
}

// name gives both ends their names.
func (e *ends) name(args *value.Dict, src, dest string, pull bool) error {
	near, far := src, dest
	if pull {
		near, far = dest, src
	}
	near = e.local(near)
	switch isLocal := slices.Contains(localNames, e.host); {
	case e.here, isLocal && !e.atDelegate && e.sameSSH:
		far = e.local(far)
	default:
		if isLocal && e.sameSSH {
			args.SetStr("_substitute_controller", value.True)
		}
		far = e.remote(far)
	}
	src, dest = near, far
	if pull {
		src, dest = far, near
	}
	args.SetStr("src", value.Str(src))
	args.SetStr("dest", value.Str(dest))
	return nil
}

// local makes a path of this host absolute: one of a role is looked for there.
func (e *ends) local(path string) string {
	if strings.Contains(path, ":") || strings.HasPrefix(path, "/") {
		return path
	}
	slash := strings.HasSuffix(path, "/")
	full := module.ExpandPath(path, nil)
	if !filepath.IsAbs(full) {
		found, err := e.Controller.FindFile("files", full)
		if err != nil {
			found = filepath.Join(e.Controller.BaseDir(), full)
		}
		slash = slash || err == nil && path == "" // the folder files, without a name behind it
		full = found
	}
	full = filepath.Clean(full)
	if slash && full != "/" {
		full += "/"
	}
	return full
}

// remote names a path of the far end as rsync has it.
func (e *ends) remote(path string) string {
	user := ""
	if e.user != "" && !e.container {
		user = e.user + "@"
	}
	switch {
	case strings.HasPrefix(path, "rsync://"):
		return path
	case strings.Contains(e.host, ":"):
		return "[" + user + e.host + "]:" + path
	case !strings.Contains(path, ":"):
		return user + e.host + ":" + path
	case !strings.Contains(path, "@"):
		return user + path
	}
	return path
}

// place says where rsync is started: becoming somebody only where both ends are
// one host, else that is done at the far end.
func (e *ends) place(ctx context.Context) context.Context {
	switch {
	case e.here:
		return ctx
	case e.atDelegate || e.way.Connection == "local":
		return module.Elsewhere(ctx, module.AtLogin)
	}
	return module.Elsewhere(ctx, module.AtController)
}
