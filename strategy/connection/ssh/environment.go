package ssh

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// Environment is what the package takes from the machine it runs on; tests put
// another in its place.
type Environment struct {
	Home     string // ~
	User     string // of this machine, and the remote one when nothing else names it
	UID      int
	Hostname string
	Environ  []string // SSH_AUTH_SOCK, SHELL, KRB5CCNAME, what SendEnv sends

	UserConfig       string // ~/.ssh/config
	SystemConfig     string // /etc/ssh/ssh_config
	GlobalKnownHosts []string
	OpenSSH          string // the ssh program, "ssh" as a rule
}

// SystemEnvironment is that of this process.
func SystemEnvironment() Environment {
	e := Environment{
		UID: os.Getuid(), Environ: os.Environ(),
		SystemConfig:     "/etc/ssh/ssh_config",
		GlobalKnownHosts: []string{"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"},
		OpenSSH:          "ssh",
	}
	e.Home, _ = os.UserHomeDir()
	// OpenSSH asks the password database and not HOME.
	if u, err := user.Current(); err == nil {
		e.User = u.Username
		if u.HomeDir != "" {
			e.Home = u.HomeDir
		}
	}
	e.Hostname, _ = os.Hostname()
	e.UserConfig = filepath.Join(e.Home, ".ssh", "config")
	return e
}

// Getenv is the last value of a variable, or "".
func (e *Environment) Getenv(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(e.Environ[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// expandHome replaces a leading ~/ or a lone ~.
func (e *Environment) expandHome(path string) string {
	if path == "~" {
		return e.Home
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(e.Home, rest)
	}
	if !strings.HasPrefix(path, "~") {
		return path
	}
	name, rest, _ := strings.Cut(path[1:], "/")
	if u, err := user.Lookup(name); err == nil {
		return filepath.Join(u.HomeDir, rest)
	}
	return path
}

// expandEnv replaces ${NAME}, as OpenSSH does in file names; a name that is not
// set stays.
func (e *Environment) expandEnv(s string) string {
	for from := 0; ; {
		i := strings.Index(s[from:], "${")
		if i < 0 {
			return s
		}
		i += from
		j := strings.IndexByte(s[i:], '}')
		if j < 0 {
			return s
		}
		v := e.Getenv(s[i+2 : i+j])
		if v == "" {
			from = i + j
			continue
		}
		s, from = s[:i]+v+s[i+j+1:], i+len(v)
	}
}

// expandTokens replaces %x by what tokens has for x; others stay.
func expandTokens(s string, tokens map[byte]string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == '%' {
			b.WriteByte('%')
		} else if v, ok := tokens[s[i]]; ok {
			b.WriteString(v)
		} else {
			b.WriteString(s[i-1 : i+1])
		}
	}
	return b.String()
}

// tokens are those of ssh_config(5) TOKENS that name things known here.
func (s *settings) tokens(env *Environment) map[byte]string {
	local, _, _ := strings.Cut(env.Hostname, ".")
	return map[byte]string{
		'd': env.Home, 'h': s.hostName, 'n': s.alias, 'p': strconv.Itoa(s.port), 'r': s.user,
		'u': env.User, 'i': strconv.Itoa(env.UID), 'l': env.Hostname, 'L': local,
		'k': s.keyAlias(), 'j': s.proxyJump,
	}
}
