package ssh

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"golang.org/x/sys/unix"
)

// remember adds a host's key to a known_hosts file, and to what is known of it.
// The line goes in by one write under a lock on the file, so that runs beside
// this one neither lose nor split lines. The file is made with mode 0600 and its
// folder with 0700.
func (k *knownHosts) remember(file, name string, key ssh.PublicKey, hashed bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	known := k.file(file) // before the line is in it
	written := name
	if hashed {
		written = knownhosts.HashHostname(name)
	}
	line := written + " " + strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(key)), "\n") + "\n"
	if err := appendLine(file, line); err != nil {
		return fmt.Errorf("Failed to add the host to the list of known hosts (%s): %w", file, err) //nolint:staticcheck // OpenSSH's words
	}
	known.lines++
	known.add(&knownKey{file: file, line: known.lines, hosts: []string{name}, key: key})
	return nil
}

func appendLine(file, line string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // and with it the lock
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if n := info.Size(); n > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, n-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = "\n" + line
		}
	}
	_, err = f.WriteString(line)
	return err
}
