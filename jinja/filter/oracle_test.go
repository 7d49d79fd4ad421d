package filter_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/filter/ansibleutils"
	"github.com/churten/churten/jinja/filter/community"
	"github.com/churten/churten/jinja/filter/controller"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/vault"
)

// TestOracle replays what testdata/record.py recorded from the reference:
// value, type, error and its words for every case.
func TestOracle(t *testing.T) {
	tmp := scratch(t)
	setEnvironment(t)
	vars := loadContext(t)
	differs := loadDiffers(t)
	paths, err := filepath.Glob("testdata/oracle/*.json")
	if err != nil || len(paths) < 15 {
		t.Fatalf("%d recordings, %v", len(paths), err)
	}
	collections, err := filepath.Glob("testdata/collections/oracle/*.json")
	if err != nil || len(collections) < 10 {
		t.Fatalf("%d recordings of collections, %v", len(collections), err)
	}
	paths = append(paths, collections...)
	for _, path := range paths {
		cases, _ := readJSON(t, path).GetStr("cases")
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			for _, c := range cases.(*value.List).Items {
				replay(t, c.(*value.Dict), vars, tmp, differs)
			}
		})
	}
	for src, used := range differs {
		if !used {
			t.Errorf("testdata/differs.txt: no case, or no difference: %s", src)
		}
	}
}

// TestNames: there is every filter and test of Jinja2 and of ansible.builtin,
// under its short name and its full one.
func TestNames(t *testing.T) {
	names := readJSON(t, "testdata/names.json")
	env := environment(nil)
	for kind, has := range map[string]func(string) *expr.Func{"filter": env.Filter, "test": env.Test} {
		all, _ := names.GetStr(kind)
		for _, v := range all.(*value.List).Items {
			name := value.Text(v)
			for _, n := range []string{name, strings.TrimPrefix(name, "ansible.builtin.")} {
				if has(n) == nil {
					t.Errorf("no %s %s", kind, n)
				}
			}
		}
	}
}

func readJSON(t *testing.T, path string) *value.Dict {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(string(b))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v.(*value.Dict)
}

// loadDiffers reads the cases in which churten means to differ; why stands above them.
func loadDiffers(t *testing.T) map[string]bool {
	b, err := os.ReadFile("testdata/differs.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasPrefix(line, "# ") {
			out[line] = false
		}
	}
	return out
}

// scratch makes the files that record.py makes.
func scratch(t *testing.T) string {
	tmp := t.TempDir()
	files := map[string]string{"file": "content\n", "a.txt": "a", "b.txt": "b", "dir/a1.conf": "", "dir/b2.conf": "",
		"dir/c3.conf": "", "vaulted": "$ANSIBLE_VAULT;1.1;AES256\n3030\n"}
	if err := os.Mkdir(tmp+"/dir", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(tmp, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link": "file", "dangling": "missing"} {
		if err := os.Symlink(target, filepath.Join(tmp, link)); err != nil {
			t.Fatal(err)
		}
	}
	return tmp
}

func setEnvironment(t *testing.T) {
	t.Setenv("HOME", "/home/oracle")
	t.Setenv("ORACLE_VAR", "value")
	t.Setenv("NOPE", "")
	os.Unsetenv("NOPE")
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
}

func loadContext(t *testing.T) expr.Vars {
	vars := expr.Vars{}
	for k, v := range readJSON(t, "testdata/context.json").All() {
		vars[value.Text(k)] = withTemplates(t, v)
	}
	return vars
}

// withTemplates compiles the strings with {{ in v, as a loader does.
func withTemplates(t *testing.T, v value.Value) value.Value {
	switch c := v.(type) {
	case value.Str:
		if !strings.Contains(string(c), "{{") {
			return v
		}
		tmpl, err := expr.CompileTemplate(string(c), source.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		return tmpl
	case *value.Dict:
		out := value.NewDict(c.Len())
		for k, item := range c.All() {
			out.Set(k, withTemplates(t, item))
			out.Lazy = out.Lazy || lazy(out, k)
		}
		return out
	case *value.List:
		out := &value.List{}
		for _, item := range c.Items {
			item = withTemplates(t, item)
			_, isTemplate := item.(*expr.Template)
			out.Lazy = out.Lazy || isTemplate || value.IsLazy(item)
			out.Items = append(out.Items, item)
		}
		return out
	}
	return v
}

func lazy(d *value.Dict, k value.Value) bool {
	v, _ := d.Get(k)
	_, isTemplate := v.(*expr.Template)
	return isTemplate || value.IsLazy(v)
}

var (
	allFilters = sync.OnceValue(func() expr.Funcs {
		return merged(filter.All, controller.Filters, community.Filters, ansibleutils.Filters)
	})
	allTests = sync.OnceValue(func() expr.Funcs {
		return merged(test.All, controller.Tests, community.Tests, ansibleutils.Tests)
	})
)

func environment(warn func(string)) *expr.Env {
	return &expr.Env{
		Filters: allFilters(), Tests: allTests(), Globals: expr.Globals(), Controller: vaults{},
		Warn: func(_ *expr.Ctx, msg string) { warn(msg) },
	}
}

// vaults stands in for the controller of a run.
type vaults struct{}

func (vaults) VaultEncrypt(plain, password []byte, id string, salt []byte) (string, error) {
	secret := vault.Secret{ID: id, Password: password}
	if salt == nil {
		b, err := vault.Encrypt(plain, secret)
		return string(b), err
	}
	b, err := vault.EncryptSalted(plain, secret, salt)
	return string(b), err
}

func (vaults) VaultDecrypt(text string, password []byte, id string) ([]byte, error) {
	return (&vault.Secrets{List: []vault.Secret{{ID: id, Password: password}}}).Decrypt([]byte(text))
}

func merged(all ...expr.Funcs) expr.Funcs {
	out := expr.Funcs{}
	for _, fs := range all {
		for name, f := range fs {
			out[name] = f
		}
	}
	return out
}

// privateNames are those of the reference's own classes for lists, dicts and
// tuples in variables; churten says list, dict and tuple.
var privateNames = regexp.MustCompile(`(ansible\._internal\._templating\._lazy_containers\.)?_AnsibleLazy(Template|Access)(List|Dict|Tuple)`)

func publicNames(s string) string {
	return privateNames.ReplaceAllStringFunc(s, func(s string) string {
		return strings.ToLower(privateNames.FindStringSubmatch(s)[3])
	})
}

func str(d *value.Dict, key string) string {
	v, _ := d.GetStr(key)
	s, _ := v.(value.Str)
	return string(s)
}

func replay(t *testing.T, c *value.Dict, vars expr.Scope, tmp string, differs map[string]bool) {
	src := str(c, "expr")
	var warnings []string
	v, err := eval(strings.ReplaceAll(src, "@TMP@", tmp), vars, environment(func(s string) { warnings = append(warnings, s) }))
	var problem string
	wantErr := publicNames(str(c, "error"))
	if err != nil {
		if got := asTemplate(strings.ReplaceAll(err.Error(), tmp, "@TMP@")); got != wantErr {
			problem = "error  " + got + "\n  want " + wantErr + str(c, "repr")
		}
	} else {
		got := v.Type() + " " + strings.ReplaceAll(value.Repr(v), tmp, "@TMP@")
		if want := str(c, "type") + " " + str(c, "repr"); wantErr != "" || got != want {
			problem = "gives  " + got + "\n  want " + want + wantErr
		}
	}
	if problem == "" {
		problem = warningsDiffer(c, warnings)
	}
	if _, ok := differs[src]; ok {
		differs[src] = problem != ""
		return
	}
	if problem != "" {
		t.Errorf("%s\n  %s", src, problem)
	}
}

// warningsDiffer compares the warnings; those of finalizing results are not
// the filters', those of orig_exc are for the authors of a collection. The same
// warning is shown once, however often it is given.
func warningsDiffer(c *value.Dict, got []string) string {
	var want []string
	all, _ := c.GetStr("warnings")
	if l, ok := all.(*value.List); ok {
		for _, w := range l.Items {
			if !strings.Contains(value.Text(w), "is unsupported in variable storage") && !strings.Contains(value.Text(w), "`orig_exc`") {
				want = append(want, publicNames(value.Text(w)))
			}
		}
	}
	g, w := strings.Join(slices.Compact(got), "\n"), strings.Join(slices.Compact(want), "\n")
	if g == w {
		return ""
	}
	return "warns  " + g + "\n  want " + w
}

// asTemplate words the errors of a bare expression as those of a template, which
// is what was recorded.
func asTemplate(msg string) string {
	return strings.NewReplacer("Syntax error in expression:", "Syntax error in template:", "Error rendering expression:", "Error rendering template:").Replace(msg)
}

func eval(src string, vars expr.Scope, env *expr.Env) (value.Value, error) {
	x, err := expr.CompileExpr(src, source.Pos{})
	if err != nil {
		return nil, err
	}
	v, err := x.Eval(expr.NewCtx(nil, env, vars))
	if err != nil {
		return nil, err
	}
	return expr.Finalize(v)
}
