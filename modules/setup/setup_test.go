package setup

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
)

func load(t *testing.T, path string) *value.Dict {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".gz") {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	v, err := value.ParseJSON(string(data))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v.(*value.Dict)
}

func at(d *value.Dict, key string) value.Value {
	v, ok := d.GetStr(key)
	if !ok {
		return value.None
	}
	return v
}

// TestRecorded replays testdata/recorded.json: the reference's facts of samples
// of files, see testdata/record.py.
func TestRecorded(t *testing.T) {
	samples := at(load(t, "testdata/recorded.json"), "samples").(*value.List).Items
	if len(samples) < 100 {
		t.Errorf("only %d samples", len(samples))
	}
	for _, s := range samples {
		sample := s.(*value.Dict)
		t.Run(value.Text(at(sample, "name")), func(t *testing.T) { replay(t, sample) })
	}
}

// TestMachines does the same with machines that other projects keep for their
// tests: processors, firmware and kinds of guests, see testdata/gather.py.
func TestMachines(t *testing.T) {
	samples := at(load(t, "testdata/machines.json.gz"), "samples").(*value.List).Items
	if path := os.Getenv("CHURTEN_FACT_SAMPLES"); path != "" { // another file that record.py wrote
		samples = at(load(t, path), "samples").(*value.List).Items
	} else if len(samples) < 150 {
		t.Errorf("only %d samples", len(samples))
	}
	for _, s := range samples {
		sample := s.(*value.Dict)
		t.Run(value.Text(at(sample, "name")), func(t *testing.T) { replay(t, sample) })
	}
}

func replay(t *testing.T, sample *value.Dict) {
	root := t.TempDir()
	lay(t, root, at(sample, "files").(*value.Dict))
	h := newHost([]string{"PATH=/bin:/usr/bin", "HOME=/root"}, "/")
	h.root, h.factPath = root, "/etc/ansible/facts.d"
	subset := append([]string{"!all", "!min"}, strings.Split(value.Text(at(sample, "subset")), ",")...)
	chosen, err := choose(subset)
	if err != nil {
		t.Fatal(err)
	}
	got := h.gather(t.Context(), chosen)
	want := at(sample, "facts").(*value.Dict)
	for k, v := range want.All() {
		ours, ok := got.GetStr("ansible_" + value.Text(k))
		if strings.HasPrefix(value.Text(k), "facter_") || strings.HasPrefix(value.Text(k), "ohai_") {
			ours, ok = got.GetStr(value.Text(k))
		}
		if !ok {
			t.Errorf("%s is missing: %s", value.Text(k), value.Repr(v))
		} else if !value.Equal(inOrder(ours), inOrder(v)) || ours.Type() != v.Type() {
			t.Errorf("%s\n   got %s\n  want %s", value.Text(k), value.Repr(ours), value.Repr(v))
		}
	}
	if at(sample, "keys") == value.Value(value.None) {
		for k, v := range got.All() {
			if _, ok := want.GetStr(strings.TrimPrefix(value.Text(k), "ansible_")); !ok {
				t.Errorf("%s is not in the reference: %s", value.Text(k), value.Repr(v))
			}
		}
	}
	if w, ok := at(sample, "warnings").(*value.List); ok && value.Repr(w) != value.Repr(value.Strings(h.warnings...)) {
		t.Errorf("warnings\n   got %q\n  want %s", h.warnings, value.Repr(w))
	}
}

// inOrder sorts lists of texts: the reference keeps many in sets.
func inOrder(v value.Value) value.Value {
	l, ok := v.(*value.List)
	if !ok {
		return v
	}
	items := slices.Clone(l.Items)
	slices.SortStableFunc(items, func(a, b value.Value) int { return strings.Compare(value.Text(a), value.Text(b)) })
	return value.NewList(items...)
}

func lay(t *testing.T, root string, files *value.Dict) {
	t.Helper()
	for k, content := range files.All() {
		full := filepath.Join(root, value.Text(k))
		dir := filepath.Dir(full)
		if content == value.Value(value.None) {
			dir = full
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch c := content.(type) {
		case value.Str:
			err = os.WriteFile(full, []byte(c), 0o644)
		case *value.Dict:
			if to, ok := c.GetStr("link"); ok {
				err = os.Symlink(value.Text(to), full)
			} else if digits, ok := c.GetStr("hex"); ok {
				var data []byte
				if data, err = hex.DecodeString(value.Text(digits)); err == nil {
					err = os.WriteFile(full, data, 0o644)
				}
			} else {
				err = os.WriteFile(full, []byte(value.Text(at(c, "run"))), 0o755)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSubsets compares which collectors run with testdata/subsets.json, which
// testdata/subsets.py makes of what the reference gave.
func TestSubsets(t *testing.T) {
	cases := at(load(t, "testdata/subsets.json"), "cases").(*value.List).Items
	for _, item := range cases {
		c := item.(*value.Dict)
		var subset []string
		for _, s := range at(c, "subset").(*value.List).Items {
			subset = append(subset, value.Text(s))
		}
		chosen, err := choose(subset)
		if msg := at(c, "msg"); msg != value.Value(value.None) {
			if err == nil || err.Error() != value.Text(msg) {
				t.Errorf("%q: error %v, want %s", subset, err, value.Text(msg))
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", subset, err)
			continue
		}
		got := map[string]bool{}
		for _, c := range chosen {
			got[c.name] = true
		}
		delete(got, "facter") // not there where this was recorded
		delete(got, "ohai")
		want := map[string]bool{}
		for _, name := range at(c, "collectors").(*value.List).Items {
			want[value.Text(name)] = true
		}
		if !maps.Equal(got, want) {
			t.Errorf("%q:\n   got %q\n  want %q", subset, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
	if len(cases) < 100 {
		t.Errorf("only %d cases", len(cases))
	}
}
