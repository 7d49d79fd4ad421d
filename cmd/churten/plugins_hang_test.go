package main

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestPythonPluginHangs interrupts runs whose plugin never comes back: run and
// Python both end, in seconds. The plugin's file has hang() before it.
func TestPythonPluginHangs(t *testing.T) {
	python := peers(t)
	const (
		hang = "import os, time\n\n\ndef hang(*args, **kw):\n    with open('pid.new', 'w') as f:\n        f.write(str(os.getpid()))\n    os.rename('pid.new', 'pid')\n    time.sleep(300)\n\n\n"
		play = "-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  tasks:\n    - "
	)
	connection := func(body string) string {
		return "-- connection_plugins/c.py --\n" + hang + "from ansible.plugins.connection import ConnectionBase\n\n\nclass Connection(ConnectionBase):\n    transport = 'c'\n" +
			"    def _connect(self): pass\n    def exec_command(self, *args, **kw): return 1, b'', b''\n    def put_file(self, *args): pass\n    def fetch_file(self, *args): pass\n    def close(self): pass\n" +
			"    " + body + "\n-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  vars: {ansible_connection: c}\n  tasks:\n    - ping:\n"
	}
	callback := func(method string) string {
		return "-- callback_plugins/c.py --\n" + hang + "from ansible.plugins.callback import CallbackBase\n\n\nclass CallbackModule(CallbackBase):\n    CALLBACK_NAME = 'c'\n    " + method + " = hang\n" + play + "debug:\n"
	}
	for name, files := range map[string]string{
		"filter": "-- filter_plugins/f.py --\n" + hang + "class FilterModule:\n    def filters(self):\n        return {'f': hang}\n" + play + "debug: msg={{ 'x' | f }}\n",
		"no loop ends": "-- filter_plugins/f.py --\n" + hang + "def spin(s):\n    time.sleep = lambda s: None\n    hang()\n    while True:\n        pass\n\n\nclass FilterModule:\n    def filters(self):\n        return {'f': spin}\n" +
			play + "debug: msg={{ 'x' | f }}\n",
		"catches all": "-- filter_plugins/f.py --\n" + hang + "def stubborn(s):\n    while True:\n        try:\n            hang()\n        except BaseException:\n            pass\n\n\nclass FilterModule:\n    def filters(self):\n        return {'f': stubborn}\n" +
			play + "debug: msg={{ 'x' | f }}\n",
		"import":                 "-- filter_plugins/f.py --\n" + hang + "hang()\nf = 1\n" + play + "debug: msg={{ 'x' | f }}\n",
		"test":                   "-- test_plugins/f.py --\n" + hang + "class TestModule:\n    def tests(self):\n        return {'f': hang}\n" + play + "debug: msg={{ 'x' is f }}\n",
		"lookup":                 "-- lookup_plugins/f.py --\n" + hang + "from ansible.plugins.lookup import LookupBase\n\n\nclass LookupModule(LookupBase):\n    run = hang\n" + play + "debug: msg={{ lookup('f') }}\n",
		"with":                   "-- lookup_plugins/f.py --\n" + hang + "from ansible.plugins.lookup import LookupBase\n\n\nclass LookupModule(LookupBase):\n    run = hang\n" + play + "debug:\n      with_f: [1]\n",
		"action":                 "-- action_plugins/f.py --\n" + hang + "from ansible.plugins.action import ActionBase\n\n\nclass ActionModule(ActionBase):\n    run = hang\n" + play + "f:\n",
		"action in a loop":       "-- action_plugins/f.py --\n" + hang + "from ansible.plugins.action import ActionBase\n\n\nclass ActionModule(ActionBase):\n    run = hang\n" + play + "f:\n      loop: [1, 2]\n      ignore_errors: true\n    - f:\n",
		"callback at the start":  callback("v2_playbook_on_start"),
		"callback of a task":     callback("v2_playbook_on_task_start"),
		"callback of a result":   callback("v2_runner_on_ok"),
		"callback at the end":    callback("v2_playbook_on_stats"),
		"callback as it is made": callback("__init__"),
		"connection's command":   connection("exec_command = hang"),
		"become": "-- become_plugins/b.py --\n" + hang + "from ansible.plugins.become import BecomeBase\n\n\nclass BecomeModule(BecomeBase):\n    name = 'b'\n    build_become_command = hang\n" +
			play + "ping:\n      become: true\n      become_method: b\n",
		"inventory": "-- inventory_plugins/i.py --\n" + hang + "from ansible.plugins.inventory import BaseInventoryPlugin\n\n\nclass InventoryModule(BaseInventoryPlugin):\n    NAME = 'i'\n    parse = hang\n" +
			"-- i.yml --\nplugin: i\n-- ansible.cfg --\n[defaults]\ninventory = i.yml\n" + play + "debug:\n",
		"vars": "-- vars_plugins/v.py --\n" + hang + "from ansible.plugins.vars import BaseVarsPlugin\n\n\nclass VarsModule(BaseVarsPlugin):\n    get_vars = hang\n" + play + "debug:\n",
		"cache": "-- cache_plugins/c.py --\n" + hang + "from ansible.plugins.cache import BaseCacheModule\n\n\nclass CacheModule(BaseCacheModule):\n    contains = get = keys = set = delete = flush = copy = hang\n" +
			"-- ansible.cfg --\n[defaults]\nfact_caching = c\nfact_caching_connection = here\n" + play + "set_fact: {a: 1, cacheable: true}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			interrupted(t, site(t, files), python)
		})
	}
}

// interrupted runs play.yml until something has left its process id in the file
// pid, interrupts the run, and has both end.
func interrupted(t *testing.T, dir, python string) {
	t.Helper()
	cmd := siteCommand(t, dir, python, true)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var pid []byte
	for len(pid) == 0 {
		select {
		case err := <-ended:
			t.Fatalf("the plugin was never called: %v\n%s", err, out.String())
		case <-t.Context().Done():
			t.Fatal("the plugin was never called")
		case <-time.After(20 * time.Millisecond):
			pid, _ = os.ReadFile(filepath.Join(dir, "pid"))
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute): // seconds, on a machine that is not busy
		_ = cmd.Process.Kill()
		<-ended
		t.Errorf("still there a minute after the signal:\n%s", out.String())
	}
	if code := cmd.ProcessState.ExitCode(); code != 99 {
		t.Errorf("exit %d, want 99:\n%s", code, out.String())
	}
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) { // it hears of the run's end by its pipes
		if _, err := os.Stat("/proc/" + string(pid)); err != nil {
			return
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("Python (%s) is still there", pid)
		}
	}
}
