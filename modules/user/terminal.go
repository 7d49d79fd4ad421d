package user

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// answerTime is how long a program may take between two prompts.
const answerTime = 5 * time.Minute

// answer runs argv on a terminal of its own and gives secret to every prompt
// that has the word in it. It gives the exit status and what was printed.
func answer(ctx context.Context, argv, env []string, word, secret string) (rc int, printed string, err error) {
	master, slave, err := terminal()
	if err != nil {
		return 0, "", err
	}
	defer master.Close()
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	slave.Close()
	if err != nil {
		return 0, "", err
	}
	var all bytes.Buffer
	asked := 0 // what of the output was looked at
	buf := make([]byte, 4096)
	for {
		n, err := master.Read(buf) // an error when the other side is closed
		all.Write(buf[:n])
		line := all.Bytes()[asked:]
		if i := bytes.LastIndexByte(line, '\n'); i >= 0 {
			line = line[i+1:]
		}
		if bytes.Contains(line, []byte(word)) && bytes.HasSuffix(bytes.TrimRight(line, " "), []byte(":")) {
			asked = all.Len()
			if _, err := fmt.Fprintf(master, "%s\n", secret); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	err = cmd.Wait()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		return 0, all.String(), err
	}
	if ctx.Err() != nil {
		return 0, all.String(), ctx.Err()
	}
	return cmd.ProcessState.ExitCode(), all.String(), nil
}

// terminal gives both ends of a new pseudo-terminal.
func terminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}
