package strategy

import (
	"context"
	"fmt"
	"os/user"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote"
)

// Plugins has the connections and the ways to become someone that only the
// user's Python has.
type Plugins interface {
	// Connection gives the full name of a connection plugin; "" where there is
	// none, or a native one goes first.
	Connection(ctx context.Context, name string, native bool) (string, error)
	// Become is the same for become plugins.
	Become(ctx context.Context, name string, native bool) (string, error)
	// Reach reads the options of a connection.
	Reach(ctx context.Context, w PluginWay) (*Reached, error)
	// Dial makes a connection of options that were read.
	Dial(ctx context.Context, a Address) (connection.Conn, error)
	// Escalate asks a become plugin for its way; nil where it is nobody's.
	Escalate(ctx context.Context, w PluginWay) (*remote.Become, error)
	// Connects reports whether an action has to do with the task's host.
	Connects(ctx context.Context, action string) (bool, error)
	// Own reports whether an action is a plugin in Python too: over a connection
	// plugin it gets that plugin's own object.
	Own(action string) bool
	// Whole gives the action that does a task from beginning to end over a
	// connection plugin; what streams leaves modules to our agent.
	Whole(action string, way WholeWay) *module.Action
}

// PluginWay is for which host and task a plugin is asked.
type PluginWay struct {
	Name     string // the plugin's
	Host     string
	Vars     *expr.Ctx   // the host's
	Keywords *value.Dict // the task's, evaluated
	Shell    string
	Password *string // for become
}

// Reached is what is known of a connection before it is made.
type Reached struct {
	Options string // as JSON
	User    string
	// Streams says that commands can be started with streams of their own.
	Streams bool
}

// WholeWay is what an action needs that goes to a host by itself.
type WholeWay struct {
	PluginWay
	Become string // full name of the become plugin; "" for nobody else
	// Streams says that modules run by the agent, as everywhere.
	Streams bool
}

// pluginPlace is the way to a host that a connection plugin has.
type pluginPlace struct {
	name string // the plugin's
	once sync.Once
	err  error
	// whole is set where tasks are done by the plugin's own means.
	whole    bool
	become   string // the method's name, for whole
	keywords *value.Dict
}

// keywords evaluates the keywords of a task that plugins' options may come from.
func (s *setting) keywords(task *plan.Task, d *Connection) *value.Dict {
	out := value.NewDict(8)
	for _, k := range []struct {
		name string
		v    value.Value
		def  string
	}{
		{"connection", task.Connection, d.Kind}, {"remote_user", task.RemoteUser, d.User}, {"port", task.Port, ""}, {"become_method", task.BecomeMethod, d.BecomeMethod},
		{"become_user", task.BecomeUser, d.BecomeUser}, {"become_exe", task.BecomeExe, ""}, {"become_flags", task.BecomeFlags, ""},
	} {
		v := s.find(k.v, nil)
		switch {
		case v != nil:
			out.SetStr(k.name, v)
		case k.def != "":
			out.SetStr(k.name, value.Str(k.def))
		}
	}
	if b := task.Become; b != nil {
		out.SetStr("become", value.Bool(s.flag(b, d.Become)))
	}
	if d.Timeout > 0 {
		out.SetStr("timeout", value.Int(d.Timeout))
	}
	if d.Password != nil {
		out.SetStr("password", value.Str(*d.Password))
	}
	return out
}

// reach reads the options of the place's connection plugin, when it is first needed.
func (t *place) reach(ctx context.Context) error {
	p := t.plugin
	if p == nil {
		return nil
	}
	p.once.Do(func() {
		run := t.world.run
		var r *Reached
		if r, p.err = run.Plugins.Reach(ctx, t.way(p.name)); p.err != nil {
			return
		}
		t.address.Options, t.address.User, p.whole = r.Options, r.User, !r.Streams
		if t.become != nil && t.become.User == r.User {
			t.become = nil
		}
	})
	return p.err
}

func (t *place) way(name string) PluginWay {
	return PluginWay{Name: name, Host: t.host, Vars: t.settings, Keywords: t.plugin.keywords, Shell: t.shell, Password: t.world.run.Options.Connection.BecomePassword}
}

// Instead gives what is done in place of a native action or module on a host
// that nothing of ours works on; nil elsewhere.
func (t *place) Instead(ctx context.Context, act *module.Action, name string) (*module.Action, error) {
	if t.plugin == nil {
		return nil, nil
	}
	plugins := t.world.run.Plugins
	if act != nil {
		name = act.Name
		if connects, err := plugins.Connects(ctx, name); err != nil || !connects {
			return nil, err
		}
	}
	if err := t.reach(ctx); err != nil {
		return nil, cutOff(err)
	}
	if !t.plugin.whole && !(act != nil && plugins.Own(name)) {
		return nil, nil
	}
	return plugins.Whole(name, WholeWay{PluginWay: t.way(t.plugin.name), Become: t.plugin.become, Streams: !t.plugin.whole}), nil
}

// pluginBecome asks a become plugin for the way to someone.
func (s *setting) pluginBecome(ctx context.Context, plugins Plugins, w PluginWay, d *Connection, a *Address) *remote.Become {
	if s.err != nil {
		return nil
	}
	remoteUser := a.User
	if a.Kind == "local" {
		if me, err := user.Current(); err == nil {
			remoteUser = me.Username
		}
	}
	var b *remote.Become
	if b, s.err = plugins.Escalate(ctx, w); s.err != nil || b == nil || b.User != "" && b.User == remoteUser {
		return nil
	}
	if b.HasPassword {
		d.secret(b.Password)
	}
	b.Method = w.Name[strings.LastIndexByte(w.Name, '.')+1:]
	return b
}

// errWhole is for calls that nothing but a plugin's own action can make.
func errWhole(name string) error {
	return fmt.Errorf("nothing can be asked of a host behind the connection plugin '%s' but by its own means: it starts no program whose streams are the command's", name)
}
