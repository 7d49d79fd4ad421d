package app

import "strings"

// referenceOwn are the plugins that ansible-core itself has, whether churten
// has them or not: what is not native of them would go through Python.
// Names recorded from ansible-doc of ansible-core 2.19.
var referenceOwn = map[string]string{
	"module": ` add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron
		deb822_repository debconf debug dnf dnf5 dpkg_selections expect fail fetch file find gather_facts get_url
		getent git group group_by hostname import_playbook import_role import_tasks include_role include_tasks
		include_vars iptables known_hosts lineinfile meta mount_facts package package_facts pause ping pip raw reboot
		replace rpm_key script service service_facts set_fact set_stats setup shell slurp stat subversion systemd
		systemd_service sysvinit tempfile template unarchive uri user validate_argument_spec wait_for
		wait_for_connection yum_repository `,
	"connection":    " local paramiko_ssh psrp ssh winrm ",
	"become method": " runas su sudo ",
	"strategy":      " debug free host_pinned linear ",
	"callback":      " default junit minimal oneline tree ",
}

// inReference reports whether ansible-core has a plugin of that name.
func inReference(kind, name string) bool {
	for _, prefix := range []string{"ansible.builtin.", "ansible.legacy."} {
		name = strings.TrimPrefix(name, prefix)
	}
	for _, own := range strings.Fields(referenceOwn[kind]) {
		if own == name {
			return true
		}
	}
	return false
}
