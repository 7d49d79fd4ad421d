package connection

import "strings"

// Containers of LXC by lxc-attach, instances of LXD and Incus by their clients.
//
// Source: documentation of community.general 11. Its lxc plugin goes through a
// Python library; lxc-attach does what that does.
func init() {
	add(Client{Names: []string{"community.general.lxc"}, Here: true,
		Options: []Option{
			{Name: "remote_addr", Vars: []string{"inventory_hostname", "ansible_host", "ansible_lxc_host"}},
			{Name: "executable", Vars: []string{"ansible_executable", "ansible_lxc_executable"}, Default: "/bin/sh"},
		},
		Program: func(v Values) (Program, error) {
			return NewProgram("lxc-attach", "-n", v["remote_addr"], "--", v["executable"], "-c"), nil
		}})
	add(instances("community.general.lxd", "lxd", "lxc", ""))
	add(instances("community.general.incus", "incus", "incus", "default"))
}

// instances is a kind of LXD's family; the client program takes the remote
// and the project.
func instances(name, short, program, project string) Client {
	own := func(option string) string { return "ansible_" + short + "_" + option }
	return Client{Names: []string{name},
		Options: []Option{
			{Name: "remote_addr", Vars: []string{"inventory_hostname", "ansible_host", own("host")}},
			{Name: "executable", Vars: []string{"ansible_executable", own("executable")}, Default: "/bin/sh"},
			{Name: "become_method", Vars: []string{short + "_become_method"}, Default: "/bin/su"},
			{Name: "remote", Vars: []string{own("remote")}, Default: "local"},
			{Name: "remote_user", Vars: []string{"ansible_user"}, Env: []string{"ANSIBLE_REMOTE_USER"}, Ini: []string{"defaults.remote_user"}, Keyword: RemoteUser, Default: "root"},
			{Name: "project", Vars: []string{own("project")}, Default: project},
		},
		Program: func(v Values) (Program, error) {
			p := NewProgram(program)
			if v["project"] != "" {
				p = p.Then("--project", v["project"])
			}
			instance, _, _ := strings.Cut(v["remote_addr"], ".")
			p = p.Then("exec", v["remote"]+":"+instance, "--")
			if v["remote_user"] != "root" {
				// su runs the user's own shell, which gets one word.
				return p.Then(v["become_method"], v["remote_user"], "-c"), nil
			}
			return p.Then(v["executable"], "-c"), nil
		}}
}
