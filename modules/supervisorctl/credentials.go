package supervisorctl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// places are where supervisorctl looks for its configuration, besides
// directories that depend on where its program or its caller is.
var places = []string{"/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"}

// credentials writes a configuration of this call's own that holds the password,
// which supervisorctl takes only from there or from its command line, where
// everybody on the host could read it. The call's directory goes with the call.
func (j *job) credentials() (string, error) {
	a := j.Args
	have, err := j.section()
	if err != nil {
		return "", err
	}
	for option, arg := range map[string]string{"serverurl": "server_url", "username": "username", "password": "password"} {
		if text := a.Str(arg); text != "" {
			if strings.ContainsAny(text, "\r\n") {
				return "", module.Failf("%s has several lines, which supervisorctl cannot take", arg)
			}
			have[option] = strings.ReplaceAll(text, "%", "%%")
		}
	}
	text := "[supervisorctl]\n"
	for _, option := range []string{"serverurl", "username", "password"} {
		if have[option] != "" {
			text += option + " = " + have[option] + "\n"
		}
	}
	dir, err := j.Tmp()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "supervisorctl.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("the password could not be handed to supervisorctl: %w", err)
	}
	return path, nil
}

// section gives the options of [supervisorctl] in the configuration that would
// have been used.
func (j *job) section() (map[string]string, error) {
	candidates := places
	if path := j.Args.Str("config"); path != "" {
		candidates = []string{path}
	}
	for _, path := range candidates {
		data, err := os.ReadFile(path)
		if err == nil {
			return options(string(data), filepath.Dir(path)), nil
		}
		if !os.IsNotExist(err) || j.Args.Str("config") != "" {
			return nil, fmt.Errorf("supervisor's configuration cannot be read: %w", err)
		}
	}
	return map[string]string{}, nil
}

// options reads the section [supervisorctl]; here is the directory of the file.
func options(text, here string) map[string]string {
	found, in := map[string]string{}, false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "[") {
			in = strings.HasPrefix(line, "[supervisorctl]")
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !in || !ok || strings.HasPrefix(line, ";") || strings.HasPrefix(line, "#") {
			continue
		}
		if i := strings.Index(value, " ;"); i >= 0 {
			value = value[:i]
		}
		found[strings.ToLower(strings.TrimSpace(name))] = strings.ReplaceAll(strings.TrimSpace(value), "%(here)s", here)
	}
	return found
}
