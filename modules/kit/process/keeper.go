package process

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Keeper ends what runs when this process is killed: by the kernel for want of
// memory, say, which lets nobody clean up. It is a small shell that knows the
// process groups of the commands under way and kills them when the pipe to it
// ends. It is started by the first command that takes longer than keepAfter.
type Keeper struct {
	mu     sync.Mutex
	closed bool
	pipe   *os.File // nil: not started, or could not be
	cmd    *exec.Cmd
}

// keepAfter is from when on a command is worth telling of: starting the shell,
// and a line for each command, would be felt in a loop of short ones.
const keepAfter = 100 * time.Millisecond

const keeperScript = `trap "" HUP INT TERM; g=" "; ` +
	`while read -r o n; do case $o in +) g="$g$n ";; -) g="${g%% $n *} ${g#* $n }";; esac; done; ` +
	`for n in $g; do kill -9 "-$n"; done 2>/dev/null`

type keeperKey struct{}

// WithKeeper makes commands under the context known to k.
func WithKeeper(ctx context.Context, k *Keeper) context.Context {
	return context.WithValue(ctx, keeperKey{}, k)
}

// watch tells the context's keeper of a process group, until the function it
// gives is called.
func watch(ctx context.Context, group int) (done func()) {
	k, _ := ctx.Value(keeperKey{}).(*Keeper)
	if k == nil {
		return func() {}
	}
	var mu sync.Mutex
	told, over := false, false
	timer := time.AfterFunc(keepAfter, func() {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			told = true
			k.tell("+", group)
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		if over = true; told {
			k.tell("-", group)
		}
	}
}

func (k *Keeper) tell(what string, group int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed || k.pipe == nil && k.start() != nil {
		return
	}
	// It fails when somebody killed the shell: then there is no keeper.
	_, _ = k.pipe.WriteString(what + " " + strconv.Itoa(group) + "\n")
}

func (k *Keeper) start() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := exec.Command("/bin/sh", "-c", keeperScript)
	cmd.Stdin, cmd.Dir, cmd.SysProcAttr = r, "/", &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	r.Close()
	if err != nil {
		w.Close()
		return err
	}
	k.pipe, k.cmd = w, cmd
	return nil
}

// Close ends the keeper, and what it still knows of.
func (k *Keeper) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.pipe != nil {
		k.pipe.Close()
		_ = k.cmd.Wait()
		k.pipe = nil
	}
}
