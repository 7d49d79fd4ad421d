package connection

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFindClient(t *testing.T) {
	for name, want := range map[string]string{"community.docker.docker": "community.docker.docker", "docker": "community.docker.docker",
		"docker_api": "community.docker.docker_api", "podman": "containers.podman.podman", "kubectl": "kubernetes.core.kubectl", "chroot": "community.general.chroot",
		"community.general.incus": "community.general.incus", "jail": "community.general.jail"} {
		if c := FindClient(name); c == nil || c.Names[0] != want {
			t.Errorf("%s: %v", name, c)
		}
	}
	if c := FindClient("ker"); c != nil {
		t.Errorf("ker is %v", c.Names)
	}
	if slices.Contains(ClientNames(), "community.general.jail") || !slices.Contains(ClientNames(), "community.general.lxc") {
		t.Error(ClientNames())
	}
	if c := FindClient("winrm"); c.Refused == "" {
		t.Error("winrm is not refused")
	}
}

// Words of kinds that testdata/sessions/connections.session does not record: the
// reference's way with podman is another, docker_api's and lxc's are libraries.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		kind string
		v    Values
		want string
		env  string
	}{
		{"podman", Values{"podman_executable": "podman", "remote_addr": "c"}, "podman exec -i c /bin/sh -c", ""},
		{"podman", Values{"podman_executable": "/x/p", "remote_addr": "c", "remote_user": "bob", "podman_extra_args": `--url "a b"`}, "/x/p --url a·b exec -i --user bob c /bin/sh -c", ""},
		{"buildah", Values{"remote_addr": "c", "remote_user": "5"}, "buildah run --user 5 c /bin/sh -c", ""},
		{"docker_api", Values{"remote_addr": "c", "docker_host": "tcp://d:2376", "validate_certs": "true", "ca_path": "ca", "client_cert": "cc", "client_key": "ck", "api_version": "1.40"},
			"docker --host tcp://d:2376 --tlscacert ca --tlscert cc --tlskey ck --tlsverify exec -i c /bin/sh -c", "DOCKER_API_VERSION=1.40"},
		{"docker_api", Values{"remote_addr": "c", "tls": "true", "api_version": "auto"}, "docker --tls exec -i c /bin/sh -c", ""},
		{"lxc", Values{"remote_addr": "c", "executable": "/bin/ash"}, "lxc-attach -n c -- /bin/ash -c", ""},
		{"lxd", Values{"remote_addr": "c.example.org", "remote": "re", "remote_user": "bob", "become_method": "/bin/su"}, "lxc exec re:c -- /bin/su bob -c", ""},
		{"kubectl", Values{"host": "p", "validate_certs": "false"}, "kubectl --insecure-skip-tls-verify=true exec -i p -- /bin/sh -c", ""},
		{"kubectl", Values{"host": "p", "validate_certs": "true"}, "kubectl exec -i p -- /bin/sh -c", ""},
	} {
		p, err := FindClient(c.kind).Program(c.v)
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		words := p.Words()
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], " ", "·")
		}
		if got := strings.Join(words, " "); got != c.want || strings.Join(p.Env(), " ") != c.env {
			t.Errorf("%s %v: %s, environment %v", c.kind, c.v, got, p.Env())
		}
	}
	if _, err := FindClient("docker_api").Program(Values{"tls_hostname": "x"}); err == nil {
		t.Error("tls_hostname was passed over")
	}
	if _, err := FindClient("podman").Program(Values{"podman_extra_args": `"`}); err == nil {
		t.Error("a quote that does not end was taken")
	}
}

// Programs are what connections are told apart by.
func TestProgram(t *testing.T) {
	a, b := NewProgram("docker", "a b").With("X=1"), NewProgram("docker", "a", "b").With("X=1")
	if a == b || a != NewProgram("docker").Then("a b").With("X=1") {
		t.Error("programs are not told apart by their words")
	}
	if got := a.Words(); len(got) != 2 || got[1] != "a b" || a.Env()[0] != "X=1" {
		t.Error(got, a.Env())
	}
	if NewProgram("x").Env() != nil {
		t.Error("an environment out of nothing")
	}
}

func TestClientConn(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "enter")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nprintf '%s|' \"$0\" \"$W\" \"$1\" \"$2\"; shift 2; exec /bin/sh -c \"$1\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := &Client{Names: []string{"my.own.enter"}}
	conn, err := c.Dial("h", NewProgram(script, "one", "two words").With("W=yes"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if conn.Describe() != "enter h" {
		t.Error(conn.Describe())
	}
	s, err := conn.Start(t.Context(), "read x; echo got $x; exit 4")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(s.Stdin(), "in\n")
	out, _ := io.ReadAll(s.Stdout())
	exit, err := s.Wait()
	if want := script + "|yes|one|two words|got in\n"; string(out) != want || exit.Code != 4 || err != nil {
		t.Errorf("%q, %v, %v", out, exit, err)
	}
	if _, err := c.Dial("h", NewProgram("no-such-client")); err == nil || err.Error() != "no-such-client command not found in PATH" {
		t.Error(err)
	}
}

// Messages seen on community.general 11; where its plugin only looks through a
// link and raises OSError, what it says of other directories.
func TestChrootReady(t *testing.T) {
	c := FindClient("chroot")
	dir := t.TempDir()
	for path, want := range map[string]string{"/nonexistent": "/nonexistent is not a directory", dir: dir + " does not look like a chrootable dir (/bin/sh missing)"} {
		if err := c.Ready(NewProgram("chroot", path, "/bin/sh", "-c")); err == nil || err.Error() != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	// A link that leads somewhere inside only.
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "bin"), 0o755), os.Symlink("/only/inside", filepath.Join(dir, "bin/sh"))); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(NewProgram("chroot", dir, "/bin/sh", "-c")); err != nil {
		t.Error(err)
	}
}
