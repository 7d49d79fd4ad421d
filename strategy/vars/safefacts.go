package vars

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// restricted are facts that would change how a host is reached. What begins
// with the name of a connection plugin is of that kind, too.
var restricted = []string{
	"ansible_connection", "ansible_host", "ansible_user", "ansible_shell_executable", "ansible_port", "ansible_pipelining", "ansible_password",
	"ansible_timeout", "ansible_shell_type", "ansible_module_compression", "ansible_private_key_file", "ansible_become", "ansible_rsync_path",
	"ansible_playbook_python", "ansible_ssh_user", "ansible_facts",
}

var restrictedPrefixes = []string{"ansible_local_", "ansible_paramiko_ssh_", "ansible_psrp_", "ansible_ssh_", "ansible_winrm_", "ansible_become_"}

// SafeFacts gives facts without those that a host may not set, as the reference
// keeps them. Keys seen on ansible-core 2.19.14.
func SafeFacts(facts *value.Dict) *value.Dict {
	out := facts
	for k := range facts.All() {
		name, _ := k.(value.Str)
		if !Restricted(string(name)) {
			continue
		}
		if out == facts {
			out = facts.Clone()
		}
		out.Delete(k)
	}
	return out
}

// Restricted reports whether a host may not set the variable name by a fact.
func Restricted(name string) bool {
	rest, ok := strings.CutPrefix(name, "ansible_")
	switch {
	case !ok || strings.HasPrefix(name, "ansible_ssh_host_key_"):
		return false
	case strings.HasSuffix(rest, "_interpreter"), slices.Contains(restricted, name):
		return true
	}
	return slices.ContainsFunc(restrictedPrefixes, func(p string) bool {
		return strings.HasPrefix(name, p) && !strings.HasSuffix(name, "_bridge") && !strings.HasSuffix(name, "_gwbridge")
	})
}
