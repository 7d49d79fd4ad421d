package callback

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	setting := func(name, env, def string) config.Setting {
		return config.Setting{Name: name, Env: []string{env}, Default: def}
	}
	add(Spec{Name: "junit", Collection: "ansible.builtin", New: newJUnit, Settings: []config.Setting{
		{Name: "output_dir", Env: []string{"JUNIT_OUTPUT_DIR"}, Default: "~/.ansible.log", Kind: config.Path},
		setting("task_class", "JUNIT_TASK_CLASS", "false"), setting("task_relative_path", "JUNIT_TASK_RELATIVE_PATH", ""),
		setting("replace_out_of_tree_path", "JUNIT_REPLACE_OUT_OF_TREE_PATH", ""),
		setting("fail_on_change", "JUNIT_FAIL_ON_CHANGE", "false"), setting("fail_on_ignore", "JUNIT_FAIL_ON_IGNORE", "false"),
		setting("include_setup_tasks_in_report", "JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT", "true"),
		{Name: "hide_task_arguments", Env: []string{"JUNIT_HIDE_TASK_ARGUMENTS"}, Default: "false", Kind: config.Bool},
		setting("test_case_prefix", "JUNIT_TEST_CASE_PREFIX", ""),
	}})
}

// junit writes what tasks gave as an XML file of test cases, one for each task
// and host.
type junit struct {
	Base
	opts  map[string]string
	book  string // the playbook's name
	play  string
	tasks []*junitTask // in the order in which they began
	byID  map[*event.Task]*junitTask
}

// junitTask is a task with its test cases.
type junitTask struct {
	shown *event.Task
	play  string
	began time.Time
	cases []junitCase
}

// junitCase is what one host gave. What is empty is not there.
type junitCase struct {
	host                    string
	took                    time.Duration
	out, skipped            string
	failure, failureText    string
	failed                  bool
	errorMessage, errorText string
}

func newJUnit(e *Env) (event.Listener, error) {
	c := &junit{Base: e.Base, opts: map[string]string{}, byID: map[*event.Task]*junitTask{}}
	for _, s := range e.spec.Settings {
		text, err := e.Text(s.Name)
		if err != nil {
			return nil, err
		}
		c.opts[s.Name] = text
	}
	if err := os.MkdirAll(c.opts["output_dir"], 0o777); err != nil {
		return nil, err
	}
	return c, nil
}

// on reports whether a switch is: only this word turns it on.
func (c *junit) on(name string) bool { return strings.EqualFold(c.opts[name], "true") }

// Hear takes an event down.
func (c *junit) Hear(e event.Event) {
	switch e := e.(type) {
	case event.PlaybookStart:
		base := filepath.Base(e.Path)
		c.book = strings.TrimSuffix(base, filepath.Ext(base))
	case event.PlayStart:
		c.play = strings.TrimSpace(e.Name)
	case event.TaskStart:
		c.task(e.Task)
	case event.Result:
		if !e.Item && e.Status != event.Unreachable {
			c.result(e)
		}
	case event.Include:
		t := c.task(e.Task)
		text := fmt.Sprintf("%s (args={} vars={}): [%s]", e.File, strings.Join(e.Hosts, ", "))
		t.cases = append(t.cases, junitCase{host: "include", took: c.Now().Sub(t.began), out: text})
	case event.Stats:
		if err := c.write(); err != nil {
			c.Warning("junit: " + err.Error())
		}
	}
}

func (c *junit) task(t *event.Task) *junitTask {
	if j, ok := c.byID[t]; ok {
		return j
	}
	for _, j := range c.tasks {
		if j.shown.ID == t.ID && j.play == c.play {
			c.byID[t] = j
			return j
		}
	}
	j := &junitTask{shown: t, play: c.play, began: c.Now()}
	c.tasks, c.byID[t] = append(c.tasks, j), j
	return j
}

func (c *junit) result(e event.Result) {
	setup := e.Task.FQCN == "ansible.builtin.setup" || e.Task.FQCN == "ansible.builtin.gather_facts"
	if setup && !c.on("include_setup_tasks_in_report") && e.Status != event.Failed {
		return
	}
	t := c.task(e.Task)
	name := e.Task.Title()
	k := junitCase{host: e.Host, took: c.Now().Sub(t.began)}
	expected, toggled := strings.Contains(name, "EXPECTED FAILURE"), strings.Contains(name, "TOGGLE RESULT")
	failed := e.Status == event.Failed && (!e.Ignored || c.on("fail_on_ignore"))
	switch {
	case e.Status == event.Failed && (expected || toggled):
		failed = false
	case e.Status == event.OK && (toggled || c.on("fail_on_change") && is(e.Value, "changed")):
		failed = true
	}
	if prefix := c.opts["test_case_prefix"]; !failed && !strings.HasPrefix(name, prefix) {
		return
	}
	switch {
	case failed && e.Error != nil && e.Status == event.Failed:
		k.errorMessage, k.errorText = causes(e.Error)
	case failed:
		k.failed, k.failure, k.failureText = true, textAt(Shown(e.Value, e.NoLog), "msg", "rc="+textAt(e.Value, "rc", "unknown")), c.text(e)
	case e.Status == event.Skipped:
		k.skipped = textAt(e.Value, "skip_reason", "skipped")
	default:
		k.out = c.text(e)
	}
	t.cases = append(t.cases, k)
}

// causes tells a failure as the reference tells an exception, of which there is
// no traceback.
func causes(f *event.Failure) (message, text string) {
	messages := []string{}
	for ; f != nil; f = f.Cause {
		messages = append(messages, f.Msg)
	}
	message = strings.Join(messages, ": ")
	kind := "module"
	if strings.Contains(message, "Action failed") {
		kind = "action"
	}
	const missing = "(traceback missing)\n"
	return message, missing + "\nThe above " + kind + " exception was the direct cause of the following controller exception:\n\n" + missing +
		"\nThe above exception was the direct cause of the following exception:\n\n" + missing
}

// text gives a result with every value on a line of its own.
func (c *junit) text(e event.Result) string {
	shown := c.visible(Shown(e.Value, e.NoLog))
	if has(e.Value, "_ansible_verbose_always") && !e.NoLog {
		return JSON(shown, 4)
	}
	text, err := value.JSON{Indent: 0, SortKeys: true, KeepUTF8: true, Default: asText}.Text(shown)
	if err != nil {
		return value.Repr(shown)
	}
	return text
}

// where gives the place of a task as the class of its cases.
func (c *junit) where(t *event.Task) string {
	path := t.Pos.File
	if base := c.opts["task_relative_path"]; base != "" {
		if rel, err := filepath.Rel(base, path); err == nil && filepath.IsAbs(path) {
			if outside := strings.HasPrefix(rel, "../"); outside && c.opts["replace_out_of_tree_path"] != "" {
				rel = c.opts["replace_out_of_tree_path"] + filepath.Base(rel)
			}
			path = rel
		}
	}
	if c.on("task_class") {
		return strings.TrimSuffix(path, ".yml")
	}
	return path + ":" + strconv.Itoa(t.Pos.Line)
}

func (c *junit) name(t *junitTask, host string) string {
	name := fmt.Sprintf("[%s] %s: %s", host, t.play, t.shown.Title())
	if t.shown.NoLog || t.shown.Args == nil || config.IsTrue(c.opts["hide_task_arguments"]) {
		return name
	}
	var args []string
	for k, v := range t.shown.Args.All() {
		args = append(args, value.Text(k)+"="+written(v))
	}
	if len(args) == 0 {
		return name
	}
	return name + " " + strings.Join(args, ", ")
}

func (c *junit) write() error {
	path := filepath.Join(c.opts["output_dir"], fmt.Sprintf("%s-%.6f.xml", c.book, float64(c.Now().UnixMicro())/1e6))
	return os.WriteFile(path, []byte(c.xml()), 0o666)
}

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// quoted is what stands in the file for s.
func (c *junit) quoted(s string) string { return escaped.Replace(c.masked(s)) }

func (c *junit) xml() string {
	var cases strings.Builder
	var errors, failures, skipped, tests int
	var total time.Duration
	for _, t := range c.tasks {
		for _, k := range t.cases {
			tests++
			total += k.took
			fmt.Fprintf(&cases, "\t\t<testcase classname=\"%s\" name=\"%s\" time=\"%s\">\n", c.quoted(c.where(t.shown)), c.quoted(c.name(t, k.host)), seconds(k.took))
			element := func(name, attributes, text string) {
				fmt.Fprintf(&cases, "\t\t\t<%s%s>%s</%s>\n", name, attributes, c.quoted(text), name)
			}
			switch {
			case k.errorMessage != "":
				errors++
				element("error", fmt.Sprintf(` message="%s" type="error"`, c.quoted(k.errorMessage)), k.errorText)
			case k.failed:
				failures++
				element("failure", fmt.Sprintf(` message="%s" type="failure"`, c.quoted(k.failure)), k.failureText)
			case k.skipped != "":
				skipped++
				element("skipped", "", k.skipped)
			default:
				element("system-out", "", k.out)
			}
			cases.WriteString("\t\t</testcase>\n")
		}
	}
	return fmt.Sprintf("<?xml version=\"1.0\" ?>\n<testsuites disabled=\"0\" errors=\"%d\" failures=\"%d\" tests=\"%d\" time=\"%s\">\n", errors, failures, tests, seconds(total)) +
		fmt.Sprintf("\t<testsuite disabled=\"0\" errors=\"%d\" failures=\"%d\" name=\"%s\" skipped=\"%d\" tests=\"%d\" time=\"%s\">\n", errors, failures, c.quoted(c.book), skipped, tests, seconds(total)) +
		cases.String() + "\t</testsuite>\n</testsuites>\n"
}
