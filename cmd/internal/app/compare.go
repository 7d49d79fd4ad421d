package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pmezard/go-difflib/difflib"
)

// CompareOptions say what to compare.
type CompareOptions struct {
	Reference string   // the real ansible-playbook
	Args      []string // of both
	Out, Err  io.Writer
}

// ran is one run of one program.
type ran struct {
	stdout, stderr string
	code           int
	took           time.Duration
}

// Compare runs the reference and churten and prints what is different; it
// reports whether nothing is.
func Compare(ctx context.Context, o CompareOptions) (same bool, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	args := append([]string{"-v"}, o.Args...)
	ref, err := runOne(ctx, o.Reference, args)
	if err != nil {
		return false, err
	}
	if changedSomething(ref.stdout) {
		fmt.Fprintln(o.Out, "ansible-playbook changed something: it is run again, so that both see the hosts in one state")
		if ref, err = runOne(ctx, o.Reference, args); err != nil {
			return false, err
		}
	}
	ours, err := runOne(ctx, self, append([]string{"playbook"}, args...))
	if err != nil {
		return false, err
	}
	fmt.Fprintf(o.Out, "ansible-playbook  %8.3f s  exit status %d\nchurten           %8.3f s  exit status %d\nratio             %8.1f\n",
		ref.took.Seconds(), ref.code, ours.took.Seconds(), ours.code, ref.took.Seconds()/max(ours.took.Seconds(), 0.001))
	same = ref.code == ours.code
	for _, part := range []struct{ name, a, b string }{
		{"recap", recap(ref.stdout), recap(ours.stdout)},
		{"output and results", Normalise(body(ref.stdout)), Normalise(body(ours.stdout))},
	} {
		if part.a == part.b {
			fmt.Fprintf(o.Out, "%s: the same\n", part.name)
			continue
		}
		same = false
		d, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{A: difflib.SplitLines(part.a), B: difflib.SplitLines(part.b),
			FromFile: "ansible-playbook", ToFile: "churten", Context: 2})
		if err != nil {
			return false, err
		}
		fmt.Fprintf(o.Out, "%s: different\n%s", part.name, d)
	}
	if ours.code != ref.code {
		io.WriteString(o.Err, ours.stderr)
	}
	return same, nil
}

func runOne(ctx context.Context, program string, args []string) (*ran, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var out, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, &out, &errOut
	started := time.Now()
	err := cmd.Run()
	r := &ran{stdout: out.String(), stderr: errOut.String(), took: time.Since(started)}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		r.code = exit.ExitCode()
	case err != nil:
		return nil, err
	}
	return r, ctx.Err()
}

func changedSomething(stdout string) bool {
	for _, line := range strings.Split(recap(stdout), "\n") {
		if strings.Contains(line, "changed=") && !strings.Contains(line, "changed=0 ") {
			return true
		}
	}
	return false
}

const recapHead = "\nPLAY RECAP "

func recap(stdout string) string {
	if i := strings.LastIndex(stdout, recapHead); i >= 0 {
		return stdout[i+1:]
	}
	return ""
}

func body(stdout string) string {
	if i := strings.LastIndex(stdout, recapHead); i >= 0 {
		return stdout[:i]
	}
	return stdout
}

// volatile is what differs from run to run whoever runs it.
var volatile = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?`), "DATE"},
	{regexp.MustCompile(`\b\d:\d\d:\d\d\.\d{6}\b`), "DURATION"},
	{regexp.MustCompile(`ansible-tmp-[0-9.]+-\d+-\d+`), "ansible-tmp-X"},
	{regexp.MustCompile(`/tmp/ansible[.\w-]+`), "/tmp/ansible.X"},
	{regexp.MustCompile(`"(atime|ctime|mtime|elapsed|cache_update_time)": [0-9.]+`), `"$1": TIME`},
	{regexp.MustCompile(`\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~`), ".BACKUP~"},
}

// Normalise masks what is volatile and puts the hosts of each task in order.
func Normalise(text string) string {
	for _, v := range volatile {
		text = v.what.ReplaceAllString(text, v.with)
	}
	var out []string
	for _, block := range strings.Split(text, "\n\n") {
		out = append(out, sortHosts(block))
	}
	return strings.Join(out, "\n\n") + "\n"
}

var resultStart = regexp.MustCompile(`^(ok|changed|skipping|failed|fatal|included|FAILED - RETRYING)[: ]`)

// sortHosts sorts the results of a task, each with the lines that belong to it.
func sortHosts(block string) string {
	lines := strings.Split(block, "\n")
	var head []string
	var results [][]string
	for _, l := range lines {
		switch {
		case resultStart.MatchString(l):
			results = append(results, []string{l})
		case len(results) == 0:
			head = append(head, l)
		default:
			results[len(results)-1] = append(results[len(results)-1], l)
		}
	}
	texts := make([]string, len(results))
	for i, r := range results {
		texts[i] = strings.Join(r, "\n")
	}
	slices.SortStableFunc(texts, func(a, b string) int { return strings.Compare(hostOf(a), hostOf(b)) })
	return strings.Join(append(head, texts...), "\n")
}

var hostName = regexp.MustCompile(`\[([^\]]*)\]`)

func hostOf(result string) string {
	if m := hostName.FindStringSubmatch(result); m != nil {
		return m[1]
	}
	return result
}
