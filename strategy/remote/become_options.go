package remote

import (
	"slices"
	"strings"

	"github.com/churten/churten/strategy/connection"
)

// becomeOptions are the options that only one method has. Those of all (user,
// exe, flags, password) are in Become.
//
// Source: documentation of ansible-core 2.19 and community.general 11.
var becomeOptions = map[string][]connection.Option{
	"sudo": {{Name: "sudo_chdir", Vars: []string{"ansible_sudo_chdir"}, Env: []string{"ANSIBLE_SUDO_CHDIR"}, Ini: []string{"sudo_become_plugin.chdir"}}},
	"sudosu": {{Name: "alt_method", Type: connection.Flag, Vars: []string{"ansible_sudosu_alt_method"}, Env: []string{"ANSIBLE_SUDOSU_ALT_METHOD"},
		Ini: []string{"community.general.sudosu.alternative_method"}}},
	"su": {prompts("su")}, "doas": {prompts("doas")}, "ksu": {prompts("ksu")},
	"pbrun": {wrap("pbrun")}, "pfexec": {wrap("pfexec")},
}

// prompts are how a method asks for a password, in other languages than those
// that are known.
func prompts(method string) connection.Option {
	return connection.Option{Name: "prompt_l10n", Type: connection.List, Vars: []string{"ansible_" + method + "_prompt_l10n"},
		Env: []string{"ANSIBLE_" + strings.ToUpper(method) + "_PROMPT_L10N"}, Ini: []string{method + "_become_plugin.localized_prompts"}}
}

func wrap(method string) connection.Option {
	return connection.Option{Name: "wrap_exe", Type: connection.Flag, Vars: []string{"ansible_" + method + "_wrap_execution"},
		Env: []string{"ANSIBLE_" + strings.ToUpper(method) + "_WRAP_EXECUTION"}, Ini: []string{method + "_become_plugin.wrap_execution"}}
}

// BecomeOptions are the options that only this method has.
func BecomeOptions(method string) []connection.Option { return slices.Clone(becomeOptions[method]) }

// BecomeUser is whom a method becomes where nobody says whom; "" leaves it to
// the program.
func BecomeUser(method string) string {
	switch method {
	case "sudo", "su", "sudosu", "pfexec", "run0":
		return "root"
	}
	return ""
}

// option gives one of the method's own options.
func (b *Become) option(name string) string {
	for _, setting := range connection.SplitSettings(b.More) {
		if text, ok := strings.CutPrefix(setting, name+"="); ok {
			return text
		}
	}
	return ""
}

func (b *Become) list(name string) []string { return connection.SplitList(b.option(name)) }
