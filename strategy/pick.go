package strategy

import (
	"context"
	"regexp"
	"strings"

	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/playbook"
)

// Stepper asks a person whether a task shall run: --step.
type Stepper interface {
	// Step asks about a task. all says that the rest of the play need not be
	// asked about.
	Step(ctx context.Context, question string) (yes, all bool, err error)
}

// stepInto asks about a task, on all its hosts where host is "".
func (pr *playRun) stepInto(ctx context.Context, task *plan.Task, host string) (bool, error) {
	if pr.Stepper == nil || pr.stepAll {
		return true, nil
	}
	kind := "TASK"
	if task.Handler {
		kind = "HANDLER"
	}
	question := "Perform task: " + kind + ": " + playbook.TaskName(task) + " "
	if host != "" {
		question += "on " + host + " "
	}
	yes, all, err := pr.Stepper.Step(ctx, question+"(N)o/(y)es/(c)ontinue: ")
	pr.stepAll = all
	return yes, err
}

// seek finds the task that --start-at-task names and has the play pass over
// those before it: all of them when it is not among them. As in the
// reference only static content is looked through, and no rescue parts.
func (pr *playRun) seek() {
	pr.passed = nil
	if pr.StartAt == "" || pr.startFound {
		return
	}
	pr.passed = map[int]bool{}
	c := plan.NewCursor(pr.blocks)
	for t := c.Task(); t != nil; t = c.Task() {
		if !t.Implicit && startsAt(pr.StartAt, t) {
			pr.startFound = true
			break
		}
		pr.passed[t.ID] = true
		c.Advance()
	}
	if pr.startFound && pr.gather != nil {
		delete(pr.passed, pr.gather.ID)
	}
}

// startsAt reports whether a task has the name, or the pattern matches it,
// with its role's name before it or without.
func startsAt(pattern string, t *plan.Task) bool {
	re, err := regexp.Compile(globExpr(pattern))
	for _, name := range []string{rawName(t), playbook.TaskName(t)} {
		if name == pattern || err == nil && re.MatchString(name) {
			return true
		}
	}
	return false
}

// globExpr turns a pattern of Python's fnmatch into a regular expression: "*",
// "?", "[abc]" and "[!abc]", nothing is escaped.
func globExpr(pattern string) string {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for rest := pattern; rest != ""; {
		c := rest[:1]
		rest = rest[1:]
		switch c {
		case "*":
			b.WriteString(".*")
			continue
		case "?":
			b.WriteString(".")
			continue
		case "[":
			not := strings.TrimPrefix(rest, "!")
			if end := strings.IndexByte(not[min(1, len(not)):], ']'); end >= 0 {
				set := not[:end+1]
				b.WriteByte('[')
				if len(not) < len(rest) {
					b.WriteByte('^')
				}
				b.WriteString(strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "^", `\^`).Replace(set) + "]")
				rest = not[end+2:]
				continue
			}
		}
		b.WriteString(regexp.QuoteMeta(c))
	}
	b.WriteString(`\z`)
	return b.String()
}
