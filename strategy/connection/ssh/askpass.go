package ssh

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/strategy/connection"
)

// askpass answers the questions of an ssh program. The program runs SSH_ASKPASS,
// a script of three lines that hands the question to this process through a
// FIFO in a private folder and gets the answer through another: no secret is
// ever in arguments, environment or a file.
type askpass struct {
	env       []string
	questions *os.File
	answers   string
	work      sync.WaitGroup
	cancel    context.CancelFunc
}

// The question ends with NUL; the answer begins with a line that says whether
// there is one.
const askpassScript = `#!/bin/sh
printf '%s\0' "$1" > "${0%/*}/question" || exit 1
exec < "${0%/*}/answer"
IFS= read -r verdict && [ "$verdict" = yes ] && exec cat
exit 1
`

func newAskpass(ctx context.Context, dir string, d *Dialer, o *connection.Options) (*askpass, error) {
	script := filepath.Join(dir, "askpass")
	p := &askpass{answers: filepath.Join(dir, "answer")}
	for _, fifo := range []string{filepath.Join(dir, "question"), p.answers} {
		if err := unix.Mkfifo(fifo, 0o600); err != nil && err != unix.EEXIST {
			return nil, &os.PathError{Op: "mkfifo", Path: fifo, Err: err}
		}
	}
	if err := os.WriteFile(script, []byte(askpassScript), 0o700); err != nil {
		return nil, err
	}
	var err error
	// Open for both, so that it neither blocks nor ends.
	p.questions, err = os.OpenFile(filepath.Join(dir, "question"), os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	display := "DISPLAY=:0" // before OpenSSH 8.4 the helper is only run with one
	p.env = []string{"SSH_ASKPASS=" + script, "SSH_ASKPASS_REQUIRE=force"}
	if d.env.Getenv("DISPLAY") == "" {
		p.env = append(p.env, display)
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.work.Go(func() {
		in := bufio.NewReader(p.questions)
		given := map[string]bool{}
		for {
			q, err := in.ReadString(0)
			if err != nil {
				return
			}
			answer, err := d.answer(ctx, o, strings.TrimSuffix(q, "\x00"), given)
			p.reply(answer, err == nil)
		}
	})
	return p, nil
}

// reply waits until the script opens the FIFO; close makes it come back when
// the script never does.
func (p *askpass) reply(answer string, ok bool) {
	f, err := os.OpenFile(p.answers, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	text := "no\n"
	if ok {
		text = "yes\n" + answer + "\n"
	}
	_, _ = f.WriteString(text) // a script that is gone needs no answer
}

func (p *askpass) close() {
	p.cancel()
	p.questions.Close()
	// A reader for a reply that nobody waits for.
	if fd, err := unix.Open(p.answers, unix.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
		p.work.Wait()
		unix.Close(fd)
		return
	}
	p.work.Wait()
}

// answer answers one question of ssh: with what the inventory has, once, and
// else by the person.
func (d *Dialer) answer(ctx context.Context, o *connection.Options, q string, given map[string]bool) (string, error) {
	lower := strings.ToLower(q)
	switch {
	case strings.Contains(lower, "passphrase"):
		if o.PrivateKeyPassphrase != "" && !given[q] {
			given[q] = true
			return o.PrivateKeyPassphrase, nil
		}
	case (strings.Contains(lower, "password") || o.PKCS11Provider != "" && strings.Contains(lower, "pin for")) && o.Password != nil:
		if given["password"] {
			return "", errNobody // the password of the inventory will not change
		}
		given["password"] = true
		return o.Password(ctx)
	}
	if o.Prompt == nil {
		return "", errNobody
	}
	select {
	case d.askMu <- struct{}{}:
		defer func() { <-d.askMu }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	return o.Prompt(ctx, q, strings.Contains(lower, "(yes/no"))
}
