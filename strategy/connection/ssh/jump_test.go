package ssh

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/sshtest"
)

// through gives a world a bastion for each name, in its config.
func (w *world) through(names ...string) []*sshtest.Host {
	var config strings.Builder
	var hosts []*sshtest.Host
	for _, name := range names {
		b := newHost(w.t, sshtest.Options{})
		key, err := b.WriteClientKey(w.home)
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&config, "Host %s\nHostName 127.0.0.1\nPort %d\nIdentityFile %s\nStrictHostKeyChecking accept-new\n", name, b.Port(), key)
		hosts = append(hosts, b)
	}
	w.write("config", config.String())
	return hosts
}

func TestJump(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	b := w.through("b1", "b2")
	o := w.options(h)
	o.CommonArgs = "-J b1,b2"
	c := w.dial(o)
	if out, _, _, err := run(t.Context(), c, "cat", "through two"); out != "through two" || err != nil {
		t.Errorf("got %q %v", out, err)
	}
	if !strings.HasSuffix(c.Describe(), " through b1,b2") {
		t.Error(c.Describe())
	}
	for i, b := range b {
		if s := b.Stats(); s.Logins != 1 || s.Forwards != 1 {
			t.Errorf("bastion %d: %+v", i, s)
		}
	}
	if n := h.Stats().Logins; n != 1 {
		t.Errorf("%d logins", n)
	}
}

// A bastion is logged into once for all hosts behind it, and left when the
// last of them is.
func TestSharedJump(t *testing.T) {
	w := newWorld(t)
	b := w.through("bastion")[0]
	type result struct {
		c   connection.Conn
		err error
	}
	results := make(chan result)
	const hosts = 10
	for range hosts {
		o := w.options(newHost(t, sshtest.Options{}))
		o.CommonArgs = "-J bastion"
		go func() {
			c, err := w.d.Dial(t.Context(), o)
			results <- result{c, err}
		}()
	}
	var conns []connection.Conn
	for range hosts {
		r := <-results
		if r.err != nil {
			t.Fatal(r.err)
		}
		conns = append(conns, r.c)
	}
	if s := b.Stats(); s.Logins != 1 || s.Forwards != hosts {
		t.Errorf("%d logins, %d forwards", s.Logins, s.Forwards)
	}
	for _, c := range conns[1:] {
		c.Close()
	}
	if out, _, _, err := run(t.Context(), conns[0], "echo on", ""); out != "on\n" || err != nil {
		t.Errorf("after the others closed: %q %v", out, err)
	}
	conns[0].Close()
	if n := len(w.d.jumps.open); n != 0 {
		t.Errorf("%d jumps left open", n)
	}
	o := w.options(newHost(t, sshtest.Options{}))
	o.CommonArgs = "-J bastion"
	w.dial(o)
	if n := b.Stats().Logins; n != 2 {
		t.Errorf("%d logins", n)
	}
}

func TestJumpFails(t *testing.T) {
	const closed = "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535"
	for _, x := range []struct {
		name, args string
		bastion    sshtest.Options
		want       string
	}{
		{"denied", "-J nobody@BASTION", sshtest.Options{}, "nobody@127.0.0.1: Permission denied (publickey).\r\n" + closed},
		{"no forwarding", "-J BASTION", sshtest.Options{NoForwarding: true}, "channel 0: open failed: administratively prohibited: open failed\r\nstdio forwarding failed\r\n" + closed},
		{"bad port", "-J b:x", sshtest.Options{}, "Invalid -J argument"},
		{"loop", "-J loop", sshtest.Options{}, "more than 8 jumps in a row\r\n" + closed},
	} {
		t.Run(x.name, func(t *testing.T) {
			w, h, b := newWorld(t), newHost(t, sshtest.Options{}), newHost(t, x.bastion)
			key, err := b.WriteClientKey(w.home)
			if err != nil {
				t.Fatal(err)
			}
			if x.name == "denied" {
				key = "/dev/null"
			}
			w.write("config", fmt.Sprintf("Host loop\nProxyJump loop2\nHost loop2\nProxyJump loop\nHost *\nIdentityFile %s\n", key))
			w.write("known_hosts", b.KnownHostsLine())
			o := w.options(h)
			o.CommonArgs = strings.ReplaceAll(x.args, "BASTION", b.Addr())
			_, err = w.d.Dial(t.Context(), o)
			if err == nil || !strings.HasSuffix(err.Error(), x.want) {
				t.Errorf("got  %q\nwant %q", err, x.want)
			}
		})
	}
}

func TestProxyCommand(t *testing.T) {
	w, h := newWorld(t), newHost(t, sshtest.Options{})
	o := w.options(h)
	// bash's own sockets: no program beside it is needed.
	o.CommonArgs = `-o ProxyCommand="bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & exec cat >&3'"`
	c := w.dial(o)
	if out, _, _, err := run(t.Context(), c, "cat", "by a command"); out != "by a command" || err != nil {
		t.Errorf("got %q %v", out, err)
	}
	c.Close()
	o.CommonArgs = `-o ProxyCommand="echo no way to %r >&2; exit 1"`
	_, err := w.d.Dial(t.Context(), o)
	want := prefix + "no way to me\nkex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535"
	if err == nil || err.Error() != want {
		t.Errorf("got  %q\nwant %q", err, want)
	}
}

func TestJumpOptions(t *testing.T) {
	for _, x := range []struct{ in, host, user, port string }{
		{"b", "b", "", ""}, {"u@b", "b", "u", ""}, {"u@b:7", "b", "u", "7"}, {"[::1]:7", "::1", "", "7"},
		{"::1", "::1", "", ""}, {"ssh://u@b:7/", "b", "u", "7"}, {"a@b@c", "c", "a@b", ""},
	} {
		a, host, err := jumpOptions(x.in)
		got := map[string]string{}
		for _, o := range a.options {
			got[o.key] = o.value()
		}
		if err != nil || host != x.host || got["user"] != x.user || got["port"] != x.port {
			t.Errorf("%q: %q %v %v", x.in, host, got, err)
		}
	}
}
