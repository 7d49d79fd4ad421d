package synchronize

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// options are those that arguments stand for one by one, in the order in which
// the reference has them.
func options(c *module.Call) []string {
	var line []string
	on := func(given bool, words ...string) {
		if given {
			line = append(line, words...)
		}
	}
	a := c.Args
	on(a.Bool("delay_updates"), "--delay-updates", "-F")
	on(a.Bool("compress"), "--compress")
	on(a.Int("rsync_timeout") != 0, "--timeout="+strconv.FormatInt(a.Int("rsync_timeout"), 10))
	on(c.Check, "--dry-run")
	on(a.Bool("delete"), "--delete-after")
	on(a.Bool("existing_only"), "--existing")
	on(a.Bool("checksum"), "--checksum")
	on(a.Bool("copy_links"), "--copy-links")
	archive := a.Bool("archive")
	on(archive, "--archive")
	for _, name := range []string{"recursive", "links", "perms", "times", "owner", "group"} {
		if !a.Given(name) || a.Bool(name) == archive {
			continue // as archive has it, or rsync without it
		}
		if archive {
			line = append(line, "--no-"+name)
		} else {
			line = append(line, "--"+name)
		}
	}
	on(a.Bool("dirs"), "--dirs")
	return line
}

// remoteShell is the ssh command line that rsync goes to the far end by.
func remoteShell(c *module.Call) (string, error) {
	a := c.Args
	ssh, err := tool.Find(c, "ssh")
	if err != nil {
		return "", err
	}
	words := []string{ssh}
	if !a.Bool("ssh_connection_multiplexing") {
		words = append(words, "-S", "none")
	}
	if a.Given("private_key") {
		words = append(words, "-i", a.Str("private_key"))
	}
	if a.Given("dest_port") {
		words = append(words, "-o", fmt.Sprintf("Port=%d", a.Int("dest_port")))
	}
	if !a.Bool("verify_host") {
		words = append(words, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
	}
	line := tool.Quote(words...)
	if more := a.Str("_ssh_args"); more != "" {
		line += " " + more
	}
	return line, nil
}

// sshClient is the address that the SSH session came from.
func sshClient(env []string) string {
	for _, name := range []string{"SSH_CLIENT", "SSH_CONNECTION"} {
		text, _ := tool.Getenv(env, name)
		if words := strings.Fields(text); len(words) > 1 {
			return words[0]
		}
	}
	return ""
}

func substituted(path, client string) string {
	if rest, ok := strings.CutPrefix(path, "localhost:"); ok {
		return client + ":" + rest
	}
	return path
}
