package lookup

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/churten/churten/jinja/value"
)

func init() {
	add("pipe", pipe).volatile = true
	add("lines", lines).volatile = true
}

// pipe gives the output of commands.
func pipe(c *Call) ([]value.Value, error) {
	out := make([]value.Value, 0, len(c.Terms))
	for _, t := range c.Terms {
		s, err := c.shell("pipe", value.Text(t))
		if err != nil {
			return nil, err
		}
		out = append(out, value.Str(strings.TrimRight(s, space)))
	}
	return out, nil
}

// lines gives the lines of the output of commands.
func lines(c *Call) ([]value.Value, error) {
	out := []value.Value{}
	for _, t := range c.Terms {
		s, err := c.shell("lines", value.Text(t))
		if err != nil {
			return nil, err
		}
		if s == "" {
			continue
		}
		out = append(out, texts(strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n"))...)
	}
	return out, nil
}

// shell runs a command in the playbook's directory; its errors go to stderr.
func (c *Call) shell(lookup, command string) (string, error) {
	cmd := exec.CommandContext(c.std(), "/bin/sh", "-c", command)
	cmd.Dir = c.ctl.BaseDir()
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("lookup_plugin.%s(%s) returned %d", lookup, command, exit.ExitCode())
	}
	return string(out), err
}
