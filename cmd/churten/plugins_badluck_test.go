package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// TestPythonPluginsBadLuck has plugins that do what no plugin should: each is a
// clear error that names plugin and cause, and the run goes on as it would
// after any other failed task.
func TestPythonPluginsBadLuck(t *testing.T) {
	python := peers(t)
	filter := func(body string) string {
		return "-- filter_plugins/f.py --\nimport os, sys, threading, time\ndef f(s):\n    " + strings.ReplaceAll(body, "\n", "\n    ") +
			"\nclass FilterModule:\n    def filters(self):\n        return {'f': f, 'fine': lambda s: 'fine ' + s}\n"
	}
	const play = "-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  tasks:\n" +
		"    - debug: msg={{ 'x' | f }}\n      ignore_errors: true\n    - debug: msg={{ 'x' | fine }}\n"
	routed := func(routing string) string {
		return "-- collections/ansible_collections/my/col/meta/runtime.yml --\nplugin_routing: {filter: {f: {" + routing + "}}}\n" +
			"-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: msg={{ 'x' | my.col.f }}\n      ignore_errors: true\n"
	}
	// Plugins of the kinds cliconf, terminal, httpapi and netconf are beside the play: they count through such connections alone.
	device := func(kind string) string {
		files := "-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  vars: {ansible_connection: ansible.netcommon." + kind + ", ansible_network_os: mine}\n  tasks:\n    - ping:\n"
		for _, dir := range []string{"cliconf", "terminal", "httpapi", "netconf"} {
			files += "-- " + dir + "_plugins/mine.py --\nraise RuntimeError('never loaded')\n"
		}
		return files
	}
	for _, c := range []struct {
		name, files string
		python      string // the directory that PATH begins with; "" for the reference's
		want        []string
		code        int
	}{
		{name: "sys.exit", files: filter("sys.exit(3)") + play, want: []string{"The filter plugin 'f' failed: the plugin called sys.exit(3)", `"msg": "fine x"`}},
		{name: "os._exit", files: filter("os._exit(3)") + play,
			want: []string{"The filter plugin 'f' failed: ", "which runs plugins, ended: exit status 3", `"msg": "fine x"`}},
		{name: "killed", files: filter("os.kill(os.getpid(), 9)") + play, want: []string{"which runs plugins, ended: signal: killed", `"msg": "fine x"`}},
		{name: "recursion", files: filter("return f(s)") + play, want: []string{"The filter plugin 'f' failed: maximum recursion depth exceeded", `"msg": "fine x"`}},
		{name: "closes its streams", files: filter("os.close(1); os.close(2)\nreturn s") + play, want: []string{`"msg": "x"`, `"msg": "fine x"`}},
		{name: "raises something odd", files: filter("raise KeyboardInterrupt('stop')") + play, want: []string{"The filter plugin 'f' failed: stop", `"msg": "fine x"`}},
		{name: "raises at import", files: "-- filter_plugins/f.py --\nraise RuntimeError('not today')\nf, fine = 1, 2\n" + play, code: 2,
			want: []string{"filter_plugins/f.py), cannot load: not today", "No filter named 'f'."}},
		{name: "no syntax", files: "-- filter_plugins/f.py --\ndef f(:\n  fine\n" + play, code: 2, want: []string{"filter_plugins/f.py), cannot load: ", "invalid syntax"}},
		{name: "two of one name", want: []string{`"msg": "first x"`, `"msg": "fine x"`},
			files: "-- filter_plugins/a.py --\nclass FilterModule:\n    def filters(self):\n        return {'f': lambda s: 'first ' + s, 'fine': lambda s: 'fine ' + s}\n" +
				"-- filter_plugins/b.py --\nclass FilterModule:\n    def filters(self):\n        return {'f': lambda s: 'second ' + s}\n" + play},
		{name: "Python without ansible", python: "bare", files: filter("return s") + play, code: 4,
			want: []string{"play.yml:4: the filter 'f' is in Python (", "bare/python3 has no ansible"}},
		{name: "broken Python", python: "broken", files: filter("return s") + play, code: 4,
			want: []string{"play.yml:4: the filter 'f' is in Python (", "broken/python3 cannot say where ansible is: exit status 7"}},
		{name: "no Python", python: "empty", files: filter("return s") + play, code: 4,
			want: []string{"play.yml:4: the filter 'f' is in Python (", "play.yml:6: the filter 'fine' is in Python (", "there is neither an ansible-playbook nor a python3 on PATH"}},
		{name: "forks", files: filter("if os.fork() == 0: os._exit(0)\nos.wait()\nreturn s") + play, want: []string{`"msg": "x"`, `"msg": "fine x"`}},
		{name: "changes directory", files: filter("os.chdir('/')\nreturn s") + play, want: []string{`"msg": "x"`, `"msg": "fine x"`}},
		{name: "prints", files: filter("print('loose words')\nreturn s") + play, want: []string{"errantly sent data directly to stdout instead of using Display", "loose words", `"msg": "x"`, `"msg": "fine x"`}},
		{name: "broken documentation", want: []string{`"msg": "fine x"`},
			files: filter("return s") + play + "-- filter_plugins/f.yml --\nDOCUMENTATION: [\n"},
		{name: "removed", files: routed("tombstone: {removal_version: 2.0.0, warning_text: use another}"),
			want: []string{"The filter plugin 'my.col.f' failed to load: The 'my.col.f' filter plugin has been removed. use another. This feature was removed from collection 'my.col' version 2.0.0."}},
		{name: "redirected to itself", files: routed("redirect: my.col.f"), want: []string{"The filter plugin 'my.col.f' failed to load: recursive collection redirect found for 'my.col.f'"}},
		{name: "redirected nowhere", files: routed("redirect: my.col.g"), want: []string{"No filter named 'my.col.f'."}},
		{name: "module without Python", python: "empty", code: 1, files: "-- library/m.py --\nfrom ansible.module_utils.basic import AnsibleModule\n" +
			"-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: msg=before\n    - m:\n",
			want: []string{"the module 'ansible.legacy.m' is ", "library/m.py, which is not native: it needs the module_utils of an ansible-core, and there is neither"}},
		{name: "an action for all hosts", want: []string{`"msg": "['a', 'b']"`, "b                          : ok=1"},
			files: "-- hosts --\na\nb\n-- ansible.cfg --\n[defaults]\ninventory = hosts\n-- action_plugins/all_hosts.py --\nfrom ansible.plugins.action import ActionBase\n\n\nclass ActionModule(ActionBase):\n" +
				"    BYPASS_HOST_LOOP = True\n\n    def run(self, tmp=None, task_vars=None):\n        return dict(msg=str(list(task_vars['ansible_play_hosts'])))\n" +
				"-- play.yml --\n- hosts: all\n  gather_facts: false\n  connection: local\n  tasks:\n    - all_hosts:\n      register: r\n    - debug: msg={{ r.msg | default('nothing') }}\n"},
		{name: "a network device", code: 2, want: []string{"the connection plugin 'network_cli' (", "connection_plugins/network_cli.py) is one for network devices, which churten does not manage"},
			files: "-- connection_plugins/network_cli.py --\nfrom ansible.errors import AnsibleError\nfrom ansible.plugins.connection import ConnectionBase\n\n\nclass Connection(ConnectionBase):\n" +
				"    transport = 'network_cli'\n\n    def __init__(self, *args, **kw):\n        raise AnsibleError('which device?')\n\n    def _connect(self): pass\n\n    def exec_command(self, *args): pass\n\n" +
				"    def put_file(self, *args): pass\n\n    def fetch_file(self, *args): pass\n\n    def close(self): pass\n" +
				"-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  vars: {ansible_connection: network_cli}\n  tasks:\n    - ping:\n"},
		{name: "a device by HTTP", code: 2, want: []string{"the connection 'ansible.netcommon.httpapi' is not supported by churten: it reaches devices that run no programs"},
			files: device("httpapi")},
		{name: "a device by NETCONF", code: 2, want: []string{"the connection 'ansible.netcommon.netconf' is not supported by churten: it reaches devices that run no programs"},
			files: device("netconf")},
		{name: "a device by its terminal", code: 2, want: []string{"the connection 'ansible.netcommon.network_cli' is not supported by churten: it reaches devices that run no programs"},
			files: device("network_cli")},
		{name: "native without Python", python: "empty", files: "-- play.yml --\n- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: msg={{ 'x' | upper }}\n" +
			"-- filter_plugins/f.py --\nclass FilterModule: pass\n", want: []string{`"msg": "X"`}},
		{name: "callback without Python", python: "empty", code: 1, files: play + "-- callback_plugins/c.py --\nclass CallbackModule: pass\n",
			want: []string{"callback_plugins/c.py is a callback plugin of yours, which ansible-playbook would load, and Python cannot load them: there is neither"}},
		{name: "callback that raises", want: []string{"Callback dispatch 'v2_playbook_on_start' failed for plugin 'c': no start", `"msg": "fine x"`},
			files: filter("return s") + play + "-- callback_plugins/c.py --\nfrom ansible.plugins.callback import CallbackBase\n\n\nclass CallbackModule(CallbackBase):\n" +
				"    CALLBACK_NAME = 'c'\n\n    def v2_playbook_on_start(self, playbook):\n        raise ValueError('no start')\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := site(t, c.files)
			path := python
			if c.python != "" {
				path = bare(t, dir, c.python)
			}
			code, got := runSite(t, dir, path, c.python == "")
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing", want)
				}
			}
			if t.Failed() {
				t.Log(got)
			}
		})
	}
}

func site(t *testing.T, files string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(files)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// bare makes a directory for PATH whose Python has no ansible ("bare"), is none
// ("broken"), or is not there ("empty").
func bare(t *testing.T, dir, kind string) string {
	t.Helper()
	bin := filepath.Join(dir, kind)
	if err := os.Mkdir(bin, 0o777); err != nil {
		t.Fatal(err)
	}
	text := map[string]string{"bare": "#!/bin/sh\nexec " + filepath.Join(peers(t), "python3") + ` -I -S "$@"` + "\n", "broken": "#!/bin/sh\nexit 7\n"}[kind]
	if text == "" {
		return bin
	}
	if err := os.WriteFile(filepath.Join(bin, "python3"), []byte(text), 0o777); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	return bin
}

// runSite runs play.yml in dir and gives all that it printed in one.
func runSite(t *testing.T, dir, path string, more bool) (int, string) {
	t.Helper()
	cmd := siteCommand(t, dir, path, more)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func siteCommand(t *testing.T, dir, path string, more bool) *exec.Cmd {
	t.Helper()
	churten, err := exec.LookPath("churten")
	if err != nil {
		t.Fatal(err)
	}
	if more {
		path += string(filepath.ListSeparator) + os.Getenv("PATH")
	}
	cmd := exec.CommandContext(t.Context(), churten, "playbook", "play.yml")
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + path, "HOME=" + t.TempDir(), "LANG=C.UTF-8", "ANSIBLE_NOCOLOR=1", "PYTHONDONTWRITEBYTECODE=1"}
	cmd.WaitDelay = 10 * time.Second
	return cmd
}
