package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// SystemDirs are looked through after PATH by Find, as the reference does: a
// user's PATH may lack them.
var SystemDirs = []string{"/sbin", "/usr/sbin", "/usr/local/sbin"}

// Find gives the path of a program in extra directories, in the PATH of env
// (nil: this process's) and in SystemDirs; ENOENT if it is nowhere, EACCES if
// only there without the right to run it. A full path is itself.
func Find(name string, env []string, extra ...string) (string, error) {
	return search(name, append(extra[:len(extra):len(extra)], filepath.SplitList(SearchPath(env))...))
}

func search(name string, dirs []string) (string, error) {
	if filepath.IsAbs(name) {
		return name, executable(name)
	}
	var err error = syscall.ENOENT
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		path := filepath.Join(dir, name)
		switch e := executable(path); e {
		case nil:
			return path, nil
		case syscall.EACCES:
			err = e
		}
	}
	return "", err
}

func plainPath(env []string) string {
	if env == nil {
		return os.Getenv("PATH")
	}
	path := ""
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v
		}
	}
	return path
}

// SearchPath gives PATH of env, with SystemDirs that exist added.
func SearchPath(env []string) string {
	have := filepath.SplitList(plainPath(env))
next:
	for _, dir := range SystemDirs {
		for _, h := range have {
			if h == dir {
				continue next
			}
		}
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			have = append(have, dir)
		}
	}
	return strings.Join(have, ":")
}

// Required is Find with the reference's message where the program is missing.
func Required(name string, env []string) (string, error) {
	path, err := Find(name, env)
	if err != nil {
		return "", fmt.Errorf("Failed to find required executable \"%s\" in paths: %s", name, SearchPath(env))
	}
	return path, nil
}
