package connection

import "strings"

// What is run by kubectl, and by OpenShift's oc, in pods.
//
// Source: documentation of kubernetes.core 6 and community.okd 5.
func init() {
	add(podClient("kubernetes.core.kubectl", Option{Name: "username", Vars: []string{"ansible_kubectl_username", "ansible_kubectl_user"}, Env: []string{"K8S_AUTH_USERNAME"}},
		Option{Name: "password", Vars: []string{"ansible_kubectl_password"}, Env: []string{"K8S_AUTH_PASSWORD"}, Secret: true}))
	add(podClient("community.okd.oc"))
}

// podClient is a kind whose options are all called after its program.
func podClient(name string, more ...Option) Client {
	program := name[strings.LastIndexByte(name, '.')+1:]
	option := func(name string, env []string, vars ...string) Option {
		o := Option{Name: name, Env: env}
		for _, v := range vars {
			o.Vars = append(o.Vars, "ansible_"+program+"_"+v)
		}
		return o
	}
	options := []Option{
		{Name: "host", Vars: []string{"inventory_hostname", "ansible_host"}},
		option("pod", []string{"K8S_AUTH_POD"}, "pod"),
		option("container", []string{"K8S_AUTH_CONTAINER"}, "container"),
		option("namespace", []string{"K8S_AUTH_NAMESPACE"}, "namespace"),
		option("extra_args", []string{"K8S_AUTH_EXTRA_ARGS"}, "extra_args"),
		option("kubeconfig", []string{"K8S_AUTH_KUBECONFIG"}, "kubeconfig", "config"),
		option("context", []string{"K8S_AUTH_CONTEXT"}, "context"),
		option("server", []string{"K8S_AUTH_HOST", "K8S_AUTH_SERVER"}, "host", "server"),
		option("token", []string{"K8S_AUTH_TOKEN", "K8S_AUTH_API_KEY"}, "token", "api_key"),
		option("client_cert", []string{"K8S_AUTH_CERT_FILE"}, "cert_file", "client_cert"),
		option("client_key", []string{"K8S_AUTH_KEY_FILE"}, "key_file", "client_key"),
		option("ca_cert", []string{"K8S_AUTH_SSL_CA_CERT"}, "ssl_ca_cert", "ca_cert"),
		option("validate_certs", []string{"K8S_AUTH_VERIFY_SSL"}, "verify_ssl", "validate_certs"),
		option("local_env_vars", nil, "local_env_vars"),
	}
	for i := range options {
		switch options[i].Name {
		case "token":
			options[i].Secret = true
		case "validate_certs":
			options[i].Type = Flag
		case "local_env_vars":
			options[i].Type = Settings
		}
	}
	return Client{Names: []string{name}, Options: append(options, more...), Program: func(v Values) (Program, error) {
		p := NewProgram(program).With(v.Settings("local_env_vars")...)
		for _, o := range [][2]string{{"namespace", "-n"}, {"kubeconfig", "--kubeconfig"}, {"context", "--context"}, {"server", "--server"},
			{"username", "--username"}, {"password", "--password"}, {"token", "--token"}, {"client_cert", "--client-certificate"},
			{"client_key", "--client-key"}, {"ca_cert", "--certificate-authority"}} {
			if v[o[0]] != "" {
				p = p.Then(o[1], v[o[0]])
			}
		}
		if v["validate_certs"] == "false" {
			// The reference's plugin asks for this when it is to verify, and in
			// a form that kubectl does not take: what is documented is done.
			p = p.Then("--insecure-skip-tls-verify=true")
		}
		pod := v["pod"]
		if pod == "" {
			pod = v["host"]
		}
		p = p.Then(strings.Fields(v["extra_args"])...).Then("exec", "-i", pod)
		if v["container"] != "" {
			p = p.Then("-c", v["container"])
		}
		return p.Then("--", "/bin/sh", "-c"), nil
	}}
}
