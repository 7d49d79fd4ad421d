package python

import (
	"os"
	"path/filepath"
	"strings"
)

// Discover gives the path of the first candidate that is there: paths as they
// are, names by the PATH in env. "" when none is.
func Discover(candidates, env []string) string {
	search := "/usr/local/bin:/usr/bin:/bin"
	for _, kv := range env {
		if p, ok := strings.CutPrefix(kv, "PATH="); ok {
			search = p
		}
	}
	for _, c := range candidates {
		if strings.Contains(c, "/") {
			if isProgram(c) {
				return c
			}
			continue
		}
		for _, dir := range filepath.SplitList(search) {
			if path := filepath.Join(dir, c); filepath.IsAbs(path) && isProgram(path) {
				return path
			}
		}
	}
	return ""
}

// commandLine gives what a shell reads to start an interpreter: the path of a
// program as it is, blanks in it or not, else words.
func commandLine(interpreter, flags string) string {
	if strings.ContainsAny(interpreter, " \t'\"$&;()") && isProgram(interpreter) {
		interpreter = "'" + strings.ReplaceAll(interpreter, "'", `'"'"'`) + "'"
	}
	return strings.TrimSpace(interpreter + " " + flags)
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
