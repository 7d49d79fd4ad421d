package playbook

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/churten/churten/jinja/source"
)

// project writes the files of an archive and gives a Loader for them.
func project(t testing.TB, archive string) (*Loader, string) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var warnings bytes.Buffer
	return New(testOptions(dir, &warnings)), dir
}

// The reference ends these with an error of Python about its recursion, or
// without a place; here the place is named.
func TestOwnErrors(t *testing.T) {
	for _, c := range []struct{ name, archive, want string }{
		{"a file that imports itself", "-- site.yml --\n- hosts: a\n  tasks:\n    - import_tasks: t.yml\n-- t.yml --\n- import_tasks: t.yml\n- import_tasks: t.yml\n",
			"t.yml:1:3: 'DIR/t.yml' imports itself"},
		{"a playbook that imports itself", "-- site.yml --\n- import_playbook: site.yml\n", "playbook 'DIR/site.yml' imports itself"},
		{"a role that imports itself", "-- site.yml --\n- hosts: a\n  roles: [r]\n-- roles/r/tasks/main.yml --\n- import_role: {name: r}\n",
			"main.yml:1:23: the role 'r' imports itself"},
		{"a text among tasks", "-- site.yml --\n- hosts: a\n  tasks:\n    - foo\n",
			"site.yml:3:7: A malformed block was encountered while loading a block: The ds (['foo']) should be a dict but was a <class 'list'>"},
		{"end_role in a handler", "-- site.yml --\n- hosts: a\n  handlers:\n    - meta: end_role\n", "site.yml:3:7: Cannot execute 'end_role' from a handler"},
		{"several errors", "-- site.yml --\n- hosts: a\n  tasks:\n    - nosuch:\n    - debug:\n      become_users: x\n- foo: bar\n",
			"site.yml:3:7: couldn't resolve module/action 'nosuch'. This often indicates a misspelling, missing collection, or incorrect module path.|" +
				"site.yml:4:7: conflicting action statements: debug, become_users|site.yml:6:3: 'foo' is not a valid attribute for a Play"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, dir := project(t, c.archive)
			_, err := l.Load(filepath.Join(dir, "site.yml"))
			var es source.Errors
			if !errors.As(err, &es) {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, e := range es {
				got = append(got, e.Error())
			}
			text := strings.ReplaceAll(strings.Join(got, "|"), dir, "DIR")
			for _, want := range strings.Split(c.want, "|") {
				if !strings.Contains(text, want) {
					t.Errorf("got %q\nwant %q", text, want)
				}
			}
		})
	}
}

// A role may import its own other task files.
func TestRoleImportsOwnFiles(t *testing.T) {
	l, dir := project(t, "-- site.yml --\n- hosts: a\n  roles: [r]\n-- roles/r/tasks/main.yml --\n- import_role: {name: r, tasks_from: other}\n-- roles/r/tasks/other.yml --\n- name: other\n  debug:\n")
	pb, err := l.Load(filepath.Join(dir, "site.yml"))
	if err != nil {
		t.Fatal(err)
	}
	tasks := listed(nil, pb.Plays[0].Blocks, ListOptions{})
	if len(tasks) != 1 || TaskName(tasks[0]) != "r : other" {
		t.Errorf("tasks: %v", tasks)
	}
}

// Uses of a role with equal parameters are one role for run-once, others are not.
func TestRoleIdentity(t *testing.T) {
	l, dir := project(t, `-- site.yml --
- hosts: a
  roles: [r, {role: r}, {role: r, x: 1}, {role: r, x: 1}, {role: r, x: 2}, {role: r, tags: t}, {role: r, when: w}]
-- roles/r/tasks/main.yml --
- debug:
`)
	pb, err := l.Load(filepath.Join(dir, "site.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []int
	for _, r := range pb.Plays[0].Roles {
		ids = append(ids, r.ID)
	}
	same := func(i, j int) bool { return ids[i] == ids[j] }
	if !same(0, 1) || !same(2, 3) || same(0, 2) || same(2, 4) || same(0, 5) || same(0, 6) {
		t.Errorf("ids %v", ids)
	}
}

// What include_tasks brings in while running has the include's surroundings,
// what it applies and its variables, but not its own keywords.
func TestIncludeWhileRunning(t *testing.T) {
	l, dir := project(t, `-- site.yml --
- hosts: a
  tasks:
    - block:
        - include_tasks: sub/t.yml
          args: {apply: {tags: applied, nosuch: 1}}
        - include_tasks: gone.yml
-- sub/t.yml --
- debug:
`)
	pb, err := l.Load(filepath.Join(dir, "site.yml"))
	if err != nil {
		t.Fatal(err)
	}
	tasks := listed(nil, pb.Plays[0].Blocks, ListOptions{})
	for i, want := range []string{"'nosuch' is not a valid attribute for a Block", "Could not find or access '" + filepath.Join(dir, "gone.yml") + "' on the Ansible Controller."} {
		_, err := l.IncludeTasks(Include{Task: tasks[i], Play: pb.Plays[0], Args: tasks[i].Args})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("include %d: error %v, want %q", i, err, want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	tasks := strings.Repeat("- name: task {{ x }}\n  copy: {src: a, dest: \"/b/{{ item }}\", mode: \"0644\"}\n  when: a == 'b' and c is defined\n  loop: [1, 2]\n  tags: [t]\n", 1000)
	_, dir := project(b, "-- site.yml --\n- hosts: a\n  tasks:\n    - import_tasks: t.yml\n-- t.yml --\n"+tasks)
	b.ReportAllocs()
	for b.Loop() {
		var warnings bytes.Buffer
		if _, err := New(testOptions(dir, &warnings)).Load(filepath.Join(dir, "site.yml")); err != nil {
			b.Fatal(err)
		}
	}
}
