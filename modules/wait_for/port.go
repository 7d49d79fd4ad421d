package waitfor

import (
	"context"
	"net"
	"strconv"
	"time"
)

// connect opens a connection to the port; one attempt ends when the whole wait does.
func (w *wait) connect(ctx context.Context) (net.Conn, error) {
	limit := min(seconds(w.Int("connect_timeout")), time.Until(w.end))
	d := net.Dialer{Timeout: max(limit, time.Nanosecond)} // zero would be no limit
	return d.DialContext(ctx, "tcp", net.JoinHostPort(w.host, strconv.Itoa(w.port)))
}

// open reports whether the port takes connections and, with a pattern, whether
// what comes from it matches before the wait or the connection ends.
func (w *wait) open(ctx context.Context) (bool, error) {
	conn, err := w.connect(ctx)
	if err != nil {
		return false, ctx.Err()
	}
	defer conn.Close()
	if w.regex == nil {
		return true, nil
	}
	stop := context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Now()) })
	defer stop()
	if err := conn.SetReadDeadline(w.end); err != nil {
		return false, err
	}
	var got []byte
	buf := make([]byte, 1024)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			got = append(got, buf[:n]...)
			ok, err := w.search(string(got))
			w.match = nil // the reference gives the groups of files only
			if ok || err != nil {
				return ok, err
			}
		}
		if err != nil {
			return false, ctx.Err()
		}
	}
}
