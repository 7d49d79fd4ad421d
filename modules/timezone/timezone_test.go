package timezone

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/modules/kit/module"
)

// What timedatectl of systemd 252 and 219 print.
func TestStatus(t *testing.T) {
	for text, want := range map[string][2]string{
		"               Local time: Mon 2026-11-23 09:23:00 UTC\n                Time zone: Asia/Tokyo (JST, +0900)\nSystem clock synchronized: no\n          RTC in local TZ: yes\n": {"Asia/Tokyo", "local"},
		"       Timezone: Europe/Berlin (CET, +0100)\n RTC in local TZ: no\n": {"Europe/Berlin", "UTC"},
		"nothing\n": {unknown, unknown},
	} {
		if got := [2]string{status(text, "name"), status(text, "hwclock")}; got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestPut(t *testing.T) {
	rhel := []string{"ZONE", "TIMEZONE"}
	for _, c := range []struct {
		text    string
		names   []string
		v       string
		want    string
		deleted int
	}{
		{"", []string{""}, "Asia/Tokyo", "Asia/Tokyo\n", 0},
		{"Etc/UTC\n", []string{""}, "Asia/Tokyo", "Asia/Tokyo\n", 1},
		{"# zone\nEtc/UTC\n", []string{""}, "Asia/Tokyo", "Asia/Tokyo\n", 2},
		{"# rcS\nUTC=yes\nx\n", []string{"UTC"}, "no", "# rcS\nUTC=no\nx\n", 1},
		{"# rcS\n", []string{"UTC"}, "no", "UTC=no\n# rcS\n", 0},
		{"# c\nZONE=\"Asia/Tokyo\"\n", rhel, "Europe/Rome", "# c\nZONE=\"Europe/Rome\"\n", 1},
		{"TIMEZONE=\"Asia/Tokyo\"\nDEFAULT_TIMEZONE=\"Asia/Tokyo\"\n", rhel, "Europe/Rome", "TIMEZONE=\"Europe/Rome\"\nDEFAULT_TIMEZONE=\"Asia/Tokyo\"\n", 1},
	} {
		if got, n := put(c.text, c.names, c.v); got != c.want || n != c.deleted {
			t.Errorf("%q: %q, %d", c.text, got, n)
		}
	}
}

func TestGet(t *testing.T) {
	for _, c := range []struct {
		name         string
		files        map[string]string
		link         string
		key, planned string
		debian       bool
		want         string
	}{
		{name: "file and link", files: map[string]string{"etc/timezone": "Asia/Tokyo\n"}, link: "../usr/share/zoneinfo/Asia/Tokyo", key: "name", planned: "Asia/Tokyo", debian: true, want: "Asia/Tokyo"},
		{name: "another link", files: map[string]string{"etc/timezone": "Asia/Tokyo\n"}, link: "/usr/share/zoneinfo/Europe/Rome", key: "name", planned: "Asia/Tokyo", debian: true, want: "Europe/Rome"},
		{name: "another file", files: map[string]string{"etc/timezone": "Etc/UTC\n"}, link: "/usr/share/zoneinfo/Asia/Tokyo", key: "name", planned: "Asia/Tokyo", debian: true, want: "Etc/UTC"},
		{name: "a copy", files: map[string]string{"etc/sysconfig/clock": "ZONE=\"A/B\"\n", "etc/localtime": "TZ", "usr/share/zoneinfo/A/B": "TZ"}, key: "name", planned: "A/B", want: "A/B"},
		{name: "another's copy", files: map[string]string{"etc/sysconfig/clock": "ZONE=A/B\n", "etc/localtime": "T", "usr/share/zoneinfo/A/B": "TZ"}, key: "name", planned: "A/B", want: unknown},
		{name: "no file", key: "name", planned: "A/B", debian: true, want: unknown},
		{name: "clock", files: map[string]string{"etc/default/rcS": "UTC=yes\n", "etc/adjtime": "0.0 0 0.0\n0\nLOCAL\n"}, key: "hwclock", planned: "UTC", debian: true, want: "local"},
		{name: "clock's file", files: map[string]string{"etc/default/rcS": "UTC = no\n", "etc/adjtime": "0.0 0 0.0\n0\nUTC\n"}, key: "hwclock", planned: "UTC", debian: true, want: "local"},
		{name: "no adjtime", files: map[string]string{"etc/sysconfig/clock": "UTC=true\n"}, key: "hwclock", planned: "UTC", want: "UTC"},
	} {
		root := t.TempDir()
		for name, text := range c.files {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if c.link != "" {
			if err := os.Symlink(c.link, filepath.Join(root, "etc/localtime")); err != nil {
				t.Fatal(err)
			}
		}
		f := &files{task: &task{root: root}, conf: map[string]string{"name": "/etc/sysconfig/clock", "hwclock": "/etc/sysconfig/clock"}}
		if c.debian {
			f.debian, f.conf = "x", map[string]string{"name": "/etc/timezone", "hwclock": "/etc/default/rcS"}
		}
		if got, err := f.get(t.Context(), c.key, c.planned); err != nil || got != c.want {
			t.Errorf("%s: %q %v", c.name, got, err)
		}
	}
}

func FuzzPut(f *testing.F) {
	f.Add("# c\nZONE=\"Asia/Tokyo\"\nTIMEZONE = x", "Europe/Rome")
	f.Fuzz(func(t *testing.T, text, v string) {
		for _, names := range [][]string{{""}, {"UTC"}, {"ZONE", "TIMEZONE"}} {
			if _, n := put(text, names, v); n < 0 {
				t.Error(n)
			}
		}
	})
}

// Void has no file for the zone: /etc/localtime says it, runit's scripts read
// HARDWARECLOCK. The reference wants /etc/sysconfig/clock there.
func TestLink(t *testing.T) {
	t.Setenv("PATH", "")
	root := t.TempDir()
	for name, text := range map[string]string{"etc/rc.conf": "# Void\nHARDWARECLOCK=\"UTC\"\n", "usr/share/zoneinfo/Europe/Vienna": "TZ"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l := newLink(&task{Call: &module.Call{}, root: root})
	if l == nil {
		t.Fatal("not taken for Void's")
	}
	for _, c := range []struct{ key, planned, want string }{{"name", "Europe/Vienna", unknown}, {"hwclock", "UTC", "UTC"}, {"hwclock", "local", "UTC"}} {
		if got, err := l.get(t.Context(), c.key, c.planned); err != nil || got != c.want {
			t.Errorf("%s %s: %q, %v", c.key, c.planned, got, err)
		}
	}
	if err := l.set(t.Context(), "name", "Europe/Vienna"); err != nil {
		t.Fatal(err)
	}
	if got, err := l.get(t.Context(), "name", "Europe/Vienna"); err != nil || got != "Europe/Vienna" {
		t.Errorf("after set: %q, %v", got, err)
	}
	if err := l.write(t.Context(), "hwclock", []string{"HARDWARECLOCK"}, "localtime"); err != nil {
		t.Fatal(err)
	}
	if got, err := l.get(t.Context(), "hwclock", "UTC"); err != nil || got != "local" {
		t.Errorf("hwclock after write: %q, %v", got, err)
	}
}

// Alpine's setup-timezone keeps the zone's file; the reference notes the zone in
// /etc/timezone too (testdata/distributions/alpine).
func TestAlpine(t *testing.T) {
	root := t.TempDir()
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	for path, text := range map[string]string{
		filepath.Join(root, "etc/conf.d/hwclock"): "clock=\"UTC\"\n",
		filepath.Join(bin, "setup-timezone"):      "#!/bin/sh\n[ \"$1\" = -z ] && /bin/ln -sf \"/etc/zoneinfo/$2\" " + root + "/etc/localtime\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	l := newLink(&task{Call: &module.Call{}, root: root})
	for _, c := range []struct{ before, set, after string }{
		{unknown, "Europe/Vienna", "Europe/Vienna"},
		{"Europe/Vienna", "Asia/Tokyo", "Asia/Tokyo"},
	} {
		if got, err := l.get(t.Context(), "name", c.set); err != nil || got != c.before {
			t.Errorf("before %s: %q, %v", c.set, got, err)
		}
		if err := l.set(t.Context(), "name", c.set); err != nil {
			t.Fatal(err)
		}
		if got, err := l.get(t.Context(), "name", c.set); err != nil || got != c.after {
			t.Errorf("after %s: %q, %v", c.set, got, err)
		}
		if text, err := os.ReadFile(filepath.Join(root, "etc/timezone")); err != nil || string(text) != c.set+"\n" {
			t.Errorf("/etc/timezone: %q, %v", text, err)
		}
	}
}
