package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/churten/churten/modules/kit/plan"
)

// retryFile writes the hosts that a playbook lost, one a line, into a file that
// --limit @file takes: RETRY_FILES_ENABLED. nil when that is off.
func (s *session) retryFile() func(*plan.Playbook, []string) {
	if !s.set.Bool("RETRY_FILES_ENABLED") {
		return nil
	}
	return func(pb *plan.Playbook, hosts []string) {
		path := absolute(pb.Path)
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + ".retry"
		dir := s.set.Str("RETRY_FILES_SAVE_PATH")
		if dir == "" {
			dir = filepath.Dir(path)
		}
		file := filepath.Join(dir, name)
		if err := writeRetryFile(file, hosts); err != nil {
			s.display.Warning(fmt.Sprintf("Could not create retry file '%s'.\n\t%s", file, err))
			return
		}
		s.display.Print("\tto retry, use: --limit @"+file, "")
	}
}

func writeRetryFile(file string, hosts []string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		var errno syscall.Errno
		if dir := filepath.Dir(file); errors.As(err, &errno) {
			return fmt.Errorf("Unable to create local directories '%s': [Errno %d] %s: b'%s'\n", dir, int(errno), sentence(errno), dir)
		}
		return err
	}
	return os.WriteFile(file, []byte(strings.Join(hosts, "\n")+"\n"), 0o666)
}

// sentence is the text of a system error as Python has it.
func sentence(e syscall.Errno) string {
	text := e.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
