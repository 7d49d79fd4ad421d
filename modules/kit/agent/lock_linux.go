package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/wire"
	"golang.org/x/sys/unix"
)

// hostLock is the lock on this host: the holder listens on a socket of a fixed
// name in Linux's abstract namespace. Every user can take it, no file is
// needed, and it is free the moment its holder dies. Who connects is told who
// holds it, and hears the connection end when it is free.
type hostLock struct {
	l       net.Listener
	running sync.WaitGroup
	mu      sync.Mutex
	conns   []net.Conn
}

// lockName tells containers and chroots that share the network's namespace
// apart.
func lockName() string {
	var root, pids unix.Stat_t
	unix.Stat("/", &root)
	unix.Stat("/proc/self/ns/pid", &pids)
	return fmt.Sprintf("@churten-lock-%d-%d-%d", root.Dev, root.Ino, pids.Ino)
}

// takeLock waits for the lock as long as the request says.
func (a *Agent) takeLock(x *exchange, body []byte) ([]byte, error) {
	req, err := wire.DecodeLock(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(x.ctx, req.Wait)
	defer cancel()
	for {
		if a.holdsLock() {
			return nil, nil
		}
		l, err := (&net.ListenConfig{}).Listen(x.ctx, "unix", lockName())
		if err == nil {
			return nil, a.keepLock(l, req)
		}
		if !errors.Is(err, unix.EADDRINUSE) {
			return nil, fmt.Errorf("lock on the host: %w", err)
		}
		holder, err := awaitHolder(ctx)
		if err := context.Cause(x.ctx); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, &wire.Fail{Code: wire.CodeLocked, Msg: "the host is locked by " + holder}
		}
		if err != nil && !errors.Is(err, unix.ECONNREFUSED) {
			return nil, fmt.Errorf("lock on the host: %w", err)
		}
	}
}

// awaitHolder connects to the holder and waits until it lets go, or ctx ends.
func awaitHolder(ctx context.Context) (holder string, err error) {
	holder = "someone who has just taken it"
	// The dial itself is not bound by ctx: who holds the lock is told even
	// to one who does not wait.
	conn, err := net.DialTimeout("unix", lockName(), time.Second)
	if err != nil {
		return holder, err
	}
	defer conn.Close()
	cred, err := peerOf(conn)
	if err != nil {
		return holder, err
	}
	conn.SetReadDeadline(time.Now().Add(time.Second))
	buf := make([]byte, 512)
	n, err := conn.Read(buf)
	if err != nil {
		return holder, nil // it let go just now
	}
	holder = fmt.Sprintf("%s (process %d of uid %d)", buf[:n], cred.Pid, cred.Uid)
	conn.SetReadDeadline(time.Time{})
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_, err = conn.Read(buf)
	if err == io.EOF || ctx.Err() != nil {
		err = nil
	}
	return holder, err
}

func (a *Agent) holdsLock() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lock != nil
}

func (a *Agent) keepLock(l net.Listener, req *wire.Lock) error {
	h := &hostLock{l: l}
	a.mu.Lock()
	if a.lock != nil || a.closing {
		a.mu.Unlock()
		l.Close()
		return nil
	}
	a.lock = h
	a.mu.Unlock()
	since := fmt.Sprintf("%s since %s", req.Owner, req.Since.Format("2006-01-02 15:04:05 -0700"))
	h.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			h.mu.Lock()
			h.conns = append(h.conns, conn)
			h.mu.Unlock()
			conn.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := io.WriteString(conn, since); err != nil && !errors.Is(err, os.ErrClosed) {
				conn.Close()
			}
		}
	})
	return nil
}

// unlock gives the lock back, if the agent holds it.
func (a *Agent) unlock() {
	a.mu.Lock()
	h := a.lock
	a.lock = nil
	a.mu.Unlock()
	if h == nil {
		return
	}
	h.l.Close()
	h.running.Wait()
	for _, c := range h.conns {
		c.Close()
	}
}
