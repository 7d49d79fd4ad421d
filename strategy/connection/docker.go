package connection

import (
	"fmt"
	"strings"
)

// What is run by docker: docker exec in a container that runs.
//
// Source: documentation of community.docker 4; words of the command seen with
// a client that tells them (testdata/record.py).
func init() {
	user := Option{Name: "remote_user", Vars: []string{"ansible_user", "ansible_docker_user"}, Keyword: RemoteUser}
	addr := Option{Name: "remote_addr", Vars: []string{"inventory_hostname", "ansible_host", "ansible_docker_host"}}
	common := []Option{user, addr,
		{Name: "timeout", Vars: []string{"ansible_docker_timeout"}, Env: []string{"ANSIBLE_DOCKER_TIMEOUT"}, Ini: []string{"docker_connection.timeout"}, Keyword: Timeout},
		{Name: "extra_env", Vars: []string{"ansible_docker_extra_env"}, Type: Settings},
		{Name: "working_dir", Vars: []string{"ansible_docker_working_dir"}, Env: []string{"ANSIBLE_DOCKER_WORKING_DIR"}, Ini: []string{"docker_connection.working_dir"}},
		{Name: "privileged", Vars: []string{"ansible_docker_privileged"}, Env: []string{"ANSIBLE_DOCKER_PRIVILEGED"}, Ini: []string{"docker_connection.privileged"}, Type: Flag},
	}
	add(Client{Names: []string{"community.docker.docker"},
		Options: append(common[:len(common):len(common)],
			Option{Name: "docker_extra_args", Vars: []string{"ansible_docker_extra_args"}, Ini: []string{"docker_connection.extra_cli_args"}}),
		Program: func(v Values) (Program, error) {
			return dockerExec(NewProgram("docker").Then(strings.Fields(v["docker_extra_args"])...), v), nil
		}})
	// The same containers by Docker's API: its client speaks it for us.
	add(Client{Names: []string{"community.docker.docker_api"},
		Options: append(common[:len(common):len(common)],
			dockerOption("docker_host", "DOCKER_HOST", "", Text), dockerOption("tls_hostname", "DOCKER_TLS_HOSTNAME", "", Text),
			dockerOption("api_version", "DOCKER_API_VERSION", "auto", Text), Option{Name: "ca_path", Vars: []string{"ansible_docker_ca_cert", "ansible_docker_ca_path"}},
			dockerOption("client_cert", "", "", Text), dockerOption("client_key", "", "", Text),
			dockerOption("tls", "DOCKER_TLS", "", Flag), dockerOption("validate_certs", "DOCKER_TLS_VERIFY", "", Flag)),
		Program: dockerAPI})
}

// dockerOption is one of the options that community.docker's modules share.
func dockerOption(name, env, def string, kind Type) Option {
	o := Option{Name: name, Vars: []string{"ansible_docker_" + name}, Default: def, Type: kind}
	if name == "docker_host" {
		o.Vars = []string{"ansible_docker_docker_host"}
	}
	if env != "" {
		o.Env = []string{env}
	}
	return o
}

func dockerExec(p Program, v Values) Program {
	p = p.Then("exec")
	if v["remote_user"] != "" {
		p = p.Then("-u", v["remote_user"])
	}
	for _, entry := range v.Settings("extra_env") {
		p = p.Then("-e", entry)
	}
	if v["working_dir"] != "" {
		p = p.Then("-w", v["working_dir"])
	}
	if v.True("privileged") {
		p = p.Then("--privileged")
	}
	return p.Then("-i", v["remote_addr"], "/bin/sh", "-c")
}

func dockerAPI(v Values) (Program, error) {
	if v["tls_hostname"] != "" {
		return Program{}, fmt.Errorf("the connection community.docker.docker_api goes through docker, which has no tls_hostname")
	}
	p := NewProgram("docker")
	for _, o := range [][2]string{{"docker_host", "--host"}, {"ca_path", "--tlscacert"}, {"client_cert", "--tlscert"}, {"client_key", "--tlskey"}} {
		if v[o[0]] != "" {
			p = p.Then(o[1], v[o[0]])
		}
	}
	switch {
	case v.True("validate_certs"):
		p = p.Then("--tlsverify")
	case v.True("tls"):
		p = p.Then("--tls")
	}
	if version := v["api_version"]; version != "auto" && version != "" {
		p = p.With("DOCKER_API_VERSION=" + version)
	}
	return dockerExec(p, v), nil
}
