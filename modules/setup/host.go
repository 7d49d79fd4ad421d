package setup

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/process"
)

const defaultTimeout = 10 * time.Second

// host is what facts are read from. Its methods may be called from several
// goroutines.
type host struct {
	root     string // "" on a real host; paths of this file are below it
	env      []string
	dir      string
	timeout  time.Duration // of one collector
	factPath string

	// read once
	distribution func() distribution
	python       func() (pythonInstall, bool)

	mu       sync.Mutex
	warnings []string
}

func newHost(env []string, dir string) *host {
	h := &host{env: env, dir: dir, timeout: defaultTimeout}
	h.distribution = sync.OnceValue(h.readDistribution)
	h.python = sync.OnceValues(h.lookPython)
	return h
}

func (h *host) warn(msg string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.warnings = append(h.warnings, msg)
}

func (h *host) path(path string) string {
	if h.root == "" {
		return path
	}
	return filepath.Join(h.root, path)
}

// data gives a file's content, "" when it cannot be read.
func (h *host) data(path string) string {
	b, err := os.ReadFile(h.path(path))
	if err != nil {
		return ""
	}
	return string(b)
}

// text is data without the blanks around it.
func (h *host) text(path string) string { return strings.TrimSpace(h.data(path)) }

// textOr is text, or other when there is none.
func (h *host) textOr(path, other string) string {
	if s := h.text(path); s != "" {
		return s
	}
	return other
}

func (h *host) exists(path string) bool {
	_, err := os.Stat(h.path(path))
	return err == nil
}

func (h *host) isDir(path string) bool {
	info, err := os.Stat(h.path(path))
	return err == nil && info.IsDir()
}

// names lists a directory in the order the file system gives, as the
// reference does.
func (h *host) names(dir string) []string {
	f, err := os.Open(h.path(dir))
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	return names
}

// glob gives the paths that match, without the root.
func (h *host) glob(pattern string) []string {
	paths, _ := filepath.Glob(h.path(pattern))
	for i := range paths {
		paths[i] = "/" + strings.TrimPrefix(strings.TrimPrefix(paths[i], h.root), "/")
	}
	return paths
}

// link gives where a symbolic link points, "" when it is none.
func (h *host) link(path string) string {
	to, err := os.Readlink(h.path(path))
	if err != nil {
		return ""
	}
	return to
}

// real resolves all symbolic links; path itself when that fails.
func (h *host) real(path string) string {
	to, err := filepath.EvalSymlinks(h.path(path))
	if err != nil {
		return path
	}
	return "/" + strings.TrimPrefix(strings.TrimPrefix(to, h.root), "/")
}

// program finds a program on the host, "" when there is none. Under a root of
// tests there are only its own.
func (h *host) program(name string, extra ...string) string {
	if h.root != "" {
		for _, dir := range []string{"/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"} {
			path := h.path(dir + name)
			if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
				return path
			}
		}
		return ""
	}
	path, err := process.Find(name, h.env, extra...)
	if err != nil {
		return ""
	}
	return path
}

// output runs a program and gives its output; ok is false when it could not be
// run or failed.
func (h *host) output(ctx context.Context, argv ...string) (stdout string, ok bool) {
	res, err := h.run(ctx, argv...)
	return string(res.Stdout), err == nil && res.RC == 0
}

func (h *host) run(ctx context.Context, argv ...string) (process.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	env := make([]string, 0, len(h.env)+3)
	for _, kv := range h.env {
		if name, _, _ := strings.Cut(kv, "="); name != "LANG" && name != "LC_ALL" && name != "LC_MESSAGES" && name != "LANGUAGE" {
			env = append(env, kv)
		}
	}
	env = append(env, "LANG=C", "LC_ALL=C", "LC_MESSAGES=C", "LANGUAGE=C")
	return process.Run(ctx, process.Command{Argv: argv, Env: env, Dir: h.dir})
}

func (h *host) getenv(name string) string {
	v := ""
	for _, kv := range h.env {
		if k, val, _ := strings.Cut(kv, "="); k == name {
			v = val
		}
	}
	return v
}

// lines parts text into lines without their ends.
func lines(text string) []string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
