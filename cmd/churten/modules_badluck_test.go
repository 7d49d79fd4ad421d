package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// misbehaving is a module of the site's that does what no module should.
const misbehaving = `-- library/mine.py --
#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
import os, sys, threading, time


def main():
    m = AnsibleModule(argument_spec=dict(how=dict(default='fine')))
    how = m.params['how']
    if how == 'hang':
        with open(os.environ['PIDFILE'] + '.new', 'w') as f:
            f.write(str(os.getpid()))
        os.rename(os.environ['PIDFILE'] + '.new', os.environ['PIDFILE'])
        time.sleep(300)
    if how == 'server':
        os.kill(os.getppid(), 9)
        time.sleep(300)
    if how == 'signal':
        os.kill(os.getpid(), 9)
    if how == 'closes':
        os.close(1), os.close(2)
        os._exit(5)
    if how == 'flood':
        for i in range(120):
            os.write(1, b'x' * (1 << 20))
    if how == 'spoils':
        os.chdir('/'), os.umask(0o777)
        os.environ['SPOILT'] = 'yes'
        threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
    if how == 'noise':
        os.write(1, b'before\n')
    m.exit_json(cwd=os.getcwd() == '/', umask=oct(os.umask(0)), spoilt=os.environ.get('SPOILT', 'no'), threads=threading.active_count())


main()
`

// TestPythonModulesBadLuck has modules that do what they should not: each is an
// error of its task that says what happened, and the next task is fine.
func TestPythonModulesBadLuck(t *testing.T) {
	python := peers(t)
	const after = "\n      ignore_errors: true\n    - mine:\n      register: r\n    - debug: msg=\"cwd {{ r.cwd }} spoilt {{ r.spoilt }} threads {{ r.threads }}\"\n"
	for _, c := range []struct{ how, keywords, want string }{
		{"server", "", `"rc": 137`},
		{"signal", "", `"rc": 137`},
		{"closes", "", `"rc": 5`},
		{"flood", "", "printed more than 100 MiB and was ended"},
		{"spoils", "", "ok: [localhost]"},
		{"noise", "", "ok: [localhost]"},
		{"hang", "\n      timeout: 1\n      environment: {PIDFILE: pid}", "Timed out after 1 second(s)."},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			dir := site(t, misbehaving+"-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  tasks:\n    - mine: {how: "+c.how+"}"+c.keywords+after)
			code, got := runSite(t, dir, python, true)
			if code != 0 || !strings.Contains(got, c.want) || !strings.Contains(got, `"msg": "cwd False spoilt no threads 1"`) {
				t.Errorf("exit %d, want 0 and %q and a fine task after it:\n%.4000s", code, c.want, got)
			}
		})
	}
}

// TestBadInterpreters has hosts without Python, with what is none, and with one
// that is too old: each fails for itself, with what it is named in the error.
func TestBadInterpreters(t *testing.T) {
	python := peers(t)
	dir := site(t, misbehaving+`-- play.yml --
- hosts: all
  gather_facts: false
  tasks:
    - mine:
    - debug: msg="{{ inventory_hostname }} goes on"
-- broken --
#!/bin/sh
exit 7
-- words --
#!/bin/sh
echo Python 2.3.4
-- old --
#!/bin/sh
echo '  File "<string>", line 3' >&2
echo 'SyntaxError: invalid syntax' >&2
exit 1
-- killed --
#!/bin/sh
kill -9 $$
-- hosts --
fine ansible_python_interpreter={{ansible_playbook_python}}
none ansible_python_interpreter=/no/such/python
broken ansible_python_interpreter={{playbook_dir}}/broken
words ansible_python_interpreter={{playbook_dir}}/words
old ansible_python_interpreter={{playbook_dir}}/old
killed ansible_python_interpreter={{playbook_dir}}/killed
[all:vars]
ansible_connection=local
-- ansible.cfg --
[defaults]
inventory = hosts
`)
	for _, name := range []string{"broken", "words", "old", "killed"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o700); err != nil { //nolint:gosec // it is a program
			t.Fatal(err)
		}
	}
	code, got := runSite(t, dir, python, true)
	if code != 2 {
		t.Errorf("exit %d, want 2", code)
	}
	for _, want := range []string{
		`"msg": "fine goes on"`,
		"The module interpreter '/no/such/python' was not found.",
		"/broken is no Python that works: it ended (exit status 7) before it read the module",
		"/words is no Python that works: it ended (exit status 0) before it read the module",
		`Python 2.3.4\n`,
		"/old is no Python that works: it ended (exit status 1) before it read the module",
		"SyntaxError: invalid syntax",
		"/killed is no Python that works: it ended (",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, host := range []string{"none", "broken", "words", "old", "killed"} {
		if !strings.Contains(got, "fatal: ["+host+"]: FAILED!") || strings.Contains(got, `"msg": "`+host+` goes on"`) {
			t.Errorf("%s did not fail alone", host)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// TestPythonModuleHangs interrupts a run whose module never comes back: both end.
func TestPythonModuleHangs(t *testing.T) {
	python := peers(t)
	dir := site(t, misbehaving+"-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  tasks:\n    - mine: {how: hang}\n      environment: {PIDFILE: \"{{ playbook_dir }}/pid\"}\n")
	interrupted(t, dir, python)
}
