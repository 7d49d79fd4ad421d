package process

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// AgentWords are what stands on the command line of an agent that another one
// started: the words, then the process id of the agent that the link leads to.
var AgentWords = [2]string{"__agent", "child"}

// FirstAgent is the process id of the agent that the link leads to, whether
// this process is that one or was started by it.
func FirstAgent() int {
	if pid := firstOf(os.Args); pid != 0 {
		return pid
	}
	return os.Getpid()
}

// firstOf gives the process id behind AgentWords in argv, or 0.
func firstOf(argv []string) int {
	i := slices.Index(argv, AgentWords[0])
	if i < 0 || i+2 >= len(argv) || argv[i+1] != AgentWords[1] {
		return 0
	}
	pid, err := strconv.Atoi(argv[i+2])
	if err != nil {
		return 0
	}
	return pid
}

// agentPatience is how long an agent has to end by itself.
const agentPatience = 3 * time.Second

// EndAgents ends the agents of this link that work as the user uid, with all
// they started: an account cannot be removed while they run, and they have the
// groups from when they began. The next call as that user starts another.
// Other agents, and what outlives them (jobs), are left alone, so is the
// caller's own user.
func EndAgents(ctx context.Context, uid int) {
	if uid == os.Geteuid() {
		return
	}
	all := running()
	first := FirstAgent()
	var end, gone []int
	for pid, p := range all {
		if p.uid == uid && firstOf(p.argv) == first {
			end = append(end, pid)
			gone = append(gone, pid)
			// sudo and its like wait for it, and our agent for them.
			if parent, ok := all[p.parent]; ok && p.parent != first && firstOf(parent.argv) == 0 {
				gone = append(gone, p.parent)
			}
			gone = append(gone, below(all, pid, uid)...)
		}
	}
	if len(end) == 0 {
		return
	}
	for _, pid := range end {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
	if wait(ctx, gone) {
		return
	}
	all = running()
	for _, pid := range gone {
		if p, ok := all[pid]; ok && p.uid == uid {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	wait(ctx, gone)
}

// wait reports whether all processes end in time.
func wait(ctx context.Context, pids []int) bool {
	late := time.After(agentPatience)
	for {
		if !slices.ContainsFunc(pids, func(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH && !zombie(pid) }) {
			return true
		}
		select {
		case <-late:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func zombie(pid int) bool {
	_, state := parentOf(pid)
	return state == 'Z'
}

type seen struct {
	parent, uid int
	argv        []string
}

// running lists the processes that /proc shows.
func running() map[int]seen {
	dirs, _ := filepath.Glob("/proc/[1-9]*")
	all := make(map[int]seen, len(dirs))
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		info, err := os.Stat(dir)
		if err != nil {
			continue
		}
		line, err := os.ReadFile(dir + "/cmdline")
		if err != nil {
			continue
		}
		s := seen{argv: strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")}
		s.parent, _ = parentOf(pid)
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			s.uid = int(st.Uid)
		}
		all[pid] = s
	}
	return all
}

// parentOf gives the parent of a process and its state; proc_pid_stat(5).
func parentOf(pid int) (parent int, state byte) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	// The name, in brackets, may hold anything.
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(f) < 2 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(f[1])
	return parent, f[0][0]
}

// below lists uid's processes that descend from pid.
func below(all map[int]seen, pid, uid int) []int {
	var out []int
	for other, p := range all {
		for at, n := p.parent, 0; at > 1 && n < len(all); at, n = all[at].parent, n+1 {
			if at == pid {
				if p.uid == uid {
					out = append(out, other)
				}
				break
			}
		}
	}
	return out
}
