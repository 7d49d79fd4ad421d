package connection

import "fmt"

// Kinds that the reference and its collections have and churten does not, each
// with the reason: what works on the target is an agent, and there is none for
// those systems, or nothing there that runs programs.
func init() {
	for _, k := range []struct {
		reason string
		names  []string
	}{
		{"it is for FreeBSD, and churten's controller reaches FreeBSD's jails over ssh only", []string{"community.general.jail", "community.general.iocage"}},
		{"it is for zones of Solaris, for which there is no agent", []string{"community.general.zone"}},
		{"it is for Windows, for which there is no agent", []string{"ansible.builtin.winrm", "ansible.builtin.psrp", "community.general.wsl"}},
		{"it reaches devices that run no programs", []string{"ansible.netcommon.network_cli", "ansible.netcommon.netconf", "ansible.netcommon.httpapi", "ansible.netcommon.grpc",
			"ansible.netcommon.libssh", "ansible.netcommon.persistent"}},
		{"it starts commands without their input", []string{"community.general.funcd", "community.general.saltstack", "amazon.aws.aws_ssm", "community.aws.aws_ssm"}},
	} {
		for _, name := range k.names {
			add(Client{Names: []string{name}, Refused: fmt.Sprintf("the connection '%s' is not supported by churten: %s", name, k.reason)})
		}
	}
}
