package python

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Store keeps bundles by the SHA-256 of their content: in files of a directory
// of the user's own, or in memory where there is none. Safe for concurrent use.
type Store struct {
	Dir string // "" keeps them in memory

	mu     sync.Mutex
	memory map[string][]byte
	tidied bool
}

// maxPart bounds a part of a bundle.
const maxPart = 256 << 20

// keepParts is how long a part stays that no run asked for.
const keepParts = 30 * 24 * time.Hour

// Path is the file of the part with that hash; it may not be there.
func (s *Store) Path(hash string) string { return filepath.Join(s.Dir, "py-"+hash) }

// Get gives the part with that hash: what is kept, else what open gives, which
// is then kept. A file that was changed or cut off is not taken.
func (s *Store) Get(ctx context.Context, hash string, open func(context.Context) (io.ReadCloser, error)) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if content, ok := s.kept(hash); ok {
		return content, nil
	}
	r, err := open(ctx)
	if err != nil {
		return nil, fmt.Errorf("the module's code: %w", err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxPart+1))
	if err != nil {
		return nil, fmt.Errorf("the module's code: %w", err)
	}
	if got := hashOf(content); got != hash {
		return nil, fmt.Errorf("the module's code did not arrive whole: %d bytes of hash %.12s instead of %.12s", len(content), got, hash)
	}
	s.keep(hash, content)
	return content, nil
}

func (s *Store) kept(hash string) ([]byte, bool) {
	if content, ok := s.memory[hash]; ok {
		return content, true
	}
	if s.Dir == "" {
		return nil, false
	}
	path := s.Path(hash)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	if hashOf(content) != hash {
		os.Remove(path)
		return nil, false
	}
	now := time.Now()
	if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > keepParts/10 {
		_ = os.Chtimes(path, now, now) // else it is sent once more some day
	}
	return content, true
}

// keep puts content into its file, or, if that cannot be, in memory.
func (s *Store) keep(hash string, content []byte) {
	if s.Dir != "" && s.write(hash, content) == nil {
		return
	}
	if s.memory == nil {
		s.memory = map[string][]byte{}
	}
	s.memory[hash] = content
}

func (s *Store) write(hash string, content []byte) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	s.tidy(time.Now())
	// It may be a program: nothing is forked while it is open for writing, or a
	// child could hold it open ("Text file busy").
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.CreateTemp(s.Dir, ".py-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o700), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), s.Path(hash))
}

// tidy removes, once, what nobody asked for in a long time.
func (s *Store) tidy(now time.Time) {
	if s.tidied {
		return
	}
	s.tidied = true
	for _, pattern := range []string{"py-*", ".py-*"} {
		old, _ := filepath.Glob(filepath.Join(s.Dir, pattern)) // fails for bad patterns only
		for _, path := range old {
			if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > keepParts {
				os.Remove(path)
			}
		}
	}
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
