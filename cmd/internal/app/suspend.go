package app

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/churten/churten/strategy"
)

// holdTime bounds how long Ctrl-Z waits for agents that are hard to reach.
const holdTime = time.Second

// suspendable makes Ctrl-Z tell the agents before this process stops: they
// would take its silence for a lost network. stop ends it.
func suspendable(ctx context.Context, hosts *strategy.Pool) (stop func()) {
	if signal.Ignored(syscall.SIGTSTP) {
		return func() {}
	}
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGTSTP)
	go func() {
		defer close(done)
		for range signals {
			hold(ctx, hosts, true)
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // comes back with SIGCONT
			hold(ctx, hosts, false)
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}

func hold(ctx context.Context, hosts *strategy.Pool, on bool) {
	ctx, cancel := context.WithTimeout(ctx, holdTime)
	defer cancel()
	hosts.Hold(ctx, on)
}
