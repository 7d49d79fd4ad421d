package connection

import (
	"fmt"

	"github.com/churten/churten/modules/kit/process"
)

// What is run by podman and buildah, in containers that run or are being built.
//
// Source: documentation of containers.podman 1.17.
func init() {
	user := Option{Name: "remote_user", Vars: []string{"ansible_user"}, Env: []string{"ANSIBLE_REMOTE_USER"}, Ini: []string{"defaults.remote_user"}, Keyword: RemoteUser}
	add(Client{Names: []string{"containers.podman.podman"},
		Options: []Option{user,
			// ansible_host goes before the plugin's own name for it, as seen there.
			{Name: "remote_addr", Vars: []string{"inventory_hostname", "ansible_podman_host", "ansible_host"}},
			{Name: "podman_extra_args", Vars: []string{"ansible_podman_extra_args"}, Env: []string{"ANSIBLE_PODMAN_EXTRA_ARGS"}, Ini: []string{"defaults.podman_extra_args"}},
			{Name: "podman_executable", Vars: []string{"ansible_podman_executable"}, Env: []string{"ANSIBLE_PODMAN_EXECUTABLE"}, Default: "podman"},
		},
		Program: func(v Values) (Program, error) {
			extra, err := process.Split(v["podman_extra_args"])
			if err != nil {
				return Program{}, fmt.Errorf("podman_extra_args: %w", err)
			}
			p := NewProgram(v["podman_executable"]).Then(extra...).Then("exec", "-i")
			if v["remote_user"] != "" {
				p = p.Then("--user", v["remote_user"])
			}
			return p.Then(v["remote_addr"], "/bin/sh", "-c"), nil
		}})
	add(Client{Names: []string{"containers.podman.buildah"},
		Options: []Option{user, {Name: "remote_addr", Vars: []string{"inventory_hostname", "ansible_host"}}},
		Program: func(v Values) (Program, error) {
			p := NewProgram("buildah", "run")
			if v["remote_user"] != "" {
				p = p.Then("--user", v["remote_user"])
			}
			return p.Then(v["remote_addr"], "/bin/sh", "-c"), nil
		}})
}
