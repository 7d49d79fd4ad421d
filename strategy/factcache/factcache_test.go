package factcache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

func open(t *testing.T, name string, o Options) *Cache {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "facts")
	}
	c, err := Open(name, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var facts = value.DictOf("ansible_env", value.DictOf("A", value.Str("ü\n")), "list", value.NewList(value.Int(1), value.None, value.Float(1.5)),
	"module_setup", value.True)

// TestThere: what was put is got, in files of the reference's names.
func TestThere(t *testing.T) {
	for _, name := range []string{"jsonfile", "ansible.builtin.jsonfile", "yaml", "community.general.yaml"} {
		c := open(t, name, Options{Prefix: "p_"})
		if got, err := c.Get("h1"); got != nil || err != nil {
			t.Errorf("%s: %v %v before", name, got, err)
		}
		if err := c.Put("h1", facts); err != nil {
			t.Fatal(err)
		}
		got, err := c.Get("h1")
		if err != nil || !value.Equal(got, facts) {
			t.Errorf("%s: %v %v", name, got, err)
		}
		info, err := os.Stat(filepath.Join(c.Dir, "p_s1_h1"))
		if err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %v %v", name, info, err)
		}
		if err := errors.Join(c.Delete("h1"), c.Delete("h1")); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(c.Dir); len(left) > 0 {
			t.Errorf("%s: %v is left", name, left)
		}
	}
}

// TestReference reads what ansible-core 2.19 wrote, and writes the same but for the marks.
func TestReference(t *testing.T) {
	c := open(t, "jsonfile", Options{})
	const marked = `{"__payload__": "{\"kept\": {\"value\": \"\\u00fc\", \"tags\": [{\"path\": \"/c.yml\", \"line_num\": 4, \"col_num\": 24, \"__ansible_type\": \"Origin\"}], \"__ansible_type\": \"_AnsibleTaggedStr\"}, \"list\": {\"value\": [{\"value\": 1, \"tags\": [], \"__ansible_type\": \"_AnsibleTaggedInt\"}, true], \"tags\": [], \"__ansible_type\": \"_AnsibleTaggedList\"}}"}`
	if err := os.WriteFile(filepath.Join(c.Dir, "s1_h1"), []byte(marked), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := c.Get("h1")
	if err != nil || value.Repr(got) != "{'kept': 'ü', 'list': [1, True]}" {
		t.Fatalf("%v %v", got, err)
	}
	if err := c.Put("h1", got); err != nil {
		t.Fatal(err)
	}
	const want = `{"__payload__": "{\"kept\": \"\\u00fc\", \"list\": [1, true]}"}`
	if text, err := os.ReadFile(filepath.Join(c.Dir, "s1_h1")); err != nil || string(text) != want {
		t.Errorf("%s %v", text, err)
	}
}

func TestTooOld(t *testing.T) {
	c := open(t, "jsonfile", Options{Timeout: time.Hour})
	if err := c.Put("h1", facts); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(filepath.Join(c.Dir, "s1_h1"), then, then); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Get("h1"); got != nil || err != nil {
		t.Errorf("%v %v", got, err)
	}
	c.Timeout = 0
	if got, err := c.Get("h1"); got == nil || err != nil {
		t.Errorf("%v %v without a timeout", got, err)
	}
}

// TestCorrupt: a file that holds no facts is told and removed.
func TestCorrupt(t *testing.T) {
	for _, text := range []string{"", "{", "[]", "5", `{"a": 1}`, `{"__payload__": 5}`, `{"__payload__": "["}`, `{"__payload__": "[]"}`} {
		c := open(t, "jsonfile", Options{})
		path := filepath.Join(c.Dir, "s1_h1")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var corrupt *Corrupt
		if _, err := c.Get("h1"); !errors.As(err, &corrupt) || !strings.Contains(corrupt.Warning(), path) {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%q is still there", text)
		}
	}
}

func TestRefused(t *testing.T) {
	if c, err := Open("memory", Options{}); c != nil || err != nil {
		t.Errorf("memory: %v %v", c, err)
	}
	if _, err := Open("nothing", Options{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	for _, name := range []string{"redis", "nobody.has.it", "jsonfile"} {
		if _, err := Open(name, Options{}); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
	if _, err := open(t, "jsonfile", Options{}).Get("a/b"); err == nil {
		t.Error("a host's name leads out of the directory")
	}
}

// As seen on ansible-core 2.19.14, which goes on without a cache.
func TestNoPlace(t *testing.T) {
	for dir, want := range map[string]string{
		"":             "Required config '_uri' for 'jsonfile' cache plugin not provided.",
		"/proc/nope/x": "Error in 'jsonfile' cache plugin while trying to create cache dir '/proc/nope/x': [Errno 2] No such file or directory: '/proc/nope'",
		"/dev/null/x":  "Error in 'jsonfile' cache plugin while trying to create cache dir '/dev/null/x': [Errno 20] Not a directory: '/dev/null/x'",
		"/dev/null":    "error in 'jsonfile' cache, configured path (/dev/null) does not have necessary permissions (rwx), disabling plugin",
	} {
		var none *NoPlace
		if _, err := Open("jsonfile", Options{Dir: dir}); !errors.As(err, &none) || err.Error() != want {
			t.Errorf("%q: %v, want %s", dir, err, want)
		}
	}
}

// FuzzRead: no panic, whatever a file holds.
func FuzzRead(f *testing.F) {
	f.Add(`{"__payload__": "{\"a\": {\"__ansible_type\": \"x\", \"value\": 1}}"}`)
	c := &Cache{codec: codecs["jsonfile"]}
	f.Fuzz(func(t *testing.T, text string) {
		if facts, err := c.read(text); err == nil && facts == nil {
			t.Error("neither facts nor an error")
		}
	})
}
