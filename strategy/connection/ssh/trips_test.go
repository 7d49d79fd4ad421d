package ssh

import (
	"io"
	"testing"
	"time"

	"github.com/churten/churten/strategy/connection/sshtest"
)

// What it costs to reach a far host and to get the first byte of a command: the
// round trips are the price of a run's first moment, so a change is to be seen.
func TestRoundTrips(t *testing.T) {
	h := newHost(t, sshtest.Options{})
	// On a busy machine a pause between two packets can look like a round trip
	// more; never like one less.
	var login, all int
	for range 3 {
		login, all = trips(t, h)
		if login <= 6 && all <= 8 {
			return
		}
	}
	// version; keys; service; none; query; signature; channel; exec.
	t.Errorf("login took %d bursts, with a command %d; want at most 6 and 8", login, all)
}

// trips counts the bursts of a login, and of a login with a command.
func trips(t *testing.T, h *sshtest.Host) (login, all int) {
	const rtt = 80 * time.Millisecond
	p, err := sshtest.NewProxy("127.0.0.1:0", h.Addr(), rtt)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	w := newWorld(t)
	o := w.options(h)
	o.Port = p.Port()
	start := time.Now()
	c := w.dial(o)
	login = p.Stats().BurstsUp
	loginTime := time.Since(start)
	s, err := c.Start(t.Context(), "echo x; cat")
	if err != nil {
		t.Fatal(err)
	}
	// Input follows at once: it costs no round trip of its own.
	if _, err := io.WriteString(s.Stdin(), "y\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(s.Stdout(), make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	all = p.Stats().BurstsUp
	t.Logf("login: %d bursts, %.1f round trips of time; with a command: %d bursts, %.1f round trips",
		login, float64(loginTime)/float64(rtt), all, float64(time.Since(start))/float64(rtt))
	return login, all
}
