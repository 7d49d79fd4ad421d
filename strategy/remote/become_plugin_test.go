package remote

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/wire"
)

// A plugin's line and prompts, told by texts and by a judge.
func TestBecomePlugin(t *testing.T) {
	conn := newUsers(t, "alice ALL=(bob) ALL")
	line := `sudo -S -p "[own ` + Key + `] password:" -u bob /bin/sh -c 'echo BECOME-SUCCESS-` + Key + ` ; /bin/sh -c '"'"'` + wire.Inside + `'"'"''`
	asked := 0
	judge := func(_ context.Context, said []byte) (wire.Verdict, error) {
		asked++
		switch {
		case bytes.Contains(said, []byte("Sorry")):
			return wire.SaysWrong, nil
		case bytes.Contains(said, []byte("] password:")):
			return wire.SaysPrompt, nil
		}
		return wire.SaysNothing, nil
	}
	texts := Plugin{Line: line, Prompts: []string{"[own " + Key + "] password:"}, Wrong: []string{"Sorry, try again."}}
	judged := Plugin{Line: line, Judge: judge}
	for _, c := range []struct {
		name     string
		p        Plugin
		password string
		has      bool
		code     wire.Code
	}{
		{"right", texts, "secret", true, ""},
		{"wrong", texts, "guess", true, wire.CodeBecomeWrong},
		{"missing", texts, "", false, wire.CodeBecomeMissing},
		{"judged right", judged, "secret", true, ""},
		{"judged wrong", judged, "guess", true, wire.CodeBecomeWrong},
		{"judged missing", judged, "", false, wire.CodeBecomeMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t, conn, usersOptions())
			b := Become{Method: "own", User: "bob", Password: c.password, HasPassword: c.has, Plugin: &c.p}
			user, err := a.Become(ctxOf(t), b)
			if c.code != "" {
				if Code(err) != c.code || !strings.Contains(err.Error(), "own password") {
					t.Errorf("%q: %v", Code(err), err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := call(t, a, Call{Module: "env", Agent: user}); num(d, "uid") != 4712 {
				t.Error(num(d, "uid"))
			}
			other := c.p // the same way, from another look at the options
			b.Plugin = &other
			if again, err := a.As(b); err != nil || again != user {
				t.Errorf("another agent for the same way: %v %v", again, err)
			}
		})
	}
	if asked == 0 {
		t.Error("the judge was never asked")
	}
}
