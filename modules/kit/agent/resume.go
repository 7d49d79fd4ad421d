package agent

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"time"

	"github.com/churten/churten/modules/kit/wire"
)

// greetTime bounds how long a new link may take to say hello.
const greetTime = 10 * time.Second

var errStranger = errors.New("new link: not the controller of this session")

// takeUp makes link the session's, if the controller on it knows the secret.
// The old link, which may look alive from here for a long time, is let go.
func (a *Agent) takeUp(link wire.Link) error {
	timer := time.AfterFunc(greetTime, func() { link.Close() })
	r := wire.NewReader(link)
	peer, err := wire.ReadHello(r)
	if !timer.Stop() || err != nil {
		return errors.Join(err, errStranger)
	}
	same := func(x, y string) bool { return subtle.ConstantTimeCompare([]byte(x), []byte(y)) == 1 }
	if !same(peer.Session, a.hello.Session) || !same(peer.Secret, a.hello.Secret) {
		return errStranger
	}
	if !a.begin() {
		return errEnd
	}
	defer a.work.Done()
	a.attaching.Lock()
	defer a.attaching.Unlock()
	a.mu.Lock()
	if a.grace != nil {
		a.grace.Stop()
	}
	a.mu.Unlock()
	a.session.Detach(true)
	hello := a.hello
	hello.Received = a.session.Received()
	if err = wire.WriteHello(link, &hello); err == nil {
		a.session.Pack(peer.Pack)
		if err = a.session.Attach(link, peer.Received, -1); err == nil {
			err = a.session.Listen(r, peer.Received)
		}
	}
	if err != nil {
		a.session.Detach(true)
		a.awaitLink()
	}
	return err
}

// reconnect is what an agent does that was started to reach another one: it
// reads the controller's hello, finds that agent and carries bytes between
// the two. When it is gone it says so.
func reconnect(ctx context.Context, link wire.Link) error {
	r := wire.NewReader(link)
	peer, err := wire.ReadHello(r)
	if err != nil {
		return err
	}
	conn, err := dialAgent(ctx, peer.Session)
	if err != nil {
		return wire.WriteHello(link, &wire.Hello{Protocol: wire.Protocol, Gone: true})
	}
	defer conn.Close()
	defer link.Close()
	if _, err := conn.Write(wire.AppendHello(nil, peer)); err != nil {
		return err
	}
	ends := make(chan error, 2)
	go func() { _, err := io.Copy(conn, r); ends <- err }()
	go func() { _, err := io.Copy(link, conn); ends <- err }()
	select {
	case err = <-ends:
	case <-ctx.Done():
	}
	return err
}
