package sshtest

import (
	"io"
	"net"
	"sync"
	"time"
)

// Proxy stands before a TCP server and makes it far away: each direction
// arrives half a round trip late, in order, at full bandwidth (bytes wait in a
// timed queue, nothing sleeps between reads).
//
// Connecting costs its round trip too: a client of the proxy is connected at
// once, but the server sees the connection, and the first bytes, one and a half
// round trips after that, as it would have seen the handshake's last packet.
type Proxy struct {
	target string
	rtt    time.Duration
	ln     net.Listener
	work   sync.WaitGroup

	mu     sync.Mutex // guards the rest
	links  map[*link]struct{}
	stats  ProxyStats
	cut    bool
	frozen chan struct{} // closed when bytes may flow; never nil
	closed bool
}

// ProxyStats counts what went through a Proxy. Bursts are counted as the
// client sees them: bytes that it sends (or gets) are a new burst when it has
// got (or sent) something since the last ones, or when that direction was
// silent for Gap. In a conversation of questions and answers BurstsUp is thus
// the number of round trips, that of connecting not counted.
type ProxyStats struct {
	Connections int   `json:"connections"`
	BytesUp     int64 `json:"bytes_up"` // from client to server
	BytesDown   int64 `json:"bytes_down"`
	BurstsUp    int   `json:"bursts_up"`
	BurstsDown  int   `json:"bursts_down"`
}

// queueBytes bounds what one direction of one link holds: the bandwidth-delay
// product of 1 Gbit/s at 250 ms.
const queueBytes = 32 << 20

// gap is the silence after which bytes are a new burst even if nothing came
// from the other side: a quarter of the round trip, at least 5 ms.
func (p *Proxy) gap() time.Duration { return max(p.rtt/4, 5*time.Millisecond) }

// NewProxy listens on addr ("127.0.0.1:0" for any port) for connections to
// target. Close ends it.
func NewProxy(addr, target string, rtt time.Duration) (*Proxy, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &Proxy{target: target, rtt: rtt, ln: ln, links: map[*link]struct{}{}, frozen: make(chan struct{})}
	close(p.frozen)
	p.work.Go(p.accept)
	return p, nil
}

// Addr is where it listens.
func (p *Proxy) Addr() string { return p.ln.Addr().String() }

// Port is the port of Addr.
func (p *Proxy) Port() int { return p.ln.Addr().(*net.TCPAddr).Port }

// Stats returns the counts so far.
func (p *Proxy) Stats() ProxyStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Cut drops all connections and each new one, without a word, until Resume.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for l := range p.links {
		l.drop()
	}
}

// Freeze lets nothing through, and closes nothing, until Resume: a cable
// pulled out.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.frozen:
		p.frozen = make(chan struct{})
	default:
	}
}

// Resume ends Cut and Freeze.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
	p.thaw()
}

func (p *Proxy) thaw() {
	select {
	case <-p.frozen:
	default:
		close(p.frozen)
	}
}

func (p *Proxy) gate() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.frozen
}

// Close ends the proxy and its connections.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.thaw()
	for l := range p.links {
		l.drop()
	}
	p.mu.Unlock()
	err := p.ln.Close()
	p.work.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		c, err := p.ln.Accept()
		if err != nil {
			return
		}
		l := newLink(p, c)
		p.mu.Lock()
		if p.cut || p.closed {
			p.mu.Unlock()
			l.drop()
			continue
		}
		p.links[l] = struct{}{}
		p.stats.Connections++
		p.mu.Unlock()
		p.work.Go(func() {
			l.run()
			p.mu.Lock()
			delete(p.links, l)
			p.mu.Unlock()
		})
	}
}

// link is one proxied connection.
type link struct {
	p      *Proxy
	client net.Conn
	since  time.Time
	gone   chan struct{} // closed by drop

	mu     sync.Mutex // guards the rest
	server net.Conn
	lost   bool
	// For the bursts: when the client last sent and got, and which was later.
	lastUp, lastDown time.Time
	turn             direction
}

type direction int

const (
	neither direction = iota
	up                // client to server
	down
)

func newLink(p *Proxy, c net.Conn) *link {
	return &link{p: p, client: c, since: time.Now(), gone: make(chan struct{})}
}

// drop resets both ends.
func (l *link) drop() { l.end(true) }

// end closes both ends: after a fault with a reset, else so that what was
// written still arrives.
func (l *link) end(reset bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost {
		return
	}
	l.lost = true
	close(l.gone)
	for _, c := range []net.Conn{l.client, l.server} {
		if c == nil {
			continue
		}
		if t, ok := c.(*net.TCPConn); ok && reset {
			_ = t.SetLinger(0)
		}
		c.Close()
	}
}

// count tells that n bytes left (up) or reached (down) the client.
func (l *link) count(d direction, n int) {
	now := time.Now()
	l.mu.Lock()
	last := &l.lastUp
	if d == down {
		last = &l.lastDown
	}
	fresh := l.turn != d || now.Sub(*last) >= l.p.gap()
	*last, l.turn = now, d
	l.mu.Unlock()

	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	s := &l.p.stats
	if d == up {
		s.BytesUp += int64(n)
		s.BurstsUp += one(fresh)
	} else {
		s.BytesDown += int64(n)
		s.BurstsDown += one(fresh)
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (l *link) run() {
	defer l.end(false)
	var work sync.WaitGroup
	defer work.Wait()

	// What the client sends before its connection would have been complete
	// leaves when it is.
	open := l.since.Add(l.p.rtt)
	upward := newQueue()
	work.Go(func() {
		l.read(l.client, upward, func(n int) time.Time {
			l.count(up, n)
			now := time.Now()
			if now.Before(open) {
				now = open
			}
			return now.Add(l.p.rtt / 2)
		})
	})
	if !l.wait(open.Add(l.p.rtt / 2)) {
		upward.close()
		return
	}
	server, err := net.Dial("tcp", l.p.target)
	if err != nil {
		l.drop()
		upward.close()
		return
	}
	l.mu.Lock()
	l.server = server
	if l.lost {
		server.Close()
	}
	l.mu.Unlock()

	downward := newQueue()
	work.Go(func() {
		l.read(server, downward, func(int) time.Time { return time.Now().Add(l.p.rtt / 2) })
	})
	work.Go(func() { l.write(server, upward, nil) })
	l.write(l.client, downward, func(n int) { l.count(down, n) })
	// The upward half goes on when the server only has nothing more to say.
}

// wait returns whether the time came before the link was dropped.
func (l *link) wait(until time.Time) bool {
	d := time.Until(until)
	if d <= 0 {
		select {
		case <-l.gone:
			return false
		default:
			return true
		}
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.gone:
		return false
	}
}

// read queues what comes from c, each piece with the time at which it is due.
func (l *link) read(c net.Conn, q *queue, due func(n int) time.Time) {
	defer q.close()
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if n > 0 && !q.push(piece{append([]byte(nil), buf[:n]...), due(n)}) {
			return
		}
		if err != nil {
			if err == io.EOF {
				q.push(piece{nil, due(0)}) // the end travels as long as bytes do
			} else {
				l.drop()
			}
			return
		}
	}
}

// write sends what is queued when it is due.
func (l *link) write(c net.Conn, q *queue, sent func(n int)) {
	defer q.close()
	for {
		x, ok := q.pop()
		if !ok || !l.wait(x.due) {
			return
		}
		select {
		case <-l.p.gate():
		case <-l.gone:
			return
		}
		if x.data == nil {
			if t, ok := c.(*net.TCPConn); ok {
				_ = t.CloseWrite()
			}
			return
		}
		if sent != nil {
			sent(len(x.data)) // before the write: the answer may be counted at once
		}
		if _, err := c.Write(x.data); err != nil {
			l.drop()
			return
		}
	}
}
