package ssh

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/strategy/connection"
)

// settingsText shows those settings that a case asks about.
func settingsText(s *settings) map[string]string {
	var files []string
	for _, f := range s.identityFiles {
		files = append(files, f.file)
	}
	return map[string]string{
		"host": s.hostName, "user": s.user, "port": fmt.Sprint(s.port), "keys": strings.Join(files, " "),
		"strict": s.strict, "jump": s.proxyJump, "command": s.proxyCommand, "known": strings.Join(s.userKnownHosts, " "),
		"timeout": s.connectTimeout.String(), "alive": fmt.Sprint(s.aliveInterval, s.aliveCount), "only": fmt.Sprint(s.identitiesOnly),
		"family": s.family, "bind": s.bindAddress, "alias": s.hostKeyAlias, "agent": s.identityAgent, "forward": s.forwardAgent,
		"env": strings.Join(s.env, " "), "prefer": strings.Join(s.preferred, ","), "hash": fmt.Sprint(s.hashKnownHosts),
		"password": fmt.Sprint(s.password), "notes": strings.Join(s.notes, "; "), "certs": strings.Join(s.certificates, " "),
		"ciphers": s.ciphers,
	}
}

func TestSettings(t *testing.T) {
	for _, x := range []struct {
		name   string
		config string
		o      connection.Options
		want   string // key=value, one a line; or an error after "! "
	}{
		{"defaults", "", connection.Options{HostKeyChecking: true},
			"host=h1\nuser=me\nport=22\nstrict=ask\nfamily=tcp\nkeys=HOME/.ssh/id_rsa HOME/.ssh/id_ecdsa HOME/.ssh/id_ecdsa_sk HOME/.ssh/id_ed25519 HOME/.ssh/id_ed25519_sk"},
		{"no checking", "", connection.Options{}, "strict=no"},
		{"no password", "", connection.Options{}, "prefer=gssapi-with-mic,gssapi-keyex,hostbased,publickey\npassword=false"},
		{"first value wins", "Host h1\nUser a\nHost *\nUser b\nPort 7\n", connection.Options{}, "user=a\nport=7"},
		{"inventory before file", "User a\nPort 7", connection.Options{User: "c", Port: 9}, "user=c\nport=9"},
		{"ssh_args before inventory", "", connection.Options{User: "c", SSHArgs: "-o User=d -p 10", Port: 9}, "user=d\nport=10"},
		{"ssh_common_args after inventory", "", connection.Options{User: "c", CommonArgs: "-o User=d -l e -p 10"}, "user=c\nport=10"},
		{"ssh_args before checking", "", connection.Options{SSHArgs: "-oStrictHostKeyChecking=accept-new"}, "strict=accept-new"},
		{"HostName", "Host h?\nHostName %h.Example.COM\n", connection.Options{}, "host=h1.example.com"},
		{"negation", "Host * !h1\nUser a\nHost h1,x\nUser b\nHost !h2 h*\nUser c", connection.Options{}, "user=c"},
		{"equals and quotes", "Host=h1\nUser = \"a b\"\nIdentityFile=\"~/my key\"\n# c\nPort 5 # c", connection.Options{}, "user=a b\nkeys=HOME/my key\nport=5"},
		{"keys add up", "IdentityFile a\nHost h1\nIdentityFile %d/%r@%h:%p\n", connection.Options{PrivateKeyFiles: []string{"/k"}, User: "u"}, "keys=/k a HOME/u@h1:22"},
		{"keys, tokens and variables", "IdentityFile ${K}/%u-%n-%L-%%\n", connection.Options{}, "keys=/from/env/me-h1-ctl-%"},
		{"case", "hOsTnAmE x\nPORT 3", connection.Options{}, "host=x\nport=3"},
		{"match", "Match host h1 user root\nPort 1\nMatch originalhost h1 user me,you\nPort 2\n", connection.Options{}, "port=2"},
		{"match host is what HostName says", "Host h1\nHostName real\nMatch host real\nPort 4\nMatch host h1\nUser no\n", connection.Options{}, "port=4\nuser=me"},
		{"match negated", "Match !host h2 localuser m*\nPort 4\n", connection.Options{}, "port=4"},
		{"match all", "Match all\nPort 4\n", connection.Options{}, "port=4"},
		{"match final", "Match final host real\nPort 4\nHost *\nHostName real\n", connection.Options{}, "port=4"},
		{"match exec", "Match host h1 exec \"true\"\nPort 4\n", connection.Options{}, "! Match exec can only be honoured by the ssh program"},
		{"match exec that is not reached", "Match host h2 exec \"true\"\nPort 4\n", connection.Options{}, "port=22"},
		{"include in a block", "Host h2\nInclude inc\nHost *\nPort 9\n", connection.Options{}, "port=9\nuser=me"},
		{"include", "Include in?\nHost *\nPort 9\nUser z", connection.Options{}, "port=8\nuser=i"},
		{"a block of the included file ends with it", "Host h1\nInclude inc\nUser z", connection.Options{}, "user=i\nport=8"},
		{"jump", "ProxyJump a,b\nProxyCommand nc", connection.Options{}, "jump=a,b\ncommand="},
		{"command", "ProxyCommand nc %h \"%p\" # x\nProxyJump a", connection.Options{}, "jump=\ncommand=nc %h \"%p\" # x"},
		{"no jump", "ProxyJump a", connection.Options{CommonArgs: "-J none"}, "jump="},
		{"jump flag", "", connection.Options{CommonArgs: "-J u@a:5"}, "jump=u@a:5"},
		{"known hosts", "UserKnownHostsFile ~/a /b\nHostKeyAlias %h-x\nHashKnownHosts yes", connection.Options{}, "known=HOME/a /b\nalias=h1-x\nhash=true"},
		{"no known hosts", "", connection.Options{SSHArgs: "-o UserKnownHostsFile=/dev/null"}, "known="},
		{"times", "ServerAliveInterval 1m30s\nServerAliveCountMax 5\nConnectTimeout 20", connection.Options{}, "alive=1m30s 5\ntimeout=20s"},
		{"timeout of the inventory", "ConnectTimeout 20", connection.Options{ConnectTimeout: 3e9}, "timeout=3s"},
		{"flags in one word", "", connection.Options{SSHArgs: "-4Cqi /k -b 127.0.0.1"}, "family=tcp4\nkeys=/k\nbind=127.0.0.1"},
		{"agent", "IdentityAgent $OTHER\nForwardAgent yes", connection.Options{}, "agent=/other.sock\nforward=/agent.sock"},
		{"no agent", "IdentityAgent none", connection.Options{}, "agent="},
		{"environment", "SendEnv LC_* LANG\nSetEnv A=1 B=\"2 3\"", connection.Options{}, "env=A=1 B=2 3 LC_ALL=C"},
		{"certificate", "CertificateFile ~/c.pub", connection.Options{}, "certs=HOME/c.pub"},
		{"ignored with reason", "ControlMaster auto\n", connection.Options{}, "notes=HOME/.ssh/config: line 1: controlmaster is ignored: one session per host is kept for the whole run"},
		{"IgnoreUnknown", "IgnoreUnknown UseKeychain,Foo*\nUseKeychain yes\nFooBar x\nPort 6", connection.Options{}, "port=6"},
		{"ciphers", "", connection.Options{SSHArgs: "-c aes256-ctr"}, "ciphers=aes256-ctr"},

		{"unknown keyword", "Host h2\nFrob 1", connection.Options{}, "! HOME/.ssh/config: line 2: Bad configuration option: frob\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad number", "Port 99999", connection.Options{}, "! HOME/.ssh/config line 1: Bad port '99999'.\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad word", "StrictHostKeyChecking maybe", connection.Options{HostKeyChecking: true}, "! HOME/.ssh/config line 1: unsupported option \"maybe\".\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"no argument", "Port", connection.Options{}, "! HOME/.ssh/config line 1: no argument after keyword \"port\"\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"extra words", "User a b", connection.Options{}, "! HOME/.ssh/config line 1: keyword user extra arguments at end of line\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad where it does not hold", "Host other\nTCPKeepAlive perhaps", connection.Options{}, "! HOME/.ssh/config line 2: unsupported option \"perhaps\".\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad cipher", "Ciphers x", connection.Options{}, "! HOME/.ssh/config line 1: Bad SSH2 cipher spec 'x'.\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad keys", "PubkeyAcceptedAlgorithms ssh-rsa,x", connection.Options{}, "! HOME/.ssh/config line 1: Bad key types 'ssh-rsa,x'.\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad key exchange", "KexAlgorithms +x", connection.Options{}, "! Unsupported KEX algorithm \"x\"\r\nHOME/.ssh/config line 1: Bad SSH2 KexAlgorithms '+x'.\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad limit", "RekeyLimit much", connection.Options{}, "! HOME/.ssh/config line 1: Bad number 'much': Invalid argument\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad match", "Match nonsense x", connection.Options{}, "! Unsupported Match attribute nonsense\r\nHOME/.ssh/config line 1: Bad Match condition\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad service", "IPQoS af21 x", connection.Options{}, "! HOME/.ssh/config line 1: Bad IPQoS value: x\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"bad variable", "SetEnv A", connection.Options{}, "! HOME/.ssh/config line 1: Invalid SetEnv.\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"open quote", `User "a`, connection.Options{}, "! HOME/.ssh/config line 1: invalid quotes\r\nHOME/.ssh/config: terminating, 1 bad configuration options"},
		{"not a flag", "", connection.Options{SSHArgs: "-Z"}, "! ssh_args: ssh option -Z is not supported; use -o with an option of ssh_config"},
		{"flag without argument", "", connection.Options{ExtraArgs: "-p"}, "! ssh_extra_args: ssh option -p requires an argument"},
		{"a stray word", "", connection.Options{CommonArgs: "h2"}, `! ssh_common_args: "h2" is neither an option of ssh nor the argument of one`},
		{"no config file", "", connection.Options{CommonArgs: "-F /no/such"}, "! Can't open user config file /no/such: No such file or directory"},
		{"config file none", "Port 9", connection.Options{CommonArgs: "-F none"}, "port=22"},
		{"loop of includes", "Include config", connection.Options{}, "! HOME/.ssh/config: more than 16 files include each other"},
		{"PKCS11", "PKCS11Provider /x.so", connection.Options{}, "! pkcs11provider can only be honoured by the ssh program"},
		{"PKCS11 none", "PKCS11Provider none", connection.Options{}, "port=22"},
		{"forwarding", "", connection.Options{ExtraArgs: "-R 8080:localhost:80"}, "! remoteforward can only be honoured by the ssh program"},
		{"GSSAPI alone is no reason", "GSSAPIAuthentication yes\nGSSAPIDelegateCredentials no", connection.Options{}, "port=22"},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(t)
			w.d.env.Environ = []string{"K=/from/env", "OTHER=/other.sock", "SSH_AUTH_SOCK=/agent.sock", "LC_ALL=C", "LANGUAGE=x"}
			w.write("config", x.config)
			w.write("inc", "User i\nHost h1\nPort 8\n")
			a, err := commandLineOptions(&x.o)
			var s *settings
			if err == nil {
				s, err = w.d.resolve("h1", a)
			}
			if fail, ok := strings.CutPrefix(x.want, "! "); ok {
				if err == nil || strings.ReplaceAll(err.Error(), w.home, "HOME") != fail {
					t.Errorf("got %q\nwant %q", err, fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := settingsText(s)
			for _, line := range strings.Split(x.want, "\n") {
				key, want, _ := strings.Cut(line, "=")
				if g := strings.ReplaceAll(got[key], w.home, "HOME"); g != want {
					t.Errorf("%s: got %q, want %q", key, g, want)
				}
			}
		})
	}
}

// A file that cannot be read is refused, one that is missing is not.
func TestNoConfig(t *testing.T) {
	w := newWorld(t)
	if _, err := w.d.resolve("h1", argv{}); err != nil {
		t.Error(err)
	}
	w.d.env.UserConfig = w.home // a folder
	w.d.configs = configFiles{}
	if _, err := w.d.resolve("h1", argv{}); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestChoose(t *testing.T) {
	defaults, supported := []string{"a1", "a2", "b1"}, []string{"a1", "a2", "b1", "old"}
	for _, x := range []struct{ spec, want string }{
		{"", "a1 a2 b1"}, {"b1,a1", "b1 a1"}, {"+old", "a1 a2 b1 old"}, {"+a1", "a1 a2 b1"}, {"-a*", "b1"},
		{"^b1", "b1 a1 a2"}, {"^old", "old a1 a2 b1"}, {"none-of-these", ""}, {"a*,old", "a1 a2 old"},
	} {
		if got := choose(x.spec, defaults, supported); strings.Join(got, " ") != x.want {
			t.Errorf("%q: got %q, want %q", x.spec, got, x.want)
		}
	}
}

func TestMatchPattern(t *testing.T) {
	for _, x := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"?", "", false}, {"?", "a", true}, {"a*c", "abbc", true},
		{"a*c", "abbd", false}, {"*.example.com", "h.example.com", true}, {"*a*b*", "xaxbx", true}, {"a?c", "ac", false},
		{"10.0.*", "10.0.0.1", true}, {"[::1]", "[::1]", true}, {strings.Repeat("*a", 40) + "b", strings.Repeat("a", 80), false},
	} {
		if got := matchPattern(x.pattern, x.s); got != x.want {
			t.Errorf("%q %q: got %v", x.pattern, x.s, got)
		}
	}
}

func FuzzConfig(f *testing.F) {
	f.Add("Host *\nUser \"a\"\nIdentityFile=~/x\n", "h1")
	f.Add("Match host a,!b exec \"x\"\nPort 1m\nInclude *", "b")
	f.Add("ProxyCommand nc %h %p\nSetEnv A='b'\n\tCiphers +a*", "")
	f.Fuzz(func(t *testing.T, text, alias string) {
		lines, err := parseConfig("f", text)
		if err != nil {
			return
		}
		d := NewDialer(Environment{Home: "/nowhere"})
		lines = slices.DeleteFunc(lines, func(o option) bool { return o.key == "include" })
		d.configs.files = map[string]configFile{"f": {lines: lines}}
		_, _ = d.resolve(alias, argv{config: "f"})
	})
}

func FuzzArgs(f *testing.F) {
	f.Add(`-o User=x -4Ci /k -J a,b -o "ProxyCommand=nc 'a b'"`)
	f.Fuzz(func(t *testing.T, text string) {
		var a argv
		if a.parse("ssh_args", text) == nil {
			_ = a.words(&connection.Options{})
		}
	})
}
