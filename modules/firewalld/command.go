package firewalld

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// errStopped says that firewalld does not run.
var errStopped = errors.New("firewalld is not running")

// Exit statuses, of firewall-cmd(1).
const (
	no           = 1
	notRunning   = 252
	unauthorized = 253
)

// call runs the program; zoned for what is in a zone. Its error is
// errStopped, a *module.Failure, or the context's.
func (t *task) call(ctx context.Context, zoned bool, words ...string) (tool.Output, error) {
	argv := []string{t.program}
	for _, w := range words {
		if w != "--permanent" || !t.offline { // which knows nothing else
			argv = append(argv, w)
		}
	}
	if zoned && t.zone != "" {
		argv = append(argv, "--zone="+t.zone)
	}
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C"}}, argv...)
	switch {
	case err != nil:
		return out, err
	case out.RC == notRunning && !t.offline:
		return out, errStopped
	case out.RC == unauthorized && !t.offline:
		level := "config.info"
		if slices.Contains(words, "--permanent") {
			level = "config"
		}
		return out, module.Failf("ERROR: Exception caught: org.fedoraproject.FirewallD1.NotAuthorizedException: Not Authorized(polkit): org.fedoraproject.FirewallD1.%s", level)
	}
	return out, nil
}

// do changes something in the zone.
func (t *task) do(ctx context.Context, words ...string) error {
	return t.must(ctx, true, words...)
}

// must is call where another exit status than 0 is a failure of the task.
func (t *task) must(ctx context.Context, zoned bool, words ...string) error {
	out, err := t.call(ctx, zoned, words...)
	if err == nil && out.RC != 0 {
		err = t.failure(cause(&out))
	}
	return err
}

// answer gives what the program prints to a question.
func (t *task) answer(ctx context.Context, zoned bool, words ...string) (string, error) {
	out, err := t.call(ctx, zoned, words...)
	if err == nil && out.RC != 0 {
		err = t.misasked(cause(&out))
	}
	return strings.TrimSpace(out.Stdout), err
}

// query tells whether the zone has it.
func (t *task) query(ctx context.Context, f *feature, level ...string) (bool, error) {
	out, err := t.call(ctx, true, append(level, "--query-"+f.words)...)
	if err != nil || out.RC == 0 || out.RC == no {
		return out.RC == 0, err
	}
	text := cause(&out)
	if !f.strict && strings.HasPrefix(text, "INVALID_") && !strings.HasPrefix(text, "INVALID_ZONE") {
		return false, nil // what makes no sense is not there
	}
	if f.parsed && !strings.HasPrefix(text, "INVALID_ZONE") {
		return false, module.Failf("ERROR: Exception caught: %s", text)
	}
	return false, t.misasked(text)
}

// awake tells whether firewalld runs, where no other call did.
func (t *task) awake(ctx context.Context) error {
	if t.offline {
		return nil
	}
	_, err := t.call(ctx, false, "--state")
	return err
}

// complain is for faults of arguments: that firewalld does not run comes first.
func (t *task) complain(ctx context.Context, fault error) error {
	if err := t.awake(ctx); err != nil {
		return err
	}
	return fault
}

// cause is what the program says went wrong.
func cause(out *tool.Output) string {
	text := strings.TrimSpace(out.Stderr)
	if i := strings.LastIndex("\n"+text, "\nError: "); i >= 0 {
		return text[i+len("Error: "):]
	}
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "Warning: ") && !strings.HasPrefix(line, "usage: ") {
			lines = append(lines, line)
		}
	}
	if text = strings.TrimSpace(strings.Join(lines, "")); text == "" {
		text = strings.TrimSpace(out.Stdout)
	}
	return text
}

// caught gives an error of firewalld in the reference's form, which hears of it
// by D-Bus where it runs.
func (t *task) caught(text string) string {
	if t.offline {
		return "ERROR: Exception caught: " + text
	}
	return "ERROR: Exception caught: org.fedoraproject.FirewallD1.Exception: " + text
}

// misasked is the failure of a question.
func (t *task) misasked(text string) error { return module.Failf("%s", t.caught(text)) }

// failure is the failure of a change.
func (t *task) failure(text string) error {
	told := t.told
	if strings.Contains(text, "INVALID_SERVICE") {
		told = append(told[:len(told):len(told)], "Services are defined by port/tcp relationship and named as they are in /etc/services (on most systems)")
	}
	return module.Failf("%s %s", t.caught(text), strings.Join(told, ", "))
}
