package wire

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// beating gives a controller that beats and an agent that hears it.
func beating(t *testing.T) (controller *Session, down chan error, lose func()) {
	down = make(chan error, 1)
	controller = NewSession(Options{Handle: func(Frame) {}, Beat: BeatTime, Patience: Patience})
	agent := NewSession(Options{Handle: func(Frame) {}, Down: func(err error) { down <- err }})
	a, b := memLinks(-1, -1)
	if err := errors.Join(controller.Attach(a, 0, -1), controller.Listen(NewReader(a), 0), agent.Attach(b, 0, -1), agent.Listen(NewReader(b), 0)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { controller.Close(nil); agent.Close(nil) })
	return controller, down, func() {
		a.out.mu.Lock()
		a.out.lost = true
		a.out.mu.Unlock()
	}
}

func TestBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		controller, down, lose := beating(t)
		time.Sleep(time.Hour)
		select {
		case err := <-down:
			t.Fatalf("the link of an idle controller went down: %v", err)
		default:
		}
		if s := controller.Stats(); s.Bursts != 0 || s.BytesOut > 6000 {
			t.Errorf("an hour of beats: %+v", s)
		}
		lose()
		start := time.Now()
		err := <-down
		if took := time.Since(start); !errors.Is(err, errSilent) || took < Patience-2*BeatTime || took > Patience {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// The first beat comes with the link: what is lost after a second is noticed too.
func TestBeatsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, down, lose := beating(t)
		synctest.Wait()
		lose()
		start := time.Now()
		if err := <-down; !errors.Is(err, errSilent) || time.Since(start) != Patience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// A controller that said so may be silent as long as it likes, and says when
// that is over.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		controller, down, lose := beating(t)
		time.Sleep(time.Minute)
		before := controller.Stats().Writes
		controller.SetPatience(0)
		if err := controller.Flush(t.Context()); err != nil || controller.Stats().Writes == before {
			t.Errorf("flushed before it was written: %v", err)
		}
		time.Sleep(time.Hour)
		controller.SetPatience(Patience)
		synctest.Wait()
		lose()
		start := time.Now()
		if err := <-down; !errors.Is(err, errSilent) || time.Since(start) > Patience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		controller, down, lose := beating(t)
		synctest.Wait()
		controller.SetPatience(0)
		synctest.Wait()
		lose()
		time.Sleep(24 * time.Hour)
		select {
		case err := <-down:
			t.Errorf("went down: %v", err)
		default:
		}
	})
}

// A process that stood still itself gives what came meanwhile the time to be
// read, and the other side to say more.
func TestFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q silence
		late := make(chan time.Duration, 1)
		start := time.Now()
		tell := func() { late <- time.Since(start) }
		q.bound(Patience, tell)
		q.timer.Stop() // as a stopped process's, it fires when that goes on
		time.Sleep(2 * Patience)
		q.fire(tell)
		if got := <-late; got != 3*Patience {
			t.Errorf("given up after %v", got)
		}
		q.end()
	})
}

// A frame that takes longer than the patience is not silence.
func TestSlowFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down, got := make(chan error, 1), make(chan int, 2)
		s := NewSession(Options{Handle: func(f Frame) { got <- len(f.Body) }, Down: func(err error) { down <- err }})
		a, b := memLinks(-1, -1)
		if err := errors.Join(s.Attach(b, 0, -1), s.Listen(NewReader(b), 0)); err != nil {
			t.Fatal(err)
		}
		beat := Frame{Kind: KindBeat, Body: []byte{100}} // 100 ms
		call := Frame{Kind: KindCall, seq: 1, Body: make([]byte, 1000)}
		a.Write(beat.append(nil))
		bytes := call.append(nil)
		a.Write(bytes[:4]) // the length is waited for as a whole
		for _, c := range bytes[4:] {
			a.Write([]byte{c})
			time.Sleep(90 * time.Millisecond)
		}
		select {
		case n := <-got:
			if n != 1000 {
				t.Errorf("%d bytes came", n)
			}
		case err := <-down:
			t.Error(err)
		}
		s.Close(nil)
	})
}
