package strategy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/connection"
)

// The options of the reference's ssh connection. Of the variables of one option
// the last in its documentation goes before those above it. Seen on
// ansible-core 2.19.14.
//
// control_path, control_path_dir, pipelining, sshpass_prompt and those of scp
// and sftp have nothing to act on: there is one session for the whole run, in
// this program. sftp_batch_mode and verbosity are the same.

func sshOption(name string, more connection.Option) connection.Option {
	more.Name = name
	if more.Vars == nil {
		more.Vars = []string{"ansible_" + name}
	}
	return more
}

var (
	optionExecutable = sshOption("ssh_executable", connection.Option{Env: []string{"ANSIBLE_SSH_EXECUTABLE"}, Ini: []string{"ssh_connection.ssh_executable"}, Default: "ssh"})
	optionPKCS11     = sshOption("pkcs11_provider", connection.Option{Vars: []string{"ansible_ssh_pkcs11_provider"}, Env: []string{"ANSIBLE_PKCS11_PROVIDER"},
		Ini: []string{"ssh_connection.pkcs11_provider"}})
	optionKey = sshOption("private_key", connection.Option{Vars: []string{"ansible_private_key", "ansible_ssh_private_key"}, Env: []string{"ANSIBLE_PRIVATE_KEY"}, Secret: true})
	// passphrase is told of key files too, which the reference does not do.
	optionPassphrase = sshOption("private_key_passphrase", connection.Option{Vars: []string{"ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase"},
		Env: []string{"ANSIBLE_PRIVATE_KEY_PASSPHRASE"}, Secret: true})
	optionMechanism = sshOption("password_mechanism", connection.Option{Vars: []string{"ansible_ssh_password_mechanism"}, Env: []string{"ANSIBLE_SSH_PASSWORD_MECHANISM"},
		Ini: []string{"ssh_connection.password_mechanism"}, Default: "ssh_askpass", Choices: []string{"ssh_askpass", "sshpass", "disable"}})
	optionTransfer = sshOption("ssh_transfer_method", connection.Option{Env: []string{"ANSIBLE_SSH_TRANSFER_METHOD"}, Ini: []string{"ssh_connection.transfer_method"},
		Default: "smart", Choices: []string{"sftp", "scp", "piped", "smart"}})
	optionTTY = sshOption("use_tty", connection.Option{Vars: []string{"ansible_ssh_use_tty"}, Env: []string{"ANSIBLE_SSH_USETTY"}, Ini: []string{"ssh_connection.usetty"}, Default: "true"})
	// agentOption is no option of the connection's but a setting.
	agentOption = connection.Option{Name: "SSH_AGENT", Env: []string{"ANSIBLE_SSH_AGENT"}, Ini: []string{"connection.ssh_agent"}, Default: "none"}
)

// ssh fills in the way to a host by SSH.
func (s *setting) ssh(a *Address, task *plan.Task, d *Connection) {
	a.Kind = "ssh"
	own := func(o *connection.Option) string {
		if s.err != nil {
			return ""
		}
		var text string
		text, s.err = s.option(o, a.Host, task, d)
		if s.err != nil && len(o.Choices) > 0 {
			_, bad, _ := strings.Cut(s.err.Error(), ": ")
			bad, _, _ = strings.Cut(bad, " is none of")
			s.err = fmt.Errorf("Invalid value %s for config '%s' for 'ssh' connection plugin.", bad, o.Name) //nolint:staticcheck // the reference's words
		}
		return text
	}
	a.Address = s.text(nil, a.Host, "ansible_ssh_host", "ansible_host")
	a.User = s.text(task.RemoteUser, d.User, "ansible_ssh_user", "ansible_user")
	a.Port = s.number(task.Port, d.Port, "ansible_ssh_port", "ansible_port")
	if p := s.optional(d.Password, "ansible_ssh_password", "ansible_ssh_pass", "ansible_password"); p != nil {
		a.Password, a.HasPassword = *p, own(&optionMechanism) != "disable"
		d.secret(*p)
	}
	a.KeyFile = s.text(nil, d.KeyFile, "ansible_ssh_private_key_file", "ansible_private_key_file")
	a.KeyPassphrase = own(&optionPassphrase)
	if a.Key = own(&optionKey); a.Key != "" && own(&agentOption) == "none" && s.err == nil {
		a.Refused = "Failed to authenticate: Failed to add configured private key into ssh-agent: Cannot utilize private_key with SSH_AGENT disabled"
	}
	a.SSHArgs = s.text(nil, d.SSHArgs, "ansible_ssh_args")
	a.CommonArgs = s.text(nil, d.CommonArgs, "ansible_ssh_common_args")
	a.ExtraArgs = s.text(nil, d.ExtraArgs, "ansible_ssh_extra_args")
	a.HostKeyChecking = s.flag(nil, d.HostKeyChecking, "ansible_ssh_host_key_checking", "ansible_host_key_checking")
	a.TimeoutSeconds = s.number(nil, d.Timeout, "ansible_ssh_timeout")
	a.Retries = s.number(nil, d.Retries, "ansible_ssh_retries")
	a.RemoteTmp = s.text(nil, d.RemoteTmp, "ansible_remote_tmp")
	if a.OpenSSH = own(&optionExecutable); a.OpenSSH == "ssh" {
		a.OpenSSH = ""
	}
	a.PKCS11 = own(&optionPKCS11)
	if a.PKCS11 != "" && !a.HasPassword && s.err == nil {
		s.err = errors.New("to use pkcs11_provider you must specify a password/pin")
	}
	own(&optionTransfer)
	if v := s.find(nil, []string{"ansible_ssh_verbosity"}); v != nil && s.err == nil {
		if _, err := module.ToInt(v); err != nil {
			s.err = fmt.Errorf("Config 'verbosity' for 'ssh' connection plugin from 'var: ansible_ssh_verbosity' has an invalid value: Invalid value provided for 'int': %s", value.Repr(v)) //nolint:staticcheck // the reference's words
		}
	}
	// What is no boolean is one that is not true, here and in the reference.
	a.NoTTY = !truth(own(&optionTTY))
}

// truth is the reference's reading of a boolean that may be any text.
func truth(text string) bool {
	switch strings.ToLower(text) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true
	}
	return false
}
