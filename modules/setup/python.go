package setup

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Facts of Python are those of the python3 that a task's PATH has. It is not
// run: its version stands in its file name and, whole, in the program or its
// library.

type pythonInstall struct {
	path    string
	version [3]int
}

func (p pythonInstall) text() string {
	return strconv.Itoa(p.version[0]) + "." + strconv.Itoa(p.version[1]) + "." + strconv.Itoa(p.version[2])
}

func python(_ context.Context, h *host) *value.Dict {
	p, ok := h.findPython()
	if !ok {
		return nil
	}
	v := p.version
	major, minor, micro := value.Int(v[0]), value.Int(v[1]), value.Int(v[2])
	return value.DictOf("python", value.DictOf(
		"version", value.DictOf("major", major, "minor", minor, "micro", micro, "releaselevel", value.Str("final"), "serial", value.Int(0)),
		"version_info", value.NewList(major, minor, micro, value.Str("final"), value.Int(0)),
		"executable", value.Str(p.path), "has_sslcontext", value.True, "type", value.Str("cpython")))
}

func (h *host) findPython() (pythonInstall, bool) {
	if h.root != "" {
		return pythonInstall{}, false
	}
	return h.python()
}

func (h *host) lookPython() (pythonInstall, bool) {
	for _, name := range []string{"/usr/bin/python3", h.program("python3"), "/usr/libexec/platform-python"} {
		if name == "" {
			continue
		}
		real, err := filepath.EvalSymlinks(name)
		if err != nil {
			continue
		}
		major, minor, ok := pythonName(filepath.Base(real))
		if !ok {
			continue
		}
		series := strconv.Itoa(major) + "." + strconv.Itoa(minor)
		micro, ok := pythonMicro(real, series)
		if !ok {
			dirs := []string{filepath.Join(filepath.Dir(real), "../lib"), "/usr/lib64", "/usr/lib", "/usr/lib/*-linux-*"}
			for _, dir := range dirs {
				libs, _ := filepath.Glob(filepath.Join(dir, "libpython"+series+"*.so*"))
				for _, lib := range libs {
					if micro, ok = pythonMicro(lib, series); ok {
						break
					}
				}
				if ok {
					break
				}
			}
		}
		if ok {
			return pythonInstall{name, [3]int{major, minor, micro}}, true
		}
	}
	return pythonInstall{}, false
}

// pythonName reads python3.11, platform-python3.6 and python3.11d.
func pythonName(name string) (major, minor int, ok bool) {
	_, version, found := strings.Cut(name, "python")
	a, b, dotted := strings.Cut(version, ".")
	b = strings.TrimRight(b, "dmu")
	major, err1 := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	return major, minor, found && dotted && err1 == nil && err2 == nil
}

// pythonMicro finds the text "3.11.2", alone between zero bytes, in a program.
func pythonMicro(path, series string) (int, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	return findMicro(data, series)
}

func findMicro(data []byte, series string) (int, bool) {
	key := []byte("\x00" + series + ".")
	for at := bytes.Index(data, key); at >= 0; {
		rest := data[at+len(key):]
		end := bytes.IndexByte(rest[:min(len(rest), 8)], 0)
		if end > 0 {
			if micro, err := strconv.Atoi(strings.TrimRight(string(rest[:end]), "+")); err == nil {
				return micro, true
			}
		}
		next := bytes.Index(rest, key)
		if next < 0 {
			break
		}
		at += len(key) + next
	}
	return 0, false
}
