package remote

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

// TestGroupsChanged: who came into a group has it with the next call; agents of
// others, and those at work, stay.
func TestGroupsChanged(t *testing.T) {
	conn := newUsers(t, anyNoPassword)
	a := start(t, conn, usersOptions())
	as := func(name string) User {
		user, err := a.Become(ctxOf(t), Become{Method: "sudo", User: name})
		if err != nil {
			t.Fatal(err)
		}
		return user
	}
	groups := func(name string) (string, User) {
		user := as(name)
		return str(call(t, a, Call{Module: "shell", Agent: user, Args: value.DictOf("cmd", value.Str("id -G"))}), "stdout"), user
	}
	// /etc/group is mounted there: it is written, not replaced.
	change := func(user User, script string) {
		call(t, a, Call{Module: "shell", Agent: user, Args: value.DictOf("cmd", value.Str("sed '"+script+"' /etc/group > /root/group && cat /root/group > /etc/group"))})
	}
	if now, _ := groups("bob"); now != "4712\n" {
		t.Fatal(now)
	}
	_, nohome := groups("nohome")
	root := as("root")
	three := processes(t, "__agent child")
	change(root, "s/^alice:x:4711:.*/&bob/")
	now, bob := groups("bob")
	if now != "4712 4711\n" {
		t.Error("groups of bob:", now)
	}
	if _, now := groups("nohome"); now != nohome || as("root") != root {
		t.Error("agents ended whose users stayed in their groups")
	}
	// One that works stays until it has done.
	end := conn.dir + "/home/alice/end"
	call(t, a, Call{Module: "shell", Args: value.DictOf("cmd", value.Str("chmod 711 /home/alice"))})
	work := a.BeginCall(Call{Module: "shell", Agent: bob, Args: value.DictOf("cmd", value.Str("while ! test -e "+end+"; do sleep 0.05; done; id -G"))}, nil)
	change(root, "s/^alice:x:4711:.*/alice:x:4711:/")
	if as("bob") != bob {
		t.Error("an agent ended that was at work")
	}
	call(t, a, Call{Module: "shell", Args: value.DictOf("cmd", value.Str("touch "+end))})
	r, err := work.Result(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := str(r.Dict(), "stdout"); got != "4712 4711\n" {
		t.Error("groups at work:", got)
	}
	if now, _ := groups("bob"); now != "4712\n" {
		t.Error("groups of bob after it:", now)
	}
	eventually(t, "agents that ended are left", func() bool { return processes(t, "__agent child") == three })
}
