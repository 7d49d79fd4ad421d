package strategy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/agentplan"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy/remote"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == remote.AgentArg {
		// The test's own program is the agent, with the environment that an
		// agent has: nothing of the controller's.
		env := &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}
		os.Exit(agent.Main(agent.Options{Lookup: modules.Module,
			Plan: agentplan.Serve(agentplan.Options{Env: env, Find: modules.Lookup})}, os.Args[2:]))
	}
	os.Exit(m.Run())
}

// action is what a playbook's loader asks about names.
func action(name string, _ []string) (string, bool) {
	mod, act := modules.Lookup(name)
	switch {
	case act != nil:
		return act.Name, true
	case mod != nil:
		return mod.Name, true
	}
	return "", false
}

func isCode(fqcn, arg string) bool {
	_, act := modules.Lookup(fqcn)
	if act == nil {
		return false
	}
	for _, a := range act.Args {
		if a.Name == arg {
			return a.Type == module.Expr
		}
	}
	return false
}

// blocksOf loads the tasks of a playbook's first play, without what the loader
// puts around them.
func blocksOf(t *testing.T, text string) []*plan.Block {
	t.Helper()
	path := filepath.Join(t.TempDir(), "site.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}
	pb, err := playbook.New(playbook.Options{Load: load.New(nil, nil), Action: action, Code: isCode, Env: env}).Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Filter(pb.Plays[0].Blocks, func(t *plan.Task) bool { return !t.Implicit })
}

// inAgent runs blocks wholly inside an agent that is a process of its own, and
// gives what it told, a line each, and how it ended.
func inAgent(t *testing.T, p *agentplan.Plan) ([]string, *agentplan.Outcome) {
	t.Helper()
	ctx := t.Context()
	a, err := remote.StartLocal(ctx, os.Args[0], remote.Options{Host: p.Host})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.WithoutCancel(ctx))
	body, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	tasks := map[int]*event.Task{}
	for _, task := range plan.Tasks(p.Blocks) {
		tasks[task.ID] = &event.Task{ID: task.ID, Name: rawName(task), FQCN: task.FQCN}
	}
	var told []string
	pending := a.BeginPlan(0, body, func(b []byte) {
		e, err := agentplan.DecodeEvent(b, func(id int) *event.Task { return tasks[id] })
		if err != nil {
			t.Error(err)
			return
		}
		told = append(told, line(e))
	})
	out, err := pending.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	o, err := agentplan.DecodeOutcome(out)
	if err != nil {
		t.Fatal(err)
	}
	return told, o
}

// line tells an event in few words.
func line(e event.Event) string {
	switch e := e.(type) {
	case event.TaskStart:
		return "TASK " + e.Task.Name
	case event.Result:
		status := []string{"ok", "failed", "skipped", "unreachable"}[e.Status]
		if changed, _ := e.Value.GetStr("changed"); e.Status == event.OK && changed == value.Value(value.True) {
			status = "changed"
		}
		if e.Ignored {
			status += " ignored"
		}
		if e.Item {
			status += " item=" + value.Text(e.Label)
		}
		if msg, ok := e.Value.GetStr("msg"); ok && !e.NoLog {
			status += ": " + value.Text(msg)
		}
		if e.Error != nil {
			status += fmt.Sprintf(" (line %d)", e.Error.Pos.Line)
		}
		return status
	case event.Retry:
		return fmt.Sprintf("retry %d left", e.Left)
	case event.Warning:
		return "warning: " + e.Text
	}
	return fmt.Sprintf("%T", e)
}

const insidePlaybook = `- hosts: all
  gather_facts: false
  tasks:
    - name: greet {{ who }}
      command: echo hello {{ who }}
      register: greeting
      changed_when: "'hello' in greeting.stdout"
    - name: not now
      command: /bin/false
      when: greeting.rc != 0
    - name: sum
      set_fact: {total: "{{ total | default(0) | int + item }}"}
      loop: [1, 2, 3]
      when: item != 2
    - name: check
      assert: {that: [total | int == 4, greeting.stdout == 'hello world']}
    - name: each
      command: "{{ item }}"
      loop: "{{ commands }}"
      loop_control: {label: "<{{ item }}>", index_var: i}
      register: each
      failed_when: each.rc > 1
    - block:
        - name: tries
          command: /bin/false
          register: r
          until: r.rc == 0
          retries: 1
          delay: 0
        - name: never
          debug: {msg: never}
      rescue:
        - name: rescued
          debug: {msg: "{{ ansible_failed_result.rc }} {{ each.results | map(attribute='rc') | list }}"}
      always:
        - name: ignored
          fail: {msg: "{{ nested.text }}"}
          ignore_errors: true
    - name: hidden
      debug: {msg: secret}
      no_log: true
    - name: last
      fail: {msg: the end}
    - name: behind
      debug: {msg: never}
`

// TestInsideAgent: the agent walks tasks with when, register, loops, set_fact,
// assert, until, blocks and conditions on results by itself.
func TestInsideAgent(t *testing.T) {
	p := &agentplan.Plan{Host: "h1", Blocks: blocksOf(t, insidePlaybook), Vars: value.NewDict(0)}
	p.Vars.SetStr("who", value.Str("world"))
	p.Vars.SetStr("commands", value.Strings("/bin/true", "/bin/false"))
	text, err := expr.CompileTemplate("to {{ who }}", source.Pos{File: "vars.yml", Line: 1, Col: 1})
	if err != nil {
		t.Fatal(err)
	}
	nested := value.DictOf("text", text)
	nested.Lazy = true
	p.Vars.SetStr("nested", nested)

	told, out := inAgent(t, p)
	want := strings.Split(strings.TrimSpace(`
TASK greet world
changed: 
TASK not now
skipped
TASK sum
ok item=1
skipped item=2
ok item=3
ok: All items completed
TASK check
ok: All assertions passed
TASK each
changed item=</bin/true>: 
changed item=</bin/false>: non-zero return code
changed: All items completed
TASK tries
retry 1 left
failed: non-zero return code (line 24)
TASK rescued
ok: 1 [0, 1]
TASK ignored
failed ignored: to world (line 36)
TASK hidden
ok
TASK last
failed: the end (line 42)`), "\n")
	if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("told:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	if !out.Failed || len(out.Tasks) != 10 {
		t.Errorf("failed %v, tasks %v", out.Failed, out.Tasks)
	}
	if total, _ := out.Set.GetStr("total"); value.Text(total) != "4" {
		t.Errorf("total is %v", total)
	}
	if _, ok := out.Set.GetStr("greeting"); !ok {
		t.Error("greeting was not handed back")
	}
}

// TestStaysOnController: what an agent cannot do by itself is not sent.
func TestStaysOnController(t *testing.T) {
	for _, c := range []struct{ task, why string }{
		{"{command: echo, delegate_to: h2}", "delegate_to"},
		{"{command: echo, with_items: [1]}", "with_items"},
		{"{command: echo, notify: h}", "notify"},
		{"{command: echo, run_once: true}", "run_once"},
		{"{command: echo, become: true}", "become"},
	} {
		blocks := blocksOf(t, "- hosts: all\n  gather_facts: false\n  handlers: [{name: h, command: echo}]\n  tasks:\n    - "+c.task+"\n")
		_, err := (&agentplan.Plan{Host: "h1", Blocks: blocks}).Encode()
		if err == nil || !strings.Contains(err.Error(), "the task needs the controller: "+c.why) {
			t.Errorf("%s: %v", c.task, err)
		}
	}
}

// find is what a runner asks about names: the native ones, and includes.
func find(name string) (*module.Module, *module.Action) {
	for _, a := range IncludeActions {
		if a.Name == name || a.Name == "ansible.builtin."+name {
			return nil, a
		}
	}
	return modules.Lookup(name)
}
