package collection

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const project = `
-- coll/ansible_collections/my/coll/roles/one/tasks/main.yml --
-- coll/ansible_collections/my/coll/roles/sub/deep/tasks/main.yml --
-- coll/ansible_collections/my/coll/playbooks/pb.yml --
-- coll/ansible_collections/my/coll/playbooks/sub/other.yaml --
-- coll/ansible_collections/my/coll/plugins/modules/mod.py --
-- coll/ansible_collections/my/coll/plugins/modules/sub/mod.py --
-- coll/ansible_collections/my/coll/plugins/modules/win.ps1 --
-- coll/ansible_collections/my/coll/plugins/modules/win.md --
-- coll/ansible_collections/my/coll/plugins/modules/bin --
-- coll/ansible_collections/my/coll/plugins/filter/f.py --
-- coll/ansible_collections/my/coll/plugins/action/act.py --
-- coll/ansible_collections/my/coll/meta/runtime.yml --
requires_ansible: ">=2.14"
plugin_routing:
  modules:
    old: {redirect: my.coll.mod}
    short: {redirect: mod}
    dep: {redirect: my.coll.mod, deprecation: {removal_version: 3.0.0, warning_text: use mod}}
    dated: {deprecation: {removal_date: "2030-01-01"}, redirect: my.coll.mod}
    gone: {tombstone: {removal_version: 1.0.0, warning_text: use mod}}
    a: {redirect: my.coll.b}
    b: {redirect: my.coll.a}
    native: {redirect: ansible.builtin.copy}
    acted: {redirect: my.coll.mod}
    unacted: {redirect: my.coll.mod}
  action:
    acted: {redirect: my.coll.act}
    unacted: {redirect: my.coll.nowhere}
    tonative: {redirect: ansible.builtin.copy}
action_groups:
  grp: [mod, my.other.x]
  more:
    - metadata: {extend_group: [grp, more]}
    - win
-- play/collections/ansible_collections/my/near/roles/r/tasks/main.yml --
-- play/library/mine.py --
-- play/library/deep/er/inner.py --
-- play/library/copy.py --
-- play/library/_aged.py --
-- roles/x/library/ofrole.sh --
`

func unpack(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(project)).Files {
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

func TestFiles(t *testing.T) {
	dir := unpack(t)
	f := New([]string{filepath.Join(dir, "coll")}, filepath.Join(dir, "play"))
	my := filepath.Join(dir, "coll/ansible_collections/my/coll")
	check := func(what, want string) func(got string, ok bool) {
		return func(got string, ok bool) {
			t.Helper()
			if ok != (want != "") || ok && got != filepath.Join(my, want) {
				t.Errorf("%s: %q %v, want %q", what, got, ok, want)
			}
		}
	}
	check("role", "roles/one")(f.Role("my.coll", "one"))
	check("role below", "roles/sub/deep")(f.Role("my.coll", "sub.deep"))
	check("no role", "")(f.Role("my.coll", "two"))
	check("no collection", "")(f.Role("my.none", "one"))
	check("no name of a collection", "")(f.Role("../coll", "one"))
	check("playbook", "playbooks/pb.yml")(f.Playbook("my.coll.pb"))
	check("playbook with extension", "playbooks/pb.yml")(f.Playbook("my.coll.pb.yml"))
	check("playbook below", "playbooks/sub/other.yaml")(f.Playbook("my.coll.sub.other"))
	check("module", "plugins/modules/mod.py")(f.File(Modules, "my.coll.mod"))
	check("module below", "plugins/modules/sub/mod.py")(f.File(Modules, "my.coll.sub.mod"))
	check("PowerShell", "plugins/modules/win.ps1")(f.File(Modules, "my.coll.win"))
	check("binary", "plugins/modules/bin")(f.File(Modules, "my.coll.bin"))
	check("filter", "plugins/filter/f.py")(f.File(Filters, "my.coll.f"))
	check("no filter", "")(f.File(Filters, "my.coll.mod"))
	if got, ok := f.Role("my.near", "r"); !ok || got != filepath.Join(dir, "play/collections/ansible_collections/my/near/roles/r") {
		t.Errorf("beside the playbook: %q %v", got, ok)
	}
}

func TestResolve(t *testing.T) {
	dir := unpack(t)
	natives := []string{"ansible.builtin.copy", "ansible.builtin.file"}
	var told []string
	r := &Resolver{
		Finder:     New([]string{filepath.Join(dir, "coll")}, filepath.Join(dir, "play")),
		Library:    NewLibrary(filepath.Join(dir, "play/library")),
		Native:     func(name string) (string, bool) { return name, slices.Contains(natives, name) },
		Deprecated: func(d Deprecated) { told = append(told, d.Message()) },
	}
	r.AddDir(filepath.Join(dir, "roles/x"))
	for _, c := range []struct {
		name, collections string
		want, path, err   string
	}{
		{"file", "", "ansible.builtin.file", "", ""},
		{"ansible.legacy.file", "", "ansible.builtin.file", "", ""},
		{"copy", "", "ansible.legacy.copy", "play/library/copy.py", ""},
		{"copy", "ansible.builtin", "ansible.builtin.copy", "", ""},
		{"ansible.builtin.copy", "", "ansible.builtin.copy", "", ""},
		{"mine", "", "ansible.legacy.mine", "play/library/mine.py", ""},
		{"mine", "my.coll", "ansible.legacy.mine", "play/library/mine.py", ""},
		{"mine", "my.coll ansible.builtin", "", "", ""},
		{"ansible.builtin.mine", "", "", "", ""},
		{"inner", "", "ansible.legacy.inner", "play/library/deep/er/inner.py", ""},
		{"aged", "", "ansible.legacy.aged", "play/library/_aged.py", ""},
		{"ofrole", "", "ansible.legacy.ofrole", "roles/x/library/ofrole.sh", ""},
		{"mod", "", "", "", ""},
		{"mod", "my.coll", "my.coll.mod", "coll/ansible_collections/my/coll/plugins/modules/mod.py", ""},
		{"my.coll.old", "", "my.coll.mod", "coll/ansible_collections/my/coll/plugins/modules/mod.py", ""},
		{"my.coll.short", "", "my.coll.mod", "coll/ansible_collections/my/coll/plugins/modules/mod.py", ""},
		{"my.coll.dep", "", "my.coll.mod", "coll/ansible_collections/my/coll/plugins/modules/mod.py", ""},
		{"my.coll.dep", "", "my.coll.mod", "coll/ansible_collections/my/coll/plugins/modules/mod.py", ""},
		{"my.coll.dated", "", "my.coll.mod", "coll/ansible_collections/my/coll/plugins/modules/mod.py", ""},
		{"my.coll.native", "", "ansible.builtin.copy", "", ""},
		{"my.coll.acted", "", "my.coll.act", "coll/ansible_collections/my/coll/plugins/action/act.py", ""},
		{"my.coll.unacted", "", "my.coll.mod", "coll/ansible_collections/my/coll/plugins/modules/mod.py", ""},
		{"my.coll.tonative", "", "ansible.builtin.copy", "", ""},
		{"my.coll.gone", "", "", "", "The 'my.coll.gone' module has been removed. use mod. This feature was removed from collection 'my.coll' version 1.0.0."},
		{"my.coll.a", "", "", "", "plugin redirect loop resolving my.coll.a (path: ['my.coll.a', 'my.coll.b'])"},
		{"my.coll.nosuch", "", "", "", ""},
		{"{{ x }}", "", "", "", ""},
		{"", "", "", "", ""},
	} {
		found, err := r.Resolve(c.name, strings.Fields(c.collections))
		if err != nil || c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: error %v, want %q", c.name, err, c.err)
			}
			continue
		}
		if found == nil {
			if c.want != "" {
				t.Errorf("%s (%s): not found, want %s", c.name, c.collections, c.want)
			}
			continue
		}
		path := c.path
		if path != "" {
			path = filepath.Join(dir, path)
		}
		if found.FQCN != c.want || found.Path != path {
			t.Errorf("%s (%s): %s %s, want %s %s", c.name, c.collections, found.FQCN, found.Path, c.want, path)
		}
	}
	if found, err := r.Module("my.coll.acted", nil); err != nil || found == nil || found.FQCN != "my.coll.mod" {
		t.Errorf("the module behind a redirected action: %+v, %v", found, err)
	}
	want := []string{
		"my.coll.dep has been deprecated. use mod. This feature will be removed from collection 'my.coll' version 3.0.0.",
		"my.coll.dated has been deprecated. This feature will be removed from collection 'my.coll' in a release after 2030-01-01.",
	}
	if !slices.Equal(told, want) {
		t.Errorf("deprecations: %q", told)
	}
}

func TestGroups(t *testing.T) {
	dir := unpack(t)
	f := New([]string{filepath.Join(dir, "coll")}, "")
	for _, c := range []struct{ name, want string }{
		{"my.coll.grp", "my.coll.mod my.other.x"},
		{"my.coll.more", "my.coll.win my.coll.mod my.other.x"},
	} {
		got, ok := f.GroupMembers(c.name)
		if !ok || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q %v", c.name, got, ok)
		}
	}
	if _, ok := f.GroupMembers("my.coll.none"); ok {
		t.Error("a group that is not there was found")
	}
}

func TestBrokenRouting(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ansible_collections/a/b/meta/runtime.yml")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("plugin_routing: [\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	f := New([]string{dir}, "")
	if _, _, err := f.Find(Modules, "a.b.c", nil, nil); err == nil {
		t.Error("routing that is no YAML was taken")
	}
}

func TestBuiltinRouting(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "builtin.yml")
	text := "plugin_routing: {modules: {moved: {redirect: my.coll.mod}}}\naction_groups: {grp: [copy]}\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	f := New([]string{filepath.Join(unpack(t), "coll")}, "")
	f.SetBuiltin(path)
	r := &Resolver{Finder: f, Native: func(name string) (string, bool) { return name, false }}
	if got, ok := r.Action("moved", nil); !ok || got != "my.coll.mod" {
		t.Errorf("moved: %q %v", got, ok)
	}
	if got, ok := f.GroupMembers("ansible.builtin.grp"); !ok || !slices.Equal(got, []string{"ansible.builtin.copy"}) {
		t.Errorf("group: %q %v", got, ok)
	}
}

// Modules beside playbooks and in roles go before those of the configuration,
// in the order in which they were added.
func TestAddDir(t *testing.T) {
	dir := t.TempDir()
	for _, lib := range []string{"play/library", "role/library", "configured"} {
		if err := os.MkdirAll(filepath.Join(dir, lib), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range map[string][]string{"play/library": {"a"}, "role/library": {"a", "b"}, "configured": {"a", "b", "c"}}[lib] {
			if err := os.WriteFile(filepath.Join(dir, lib, name+".py"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := &Resolver{Library: NewLibrary(filepath.Join(dir, "configured"))}
	for _, of := range []string{"play", "role", "play"} {
		r.AddDir(filepath.Join(dir, of))
	}
	for name, want := range map[string]string{"a": "play/library/a.py", "b": "role/library/b.py", "c": "configured/c.py"} {
		if path, ok := r.Library.Module(name); !ok || path != filepath.Join(dir, want) {
			t.Errorf("%s: %s, want %s", name, path, want)
		}
	}
}
