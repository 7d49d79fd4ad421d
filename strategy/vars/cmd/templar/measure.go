package main

import (
	"errors"
	"runtime"
	"syscall"
	"time"
)

// result is what one evaluation costs: CPU seconds of the process, the garbage
// collector's among them, and allocations.
type result struct {
	First       float64 `json:"first"` // with compiling
	Again       float64 `json:"again"` // without
	FirstAllocs float64 `json:"first_allocs"`
	AgainAllocs float64 `json:"again_allocs"`
}

// Each way is repeated for so long, in rounds: the quickest round counts.
const (
	repeatFor = time.Second
	rounds    = 10
)

func measure(e evaluate) (result, string, error) {
	text, err := e(true)
	if err != nil {
		return result{}, "", err
	}
	again, err := e(false)
	if err != nil {
		return result{}, "", err
	}
	if again != text {
		return result{}, "", errors.New("the second evaluation came to something else than the first")
	}
	var r result
	if r.First, r.FirstAllocs, err = timed(e, true); err != nil {
		return r, "", err
	}
	r.Again, r.AgainAllocs, err = timed(e, false)
	return r, text, err
}

func timed(e evaluate, anew bool) (seconds, allocs float64, err error) {
	n := 1
	for round := 0; round < rounds; round++ {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := used()
		for range n {
			if _, err := e(anew); err != nil {
				return 0, 0, err
			}
		}
		took := used() - start
		runtime.ReadMemStats(&after)
		if took < repeatFor/rounds && round == 0 {
			n *= max(2, int(repeatFor/rounds/max(took, time.Microsecond)))
			round--
			continue
		}
		if per := took.Seconds() / float64(n); seconds == 0 || per < seconds {
			seconds = per
		}
		allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	}
	return seconds, allocs, nil
}

// used gives the CPU time of this process.
func used() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
