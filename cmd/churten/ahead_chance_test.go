package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestAheadByChance: playbooks made by chance, of tasks that read, set and
// shadow the same few variables, fail, notify, loop and include, print and do
// the same whether tasks are sent ahead and worked out by the agent or not.
// CHURTEN_CHANCE is how many are tried, CHURTEN_CHANCE_SEED the first.
func TestAheadByChance(t *testing.T) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	h := newAheadHost(t, 2*time.Millisecond, apart)
	first := number("CHURTEN_CHANCE_SEED", 1)
	for seed := first; seed < first+number("CHURTEN_CHANCE", 10); seed++ {
		book := chancePlaybook(uint64(seed))
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			h.compare(t, func(dir string) string {
				if err := os.WriteFile(filepath.Join(dir, "chance.yml"), []byte(book), 0o600); err != nil {
					t.Fatal(err)
				}
				return "chance.yml"
			})
			if t.Failed() {
				t.Log(book)
			}
		})
	}
}

// chance makes playbooks.
type chance struct {
	*rand.Rand
	b strings.Builder
	n int
}

func chancePlaybook(seed uint64) string {
	c := &chance{Rand: rand.New(rand.NewPCG(seed, 7))}
	c.line(0, "- hosts: all")
	c.line(1, "gather_facts: "+c.of("false", "false", "true"))
	if c.IntN(4) == 0 {
		c.line(1, "strategy: free")
	}
	c.line(1, "vars:")
	c.line(2, `work: "{{ playbook_dir }}/work"`)
	c.line(2, `p0: "{{ v0.stdout | default('none') }}-{{ s0 | default('x') }}"`)
	c.line(2, `p1: {deep: ["{{ v1.rc | default(9) }}", "{{ p0 | upper }}"], plain: 3}`)
	c.line(2, `p2: "{{ lookup('env', 'HOME') | length > 0 }}"`)
	c.line(1, "handlers:")
	for i := range 3 {
		c.line(2, fmt.Sprintf("- name: handler %d", i))
		c.line(3, fmt.Sprintf("shell: echo handler %d %s >>{{ work }}/log", i, c.value()))
		if i == 1 {
			c.line(3, "notify: handler 2")
		}
	}
	c.line(1, "tasks:")
	c.tasks(2, 14+c.IntN(14), 2)
	return c.b.String()
}

func (c *chance) line(indent int, text string) {
	c.b.WriteString(strings.Repeat("  ", indent) + text + "\n")
}

func (c *chance) of(list ...string) string { return list[c.IntN(len(list))] }

func (c *chance) one(n int) bool { return c.IntN(n) == 0 }

func (c *chance) register() string { return "v" + strconv.Itoa(c.IntN(4)) }

func (c *chance) fact() string { return "s" + strconv.Itoa(c.IntN(3)) }

func (c *chance) condition() string {
	v, s := c.register(), c.fact()
	return c.of(v+" is defined", v+".rc | default(1) == 0", v+" is changed", v+" is failed", v+" is defined and "+v+" is not skipped", s+" | default('a') == 'b'",
		"p0 != 'z'", v+".stdout | default('') | length > 1", s+" is defined and "+s+" | string | length > 2", "hostvars[inventory_hostname]."+s+" is defined",
		"p2", "not ansible_check_mode", "'h1' in groups.all", "p1.plain == 3", "p1.deep | select('search', 'NONE') | list | length < 2",
		v+".results | default([]) | map(attribute='rc', default=0) | sum == 0", "item is undefined", s+" in ['b', 'c'] or "+v+".changed | default(false)", "true", "false",
		v+".stat.exists | default(true)", "'/' is directory", "(v0.stdout | default('1')) is version('0.5', '>')")
}

func (c *chance) value() string {
	v, s := c.register(), c.fact()
	return c.of("text", "{{ "+v+".stdout | default('d') }}", "{{ p0 }}", "{{ "+s+" | default(1) }}", "{{ ("+v+".stdout_lines | default([])) | join(',') }}",
		"{{ p1.deep[1] }}", "{{ 'a' ~ "+v+".rc | default(0) }}", "{% if "+v+" is defined %}y{% else %}n{% endif %}", "{{ now().year }}", "{{ p1 | to_json }}",
		"{{ [1, 2, 3] | random > 0 }}", "{{ "+v+".msg | default(omit) }}", "{{ inventory_hostname }}", "{{ "+v+".results | default([]) | map(attribute='stdout', default='-') | join('+') }}",
		"{{ lookup('vars', '"+s+"', default='none') }}", "{{ "+s+" | default('b') | regex_replace('a', 'b') }}", "{{ role_name | default('no role') }}")
}

// tasks writes n tasks; deep is how far blocks may still nest.
func (c *chance) tasks(indent, n, deep int) {
	for range n {
		c.n++
		switch k := c.IntN(20); {
		case k == 0 && deep > 0:
			c.line(indent, "- block:")
			c.tasks(indent+2, 1+c.IntN(4), deep-1)
			if c.one(2) {
				c.line(indent+2, "- {shell: \"echo fails >>{{ work }}/log; false\"}")
			}
			c.line(indent+1, "rescue:")
			c.tasks(indent+2, 1+c.IntN(2), deep-1)
			if c.one(2) {
				c.line(indent+1, "always:")
				c.tasks(indent+2, 1, deep-1)
			}
			if c.one(3) {
				c.line(indent+1, "when: "+quoted(c.condition()))
			}
		case k == 1:
			c.line(indent, "- meta: flush_handlers")
		case k <= 3:
			c.line(indent, "- include_tasks: brought.yml.inc")
			if c.one(3) {
				c.line(indent+1, "loop: [1, 2]")
				c.line(indent+1, "loop_control: {loop_var: turn}")
			}
			c.line(indent+1, "vars: {brought: "+quoted(c.value())+"}")
			if c.one(2) {
				c.line(indent+1, "when: "+quoted(c.condition()))
			}
		case k == 4:
			c.line(indent, "- include_role: {name: brought}")
			c.line(indent+1, "vars: {brought: "+quoted(c.value())+"}")
			if c.one(2) {
				c.line(indent+1, "when: "+quoted(c.condition()))
			}
		default:
			c.task(indent)
		}
	}
}

func quoted(s string) string { return strconv.Quote(s) }

func (c *chance) task(indent int) {
	looped := c.one(5)
	item := ""
	if looped {
		item = " {{ item }}"
	}
	log := fmt.Sprintf(" >>{{ work }}/log; echo %d%s", c.n, item)
	c.line(indent, fmt.Sprintf("- name: task %d %s", c.n, c.of("", "", "{{ p0 }}", "of {{ s0 | default('nobody') }}")))
	registers := c.one(2)
	switch c.IntN(10) {
	case 0, 1, 2:
		c.line(indent+1, "shell: "+quoted(fmt.Sprintf("echo %d%s %s", c.n, item, c.value())+log))
	case 3:
		c.line(indent+1, "shell: "+quoted("echo "+c.value()+item+log+"; exit "+c.of("0", "1", "3")))
		c.line(indent+1, c.of("ignore_errors: true", "failed_when: false", "ignore_errors: "+quoted("{{ s2 is undefined or true }}"), "failed_when: v0.rc | default(0) > 5"))
	case 4, 5:
		c.line(indent+1, "set_fact: {"+c.fact()+": "+quoted(c.value())+c.of("", ", "+c.fact()+"x: 1")+"}")
		registers = registers && c.one(4)
	case 6:
		c.line(indent+1, "debug: {msg: "+quoted(c.value()+item)+"}")
		registers = false
	case 7:
		c.line(indent+1, c.of("debug: {var: "+c.register()+".rc}", "assert: {that: ["+quoted(c.condition())+"], quiet: true}", "debug: {var: p1}"))
		if c.one(2) {
			c.line(indent+1, "ignore_errors: true")
		}
		registers = false
	case 8:
		c.line(indent+1, "copy: {content: "+quoted(c.value()+item)+", dest: \"{{ work }}/file"+strconv.Itoa(c.IntN(2))+"\"}")
	case 9:
		c.line(indent+1, c.of("stat: {path: \"{{ work }}/file0\", get_checksum: false}", "command: echo "+c.value(), "lineinfile: {path: \"{{ work }}/lines\", line: "+quoted(c.value())+", create: true}",
			"command: {cmd: echo made, creates: \"{{ work }}/file1\"}", "file: {path: \"{{ work }}/file2\", state: touch}"))
	}
	if looped {
		c.line(indent+1, c.of("loop: [a, b]", "with_items: [a, [b, c]]", "loop: "+quoted("{{ v0.stdout_lines | default(['x', 'y']) }}"), "loop: "+quoted("{{ range(2) | list }}")))
		if c.one(2) {
			c.line(indent+1, "loop_control: {label: "+quoted("the {{ item }}")+"}")
		}
	}
	if registers {
		c.line(indent+1, "register: "+c.register())
	}
	if c.one(2) {
		c.line(indent+1, "when: "+quoted(c.condition()))
	}
	for _, k := range []struct {
		often int
		text  string
	}{{6, "changed_when: " + c.of("false", "true", quoted(c.condition()))}, {6, "notify: handler " + strconv.Itoa(c.IntN(3))}, {9, "vars: {" + c.of("s0", "v1", "p0", "own") + ": " + c.of("shadow", "{rc: 7, stdout: shadow}") + "}"},
		{10, "environment: {MOOD: " + quoted(c.value()) + "}"}, {14, "no_log: true"}, {14, "delegate_to: h1"}, {16, "check_mode: true"}, {14, "run_once: true"}} {
		if c.one(k.often) {
			c.line(indent+1, k.text)
		}
	}
}
