package module

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// tmpPrefix begins the names of the directories that calls have to themselves.
const tmpPrefix = "churten-call-"

// makeTmp makes such a directory, and holds a lock on it for as long as it is
// in use: one that nobody has locked was left by an agent that was killed.
func makeTmp() (dir string, remove func(), err error) {
	tidyTmp()
	if dir, err = os.MkdirTemp("", tmpPrefix); err != nil {
		return "", nil, fmt.Errorf("no temporary directory: %w", err)
	}
	held, err := os.Open(dir)
	if err == nil {
		// Where there are no locks, nothing of ours is tidied up.
		_ = syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	return dir, func() {
		os.RemoveAll(dir)
		held.Close()
	}, nil
}

// lockTime is how old a directory has to be: younger ones may be about to be
// locked.
const lockTime = time.Minute

// tidyTmp removes, once in the life of a process, what killed ones left.
var tidyTmp = sync.OnceFunc(func() { tidy(os.TempDir(), time.Now()) })

func tidy(dir string, now time.Time) {
	found, err := filepath.Glob(filepath.Join(dir, tmpPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range found {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() || now.Sub(info.ModTime()) < lockTime {
			continue
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Geteuid() {
			continue
		}
		left, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_DIRECTORY, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(left.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(path)
		}
		left.Close()
	}
}
