package strategy

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote"
)

// The options of the ways to become someone come from the same places for all
// of them, with the method's name in: ansible_become_user and ansible_sudo_user,
// ANSIBLE_BECOME_USER and ANSIBLE_SUDO_USER, [privilege_escalation] become_user
// and [sudo_become_plugin] user. Of each kind of place the last that is set
// holds. Seen on ansible-core 2.19.14 and community.general 11.4.

// becomeOption is one of those options of a method.
func becomeOption(method, name, short, key string) connection.Option {
	plugin := method
	if method == "sudosu" { // it has sudo's
		plugin = "sudo"
	}
	o := connection.Option{Name: "become_" + name, Vars: []string{"ansible_become_" + name, "ansible_" + plugin + "_" + short},
		Env: []string{"ANSIBLE_BECOME_" + strings.ToUpper(name), "ANSIBLE_" + strings.ToUpper(plugin+"_"+short)},
		Ini: []string{"privilege_escalation.become_" + name, plugin + "_become_plugin." + key}}
	if name == "pass" {
		o.Secret = true
		o.Ini = o.Ini[1:]
		o.Vars = []string{"ansible_become_password", "ansible_become_pass", o.Vars[1]}
		if method == "ksu" {
			slices.Reverse(o.Vars)
		}
	}
	return o
}

// becomeOptions are those of one method, made once.
type becomeOptions struct {
	user, exe, flags, password connection.Option
	more                       []connection.Option
}

var allBecomeOptions = func() map[string]*becomeOptions {
	all := map[string]*becomeOptions{}
	for _, m := range remote.BecomeMethods() {
		all[m] = &becomeOptions{user: becomeOption(m, "user", "user", "user"), exe: becomeOption(m, "exe", "exe", "executable"),
			flags: becomeOption(m, "flags", "flags", "flags"), password: becomeOption(m, "pass", "pass", "password"), more: remote.BecomeOptions(m)}
	}
	return all
}()

// fill reads what b's method is told.
func (s *setting) fill(b *remote.Become, task *plan.Task, d *Connection) {
	o := allBecomeOptions[b.Method]
	if o == nil || s.err != nil {
		return
	}
	user := task.BecomeUser
	if user == nil && d.BecomeUser != "" {
		user = value.Str(d.BecomeUser)
	}
	b.User = remote.BecomeUser(b.Method)
	if text, ok := s.told(&o.user, user, d); ok {
		b.User = text
	}
	b.Exe, _ = s.told(&o.exe, task.BecomeExe, d)
	if text, ok := s.told(&o.flags, task.BecomeFlags, d); ok {
		b.Flags, b.NoFlags = text, text == ""
	}
	var password value.Value
	if d.BecomePassword != nil {
		password = value.Str(*d.BecomePassword)
	}
	if text, ok := s.told(&o.password, password, d); ok {
		b.Password, b.HasPassword = text, true
		d.secret(text)
	}
	var more []string
	for i := range o.more {
		text, err := s.option(&o.more[i], "", task, d)
		if err != nil && s.err == nil {
			s.err = err
		}
		if text != "" {
			more = append(more, o.more[i].Name+"="+text)
		}
	}
	b.More = connection.JoinSettings(more)
}

// told gives what an option was set to; ok is false where nobody set it.
func (s *setting) told(o *connection.Option, keyword value.Value, d *Connection) (text string, ok bool) {
	names := slices.Clone(o.Vars)
	slices.Reverse(names)
	if v := s.find(keyword, names); v != nil {
		return value.Text(v), true
	}
	if s.err != nil || d.Own == nil {
		return "", false
	}
	text, ok, s.err = d.Own(o)
	return text, ok && s.err == nil
}
