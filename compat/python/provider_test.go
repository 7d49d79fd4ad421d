package python

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/modules/kit/module"
)

// project has a tiny ansible-core, so that these tests need no other.
const project = `
-- site/ansible/release.py --
__version__ = '2.19.99'
-- site/ansible/module_utils/__init__.py --
-- site/ansible/module_utils/basic.py --
from ansible.module_utils.common.text import converters
-- site/ansible/module_utils/common/__init__.py --
-- site/ansible/module_utils/common/text/__init__.py --
-- site/ansible/module_utils/common/text/converters.py --
-- site/ansible/module_utils/urls.py --
from ansible.module_utils.six.moves import x
-- site/ansible/module_utils/six/__init__.py --
-- site/ansible/config/ansible_builtin_runtime.yml --
plugin_routing: {module_utils: {gone: {redirect: my.col.moved}}}
-- coll/ansible_collections/my/col/plugins/module_utils/moved.py --
from . import other
-- coll/ansible_collections/my/col/meta/runtime.yml --
plugin_routing:
  module_utils:
    dead: {tombstone: {removal_version: 2.0.0, warning_text: use another}}
    lost: {redirect: no.col.util}
    bad: {redirect: nowhere}
    old: {deprecation: {removal_version: 9.0.0, warning_text: use another}, redirect: my.col.moved}
-- library/dead.py --
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.my.col.plugins.module_utils import dead
-- library/lost.py --
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.my.col.plugins.module_utils import lost
-- library/nocol.py --
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.no.col.plugins.module_utils.util import thing
-- library/bad.py --
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.my.col.plugins.module_utils import bad
-- library/old.py --
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.my.col.plugins.module_utils import old
-- coll/ansible_collections/my/col/plugins/module_utils/other.py --
-- coll/ansible_collections/my/col/plugins/modules/m.py --
from ansible.module_utils.basic import AnsibleModule
from ..module_utils import other
-- coll/ansible_collections/my/col/plugins/module_utils/bare/part.py --
-- coll/ansible_collections/my/col/plugins/modules/n.py --
from ansible.module_utils.basic import AnsibleModule
from ..module_utils.bare.part import thing
-- module_utils/bare/part.py --
-- library/bare.py --
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.bare.part import thing
-- library/urls.py --
from ansible.module_utils.basic import AnsibleModule
def f():
    from ansible.module_utils.urls import open_url
-- library/gone.py --
from ansible.module_utils import gone
-- library/optional.py --
from ansible.module_utils.basic import AnsibleModule
try:
    from ansible.module_utils import nosuch
except ImportError:
    pass
-- library/missing.py --
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.nosuch import thing
-- library/own.py --
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.mine import thing
-- module_utils/mine.py --
-- library/script --
#!/usr/bin/python
print(1)
-- library/none --
no interpreter
`

func provider(t *testing.T) (*Provider, string) {
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
	in, err := openInstall("python3", filepath.Join(dir, "site", "ansible"))
	if err != nil {
		t.Fatal(err)
	}
	finder := collection.New([]string{filepath.Join(dir, "coll")}, "")
	finder.SetBuiltin(in.Routing())
	p := &Provider{Finder: finder, Install: func(context.Context) (*Install, error) { return in, nil }}
	p.AddDir(dir)
	return p, dir
}

// files are the paths in a part.
func files(t *testing.T, b *module.Blob) []string {
	t.Helper()
	r, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var h struct{ Files [][2]any }
	line, body, _ := strings.Cut(string(text), "\n")
	if err := json.Unmarshal([]byte(line), &h); err != nil {
		t.Fatal(err)
	}
	size := 0
	var out []string
	for _, f := range h.Files {
		out = append(out, strings.TrimPrefix(f[0].(string), "ansible/module_utils/"))
		size += int(f[1].(float64))
	}
	if size != len(body) {
		t.Errorf("%d bytes of files, %d announced", len(body), size)
	}
	return out
}

func TestBundles(t *testing.T) {
	p, dir := provider(t)
	for _, c := range []struct{ fqcn, path, fqn, own, err string }{
		{"ansible.legacy.urls", "library/urls.py", "ansible.legacy.urls", "ansible/legacy/__init__.py ansible/legacy/urls.py six/__init__.py urls.py", ""},
		{"ansible.legacy.optional", "library/optional.py", "ansible.legacy.optional", "ansible/legacy/__init__.py ansible/legacy/optional.py", ""},
		{"ansible.legacy.own", "library/own.py", "ansible.legacy.own", "ansible/legacy/__init__.py ansible/legacy/own.py mine.py", ""},
		{"ansible.legacy.gone", "library/gone.py", "ansible.legacy.gone", "ansible/legacy/__init__.py ansible/legacy/gone.py gone/__init__.py " +
			"COL/../../__init__.py COL/../__init__.py COL/__init__.py COL/plugins/__init__.py COL/plugins/module_utils/__init__.py COL/plugins/module_utils/moved.py COL/plugins/module_utils/other.py", ""},
		{"my.col.m", "coll/ansible_collections/my/col/plugins/modules/m.py", "ansible_collections.my.col.plugins.modules.m",
			"COL/../../__init__.py COL/../__init__.py COL/__init__.py COL/plugins/__init__.py COL/plugins/module_utils/__init__.py COL/plugins/module_utils/other.py COL/plugins/modules/__init__.py COL/plugins/modules/m.py", ""},
		// A package without __init__.py is one in a collection only.
		{"my.col.n", "coll/ansible_collections/my/col/plugins/modules/n.py", "ansible_collections.my.col.plugins.modules.n",
			"COL/../../__init__.py COL/../__init__.py COL/__init__.py COL/plugins/__init__.py COL/plugins/module_utils/__init__.py COL/plugins/module_utils/bare/__init__.py " +
				"COL/plugins/module_utils/bare/part.py COL/plugins/modules/__init__.py COL/plugins/modules/n.py", ""},
		{"ansible.legacy.bare", "library/bare.py", "", "", "Could not find imported module support code for ansible.legacy.bare. Looked for (['ansible.module_utils.bare'])"},
		{"ansible.legacy.missing", "library/missing.py", "", "", "Could not find imported module support code for ansible.legacy.missing. Looked for (['ansible.module_utils.nosuch.thing', 'ansible.module_utils.nosuch'])"},
		{"ansible.legacy.dead", "library/dead.py", "", "", "module_util ansible_collections.my.col.plugins.module_utils.dead has been removed (use another). " +
			"This feature was removed from collection 'my.col' version 2.0.0."},
		{"ansible.legacy.lost", "library/lost.py", "", "", "error processing module_util ansible_collections.no.col.plugins.module_utils.util loading redirected collection no.col: unable to locate collection no.col"},
		{"ansible.legacy.nocol", "library/nocol.py", "", "", "error processing module_util ansible_collections.no.col.plugins.module_utils.util.thing loading redirected collection no.col: unable to locate collection no.col"},
		{"ansible.legacy.bad", "library/bad.py", "", "", "invalid redirect for ansible_collections.my.col.plugins.module_utils.bad: nowhere"},
		{"ansible.legacy.none", "library/none", "", "", "module (none) is missing interpreter line"},
	} {
		p.Add(c.fqcn, filepath.Join(dir, c.path))
		m, err := p.Module(t.Context(), c.fqcn)
		if err != nil || c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: %v, want %s", c.fqcn, err, c.err)
			}
			continue
		}
		want := strings.Fields(strings.NewReplacer("COL/../../", "ansible_collections/", "COL/../", "ansible_collections/my/", "COL/", "ansible_collections/my/col/").Replace(c.own))
		got := files(t, &m.Parts[1])
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || m.FQN != c.fqn {
			t.Errorf("%s (%s):\n%v\nwant\n%v", c.fqcn, m.FQN, got, want)
		}
		common := files(t, &m.Parts[0])
		if want := []string{"ansible/__init__.py", "__init__.py", "basic.py", "common/__init__.py", "common/text/__init__.py", "common/text/converters.py"}; !slices.Equal(common, want) {
			t.Errorf("common: %v, want %v", common, want)
		}
	}
}

// A module_util that is to go away is told, in the reference's words.
func TestDeprecatedUtil(t *testing.T) {
	p, dir := provider(t)
	var told []string
	p.Deprecated = func(msg string) { told = append(told, msg) }
	p.Add("ansible.legacy.old", filepath.Join(dir, "library/old.py"))
	if _, err := p.Module(t.Context(), "ansible.legacy.old"); err != nil {
		t.Fatal(err)
	}
	const want = "module_util ansible_collections.my.col.plugins.module_utils.old has been removed (use another). This feature will be removed from collection 'my.col' version 9.0.0."
	if len(told) != 1 || told[0] != want {
		t.Errorf("%q, want %q", told, want)
	}
}

func TestScript(t *testing.T) {
	p, dir := provider(t)
	p.Add("ansible.legacy.script", filepath.Join(dir, "library/script"))
	m, err := p.Module(t.Context(), "ansible.legacy.script")
	if err != nil || m.Interpreter != "/usr/bin/python" || len(m.Parts) != 1 {
		t.Fatalf("%+v %v", m, err)
	}
	r, err := m.Parts[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(r); string(text) != "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nprint(1)\n" {
		t.Errorf("%q", text)
	}
}

func TestOldInstall(t *testing.T) {
	_, dir := provider(t)
	release := filepath.Join(dir, "site/ansible/release.py")
	if err := os.WriteFile(release, []byte("__version__ = '2.9.27'\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openInstall("python3", filepath.Dir(release)); err == nil || !strings.Contains(err.Error(), "ansible-core 2.9.27") {
		t.Error(err)
	}
	if _, err := FindInstall(t.Context(), filepath.Join(dir, "no/python")); err == nil {
		t.Error("an interpreter that is not there has an ansible")
	}
}
