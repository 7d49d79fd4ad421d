package callback

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/event"
)

// Progress shows on a terminal what is under way, below all that is written:
// the task, how many hosts have done it and how long the others may take, the
// hosts in flight with their times, and what their commands said last. It is
// made by NewProgress and ends with Close. No secret stands in it.
type Progress struct {
	w       io.Writer
	size    func() (columns, rows int)
	secrets *Secrets
	now     func() time.Time
	display *Display
	stop    chan struct{}
	done    chan struct{}

	mu     sync.Mutex
	task   *event.Task
	hosts  int // of the play's batch
	began  time.Time
	ended  int           // hosts that have done the task
	spent  time.Duration // by them
	flight map[string]*inFlight
	lines  int // that stand on the terminal
	away   int // how many want it gone
}

// inFlight is a host at work.
type inFlight struct {
	task  *event.Task
	since time.Time
	said  string // the last line of its command
}

// progressEvery is how often the view is drawn anew.
const progressEvery = 200 * time.Millisecond

// progressLines bounds the lines of the view.
const progressLines = 6

// NewProgress gives a view on w, a terminal of that size, which d writes around.
func NewProgress(w io.Writer, size func() (int, int), secrets *Secrets, now func() time.Time, d *Display) *Progress {
	p := &Progress{w: w, size: size, secrets: secrets, now: now, display: d, flight: map[string]*inFlight{}, stop: make(chan struct{}), done: make(chan struct{})}
	d.mu.Lock()
	d.view = p
	d.mu.Unlock()
	go func() { // ends with Close
		defer close(p.done)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				d.mu.Lock()
				p.hide()
				p.show()
				d.mu.Unlock()
			case <-p.stop:
				return
			}
		}
	}()
	return p
}

// Close takes the view away.
func (p *Progress) Close() error {
	close(p.stop)
	<-p.done
	p.display.mu.Lock()
	defer p.display.mu.Unlock()
	p.hide()
	p.display.view = nil
	return nil
}

// Away takes the view away until over is called: somebody is asked something.
func (p *Progress) Away() (over func()) {
	change := func(by int) {
		p.display.mu.Lock()
		defer p.display.mu.Unlock()
		p.hide()
		p.mu.Lock()
		p.away += by
		p.mu.Unlock()
	}
	change(1)
	return func() { change(-1) }
}

// Hear takes an event in.
func (p *Progress) Hear(e event.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case event.PlayStart:
		p.hosts, p.task = len(e.Hosts), nil
		clear(p.flight)
	case event.TaskStart:
		p.task, p.began, p.ended, p.spent = e.Task, p.now(), 0, 0
	case event.HostStart:
		p.flight[e.Host] = &inFlight{task: e.Task, since: p.now()}
	case event.Output:
		if f := p.flight[e.Host]; f != nil && !e.Task.NoLog {
			lines := strings.Split(strings.TrimRight(p.secrets.Mask(string(e.Chunk)), "\r\n"), "\n")
			f.said = lines[len(lines)-1]
		}
	case event.Result:
		if e.Item {
			return
		}
		if f := p.flight[e.Host]; f != nil {
			p.spent += p.now().Sub(f.since)
			p.ended++
			delete(p.flight, e.Host)
		}
	}
}

// hide and show are called with the Display's lock held.
func (p *Progress) hide() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lines > 0 {
		fmt.Fprintf(p.w, "\r\x1b[%dA\x1b[J", p.lines)
		p.lines = 0
	}
}

func (p *Progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := p.text()
	if len(lines) == 0 {
		return
	}
	io.WriteString(p.w, "\x1b["+string(DarkGray)+"m"+strings.Join(lines, "\x1b[0m\n\x1b["+string(DarkGray)+"m")+"\x1b[0m\n")
	p.lines = len(lines)
}

// text gives the lines of the view as they are now.
func (p *Progress) text() []string {
	if len(p.flight) == 0 || p.away > 0 {
		return nil
	}
	columns, rows := p.size()
	most := max(1, min(progressLines, rows/2))
	hosts := make([]string, 0, len(p.flight))
	for h := range p.flight {
		hosts = append(hosts, h)
	}
	// Those that take longest first: they are what one waits for.
	slices.SortFunc(hosts, func(a, b string) int {
		if d := p.flight[a].since.Compare(p.flight[b].since); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	now := p.now()
	lines := []string{p.head(now)}
	for i, h := range hosts {
		if len(lines) == most-1 && len(hosts)-i > 1 {
			lines = append(lines, fmt.Sprintf("  and %d more", len(hosts)-i))
			break
		}
		f := p.flight[h]
		line := fmt.Sprintf("  %s %s", h, clock(now.Sub(f.since)))
		if p.task == nil || f.task.ID != p.task.ID {
			line += " " + strings.TrimSpace(f.task.Title())
		}
		if f.said != "" {
			line += " | " + f.said
		}
		lines = append(lines, line)
	}
	for i, l := range lines {
		lines[i] = fit(quiet(l), columns-1)
	}
	return lines
}

// head tells of the task: how many hosts are done, and how long it may take yet.
func (p *Progress) head(now time.Time) string {
	if p.task == nil {
		return fmt.Sprintf("%d hosts at work", len(p.flight))
	}
	text := fmt.Sprintf("%s: %d of %d hosts, %s", strings.TrimSpace(p.task.Title()), p.ended, max(p.hosts, p.ended+len(p.flight)), clock(now.Sub(p.began)))
	if left := max(p.hosts, p.ended+len(p.flight)) - p.ended; p.ended > 0 && left > 0 {
		each := p.spent / time.Duration(p.ended)
		rounds := (left + len(p.flight) - 1) / len(p.flight)
		if eta := each * time.Duration(rounds); eta >= time.Second {
			text += ", about " + clock(eta) + " left"
		}
	}
	return text
}

// clock is a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// quiet takes out what would move the terminal's cursor.
func quiet(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// fit cuts a line to the terminal's width.
func fit(s string, columns int) string {
	n := 0
	for i, r := range s {
		if n += width(string(r)); n > columns {
			return s[:i]
		}
	}
	return s
}
