package strategy

import (
	"context"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/strategy/remote"
)

// elsewhere gives the place as who logs in, or the controller.
func (t *place) elsewhere(at module.At) *place {
	other := &place{world: t.world, task: t.task, host: t.host, delegate: t.delegate, address: t.address, shell: t.shell, plugin: t.plugin, settings: t.settings}
	if at == module.AtController {
		other.address, other.plugin = Address{Kind: "local"}, nil
	}
	return other
}

// Way tells how the place is reached.
func (t *place) Way(ctx context.Context) (module.Way, error) {
	if err := t.reach(ctx); err != nil {
		return module.Way{}, err
	}
	a := &t.address
	w := module.Way{Connection: a.Kind, Delegate: t.delegate, User: a.User, KeyFile: a.KeyFile}
	for _, args := range []string{a.SSHArgs, a.CommonArgs, a.ExtraArgs} {
		if args != "" {
			w.SSHArgs = append(w.SSHArgs, args)
		}
	}
	if words := a.Program.Words(); len(words) > 0 {
		w.Client = words[0]
	}
	d := &t.world.run.Options.Connection
	s := &setting{ctx: t.keywords, vars: t.settings}
	if a.Kind == "local" {
		w.User = s.text(t.task.RemoteUser, d.User, "ansible_ssh_user", "ansible_user")
	}
	if w.Become = s.flag(t.task.Become, d.Become, "ansible_become"); w.Become && s.err == nil {
		b := &remote.Become{Method: s.text(t.task.BecomeMethod, d.BecomeMethod, "ansible_become_method")}
		b.Method = b.Method[lastDot(b.Method)+1:]
		s.fill(b, t.task, d)
		w.BecomeMethod, w.BecomeUser = b.Method, b.User
	}
	return w, s.err
}
