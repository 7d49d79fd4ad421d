package remote

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
)

// The lines seen with -vvv on ansible-core 2.19 and community.general 11.
func TestBecomeLines(t *testing.T) {
	bob := Become{User: "bob"}
	password := Become{User: "bob", HasPassword: true}
	flags := Become{User: "bob", Flags: "-x -y"}
	exe := Become{User: "bob", Exe: "/opt/exe"}
	for method, lines := range map[string][4]string{
		"su":         {"su bob -c", "su bob -c", "su -x -y bob -c", "/opt/exe bob -c"},
		"doas":       {"doas -n -u bob", "doas -u bob", "doas -x -y -n -u bob", "/opt/exe -n -u bob"},
		"dzdo":       {"dzdo -H -S -n -u bob", `dzdo -H -S -p "[dzdo via ansible, key=k] password:" -u bob`, "dzdo -x -y -u bob", "/opt/exe -H -S -n -u bob"},
		"pbrun":      {"pbrun -u bob", "pbrun -u bob", "pbrun -x -y -u bob", "/opt/exe -u bob"},
		"pfexec":     {"pfexec -H -S -n", "pfexec -H -S -n", "pfexec -x -y", "/opt/exe -H -S -n"},
		"pmrun":      {"pmrun", "pmrun", "pmrun -x -y", "/opt/exe"},
		"ksu":        {"ksu bob -e", "ksu bob -e", "ksu bob -x -y -e", "/opt/exe bob -e"},
		"sesu":       {"sesu -H -S -n bob -c", "sesu -H -S -n bob -c", "sesu -x -y bob -c", "/opt/exe -H -S -n bob -c"},
		"machinectl": {"machinectl -q shell bob@", "machinectl -q shell bob@", "machinectl -q shell -x -y bob@", "/opt/exe -q shell bob@"},
		"run0":       {"run0 --user=bob", "run0 --user=bob", "run0 --user=bob -x -y", "/opt/exe --user=bob"},
	} {
		for i, b := range []Become{bob, password, flags, exe} {
			e, err := methods[method](&b, "k")
			if err != nil || e.line != lines[i] {
				t.Errorf("%s: %q, want %q: %v", method, e.line, lines[i], err)
			}
		}
	}
}

// The options that only one method has; seen in the same way.
func TestBecomeOptions(t *testing.T) {
	more := func(settings ...string) string { return connection.JoinSettings(settings) }
	for _, c := range []struct {
		method string
		b      Become
		line   string
		form   wire.Form
	}{
		{"sudo", Become{User: "root", More: more("sudo_chdir=/tmp")}, "cd /tmp && sudo -H -S -n -u root", wire.FormWords},
		{"sudosu", Become{User: "root"}, "sudo -H -S -n su -l root", wire.FormWords},
		{"sudosu", Become{User: "ops", Exe: "/opt/exe"}, "sudo -H -S -n su -l ops", wire.FormWords},
		{"sudosu", Become{User: "root", HasPassword: true}, `sudo -H -S -p "[sudo via ansible, key=k] password:" su -l root`, wire.FormWords},
		{"sudosu", Become{User: "root", More: more("alt_method=true")}, "sudo -H -S -n su -l root -c", wire.FormBareWord},
		{"pbrun", Become{User: "root", More: more("wrap_exe=true")}, "pbrun -u root", wire.FormWords},
		{"pfexec", Become{User: "root", More: more("wrap_exe=true")}, "pfexec -H -S -n", wire.FormWords},
		{"dzdo", Become{Flags: "-n"}, "dzdo -n", wire.FormWords},
		{"doas", Become{}, "doas -n", wire.FormWords},
		{"machinectl", Become{}, "machinectl -q shell @", wire.FormWords},
		{"run0", Become{}, "run0 --user=", wire.FormWords},
	} {
		e, err := methods[c.method](&c.b, "k")
		if err != nil || e.line != c.line || e.form != c.form {
			t.Errorf("%s %+v: %q %v, want %q: %v", c.method, c.b, e.line, e.form, c.line, err)
		}
	}
	e, err := su(&Become{User: "root", More: more("prompt_l10n=" + connection.JoinList([]string{"Wachtwoord", "Kennwort"}))}, "k")
	if err != nil || !containsAny("Kennwort: ", e.prompts) || containsAny("Password: ", e.prompts) {
		t.Errorf("%q %v", e.prompts, err)
	}
	if _, err := ksu(&Become{}, "k"); err == nil || !strings.Contains(err.Error(), "Required config 'become_user'") {
		t.Error(err)
	}
}

func TestBecomeOtherMethods(t *testing.T) {
	conn := newUsers(t, "alice ALL=(root) /bin/su, /usr/bin/su")
	for _, c := range []struct {
		name string
		b    Become
		code wire.Code
		msg  string
	}{
		{"su right", Become{Method: "su", User: "bob", Password: "secret", HasPassword: true}, "", ""},
		{"su login shell", Become{Method: "su", User: "bob", Flags: "-l", Password: "secret", HasPassword: true}, "", ""},
		{"su wrong", Become{Method: "su", User: "bob", Password: "guess", HasPassword: true}, wire.CodeBecomeWrong, "Incorrect su password"},
		{"su missing", Become{Method: "su", User: "bob"}, wire.CodeBecomeMissing, "Missing su password"},
		{"su nobody", Become{Method: "su", User: "nosuch"}, wire.CodeBecomeRefused, "nosuch"},
		{"sudosu right", Become{Method: "sudosu", User: "bob", Password: "secret", HasPassword: true}, "", ""},
		{"doas right", Become{Method: "doas", User: "bob", Password: "secret", HasPassword: true}, "", ""},
		{"doas needs none", Become{Method: "doas", User: "nohome"}, "", ""},
		{"doas wrong", Become{Method: "doas", User: "bob", Password: "guess", HasPassword: true}, wire.CodeBecomeWrong, "Incorrect community.general.doas password"},
		{"doas missing", Become{Method: "doas", User: "bob"}, wire.CodeBecomeMissing, "Missing community.general.doas password"},
		{"doas not allowed", Become{Method: "doas", User: "root"}, wire.CodeBecomeRefused, "not permitted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.b.Method == "doas" {
				if _, err := exec.LookPath("doas"); err != nil {
					t.Skip("needs doas")
				}
				if _, err := os.Stat("/etc/doas.conf"); err != nil {
					t.Skip("needs /etc/doas.conf, to put another in its place")
				}
			}
			a := start(t, conn, usersOptions())
			user, err := a.Become(ctxOf(t), c.b)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]int64{"bob": 4712, "nohome": 4713}[c.b.User]
				if d := call(t, a, Call{Module: "env", Agent: user}); num(d, "uid") != want {
					t.Error(num(d, "uid"))
				}
				return
			}
			if Code(err) != c.code || !strings.Contains(err.Error(), c.msg) {
				t.Errorf("%q: %v", Code(err), err)
			}
		})
	}
}
