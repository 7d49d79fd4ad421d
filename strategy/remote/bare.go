package remote

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/churten/churten/modules/kit/wire"
)

// Escalation is a single command run as someone else where there is no agent to
// see to it: the line to run, and what to make of what comes back. Its methods
// are not safe for concurrent use.
type Escalation struct {
	Line string

	b      *Become
	e      escalation
	mark   []byte // printed by the other user, before the command's own output
	heard  []byte
	sent   bool // the password
	passed bool
	err    error
}

// Escalation gives the way to run command as b says.
func (b *Become) Escalation(command string) (*Escalation, error) {
	form, ok := methods[b.Method]
	if !ok || b.Plugin != nil {
		return nil, fmt.Errorf("become method '%s' needs an agent on the host, and there can be none", b.Method)
	}
	key := newKey()
	e, err := form(b, key)
	if err != nil {
		return nil, err
	}
	mark := "BECOME-SUCCESS-" + key
	inner := shellWord("echo " + mark + " ; " + command)
	switch e.form {
	case wire.FormOneWord:
		inner = shellWord("/bin/sh -c " + inner)
	case wire.FormWords:
		inner = "/bin/sh -c " + inner
	}
	return &Escalation{Line: e.line + " " + inner, b: b, e: e, mark: []byte(mark)}, nil
}

// Hear takes what came from the command, and answers a question for the password
// on stdin, which it closes when all is said.
func (w *Escalation) Hear(stdin io.WriteCloser, chunk []byte) {
	if w.passed || w.err != nil {
		return
	}
	w.heard = append(w.heard, chunk...)
	said := string(w.heard)
	switch {
	case bytes.Contains(w.heard, w.mark):
		w.passed = true
	case containsAny(said, w.e.missing):
		w.err = fmt.Errorf("Missing %s password", methodName(w.b.Method)) //nolint:staticcheck // the reference's words
	case !containsAny(said, w.e.prompts):
		return
	case w.sent:
		w.err = fmt.Errorf("Incorrect %s password", methodName(w.b.Method)) //nolint:staticcheck // the same
	case !w.b.HasPassword:
		w.err = fmt.Errorf("Missing %s password", methodName(w.b.Method)) //nolint:staticcheck // the same
	default:
		w.sent, w.heard = true, nil
		if _, err := io.WriteString(stdin, w.b.Password+"\n"); err != nil {
			w.err = fmt.Errorf("send the password to %s: %w", w.b.Method, err)
			break
		}
		return
	}
	stdin.Close()
}

// Err is why the command did not run as the other user, once all was heard.
func (w *Escalation) Err(code int) error {
	switch {
	case w.err != nil:
		return w.err
	case !w.passed && w.sent && containsAny(string(w.heard), w.e.wrong):
		return fmt.Errorf("Incorrect %s password", methodName(w.b.Method)) //nolint:staticcheck // the reference's words
	case !w.passed && code == 0:
		return errors.New("the command did not run as another user: " + strings.TrimSpace(string(w.heard)))
	}
	return nil
}

// Without gives an output without what belongs to the way there.
func (w *Escalation) Without(out []byte) []byte {
	_, after, ok := bytes.Cut(out, w.mark)
	if ok {
		return bytes.TrimPrefix(bytes.TrimPrefix(after, []byte("\r")), []byte("\n"))
	}
	for _, p := range w.e.prompts {
		if before, after, ok := bytes.Cut(out, []byte(p)); ok && w.sent {
			out = append(bytes.Clone(before), after...)
		}
	}
	return out
}

func containsAny(s string, texts []string) bool {
	for _, t := range texts {
		if t != "" && strings.Contains(s, t) {
			return true
		}
	}
	return false
}
