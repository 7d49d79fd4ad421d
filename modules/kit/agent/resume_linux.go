package agent

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// The way back to a running agent is a socket in Linux's abstract namespace:
// it leaves no file behind and ends with the process. Anybody may connect to
// one, hence both sides check the other's user, and the agent the secret.
func socketName(session string) string { return "@churten-" + session }

// listen opens the way back; without it the agent is not resumable. stop ends
// it and waits.
func (a *Agent) listen() (stop func()) {
	session := newSecret()
	l, err := (&net.ListenConfig{}).Listen(a.ctx, "unix", socketName(session))
	if err != nil {
		return func() {}
	}
	a.hello.Session, a.hello.Secret, a.hello.Resumable = session, newSecret(), true
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				if sameUser(conn) != nil || a.takeUp(conn) != nil {
					conn.Close()
				}
			})
		}
	})
	return func() {
		l.Close()
		running.Wait()
	}
}

// dialAgent connects to the agent that serves session.
func dialAgent(ctx context.Context, session string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socketName(session))
	if err != nil {
		return nil, err
	}
	if err := sameUser(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func sameUser(conn net.Conn) error {
	cred, err := peerOf(conn)
	if err == nil && cred.Uid != uint32(os.Getuid()) {
		err = errors.New("socket belongs to another user")
	}
	return err
}

// peerOf tells who is at the other end: for one who dialled, who listened.
func peerOf(conn net.Conn) (cred *unix.Ucred, err error) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return nil, err
	}
	ctlErr := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	return cred, errors.Join(ctlErr, err)
}

func dup(from, to int) error { return unix.Dup3(from, to, 0) }
