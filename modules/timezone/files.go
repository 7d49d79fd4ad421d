package timezone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/tool"
)

// files is the way of hosts without timedatectl: what a file says, as long as
// the clock or the zone in force does not say otherwise.
type files struct {
	*task
	conf   map[string]string // the file of each key
	debian string            // its dpkg-reconfigure
}

func newFiles(t *task) *files {
	f := &files{task: t, debian: tool.Have(t.Call, "dpkg-reconfigure"), conf: map[string]string{"name": "/etc/sysconfig/clock", "hwclock": "/etc/sysconfig/clock"}}
	if f.debian != "" {
		f.conf = map[string]string{"name": "/etc/timezone", "hwclock": "/etc/default/rcS"}
	}
	return f
}

func (f *files) path(name string) string { return filepath.Join(f.root, name) }

// names are what the key is called in the file's lines, the first where there is
// none yet: RHEL says ZONE, SUSE TIMEZONE. Debian's file has the zone alone.
func (f *files) names(key string) []string {
	switch {
	case key == "hwclock":
		return []string{"UTC"}
	case f.debian != "":
		return []string{""}
	}
	return []string{"ZONE", "TIMEZONE"}
}

// read gives the file of the key, "" where there is none.
func (f *files) read(key string) (string, error) {
	data, err := os.ReadFile(f.path(f.conf[key]))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", f.fail("tried to configure %s using a file \"%s\", but could not read it", key, f.conf[key])
	}
	return string(data), nil
}

func (f *files) get(_ context.Context, key, planned string) (string, error) {
	text, err := f.read(key)
	if err != nil {
		return "", err
	}
	found, _, ok := setting(text, f.names(key))
	if !ok {
		return unknown, nil
	}
	if key == "hwclock" {
		switch strings.ToLower(found) {
		case "yes", "true":
			found = "UTC"
		default:
			found = "local"
		}
	}
	// The file alone proves nothing: what is in force has to be so too.
	switch {
	case found != planned:
		return found, nil
	case key == "hwclock":
		return f.adjtime(), nil
	}
	return f.localtime(planned), nil
}

// adjtime tells what the hardware clock was last set to.
func (f *files) adjtime() string {
	data, _ := os.ReadFile(f.path("/etc/adjtime"))
	for line := range strings.Lines(string(data)) {
		if strings.TrimSpace(line) == "LOCAL" {
			return "local"
		}
	}
	return "UTC" // hwclock's own default
}

// localtime tells which zone /etc/localtime is: the one it is a link to, or the
// planned one where it is a copy of that.
func (f *files) localtime(planned string) string {
	path := f.path("/etc/localtime")
	if target, err := os.Readlink(path); err == nil {
		if _, name, ok := strings.Cut(target, "zoneinfo/"); ok {
			return name
		}
		return unknown
	}
	have, err1 := os.ReadFile(path)
	want, err2 := os.ReadFile(f.zone(planned))
	if err1 != nil || err2 != nil || !bytes.Equal(have, want) {
		return unknown
	}
	return planned
}

func (f *files) set(ctx context.Context, key, want string) error {
	text := want
	if key == "hwclock" {
		text = "no"
		if want == "UTC" {
			text = "yes"
		}
	}
	if err := f.write(ctx, key, f.names(key), text); err != nil {
		return err
	}
	if key == "hwclock" {
		return f.systohc(ctx, want)
	}
	if program := tool.Have(f.Call, "tzdata-update"); f.debian == "" && program != "" {
		return f.call(ctx, false, program)
	}
	if f.debian == "" {
		return f.call(ctx, false, "cp", "--remove-destination", f.zone(want), f.path("/etc/localtime"))
	}
	if err := f.call(ctx, false, "ln", "-sf", f.zone(want), f.path("/etc/localtime")); err != nil {
		return err
	}
	return f.call(ctx, false, f.debian, "--frontend", "noninteractive", "tzdata")
}

// systohc has the hardware clock show UTC or local time.
func (f *files) systohc(ctx context.Context, want string) error {
	program, err := tool.Find(f.Call, "hwclock")
	if err != nil {
		return err
	}
	option := "--localtime"
	if want == "UTC" {
		option = "--utc"
	}
	return f.call(ctx, true, program, "--systohc", option)
}

// write puts the value into the file of the key.
func (f *files) write(ctx context.Context, key string, names []string, text string) error {
	name := f.conf[key]
	before, err := f.read(key)
	if err != nil {
		return err
	}
	after, deleted := put(before, names, text)
	if err := kit.Replace(ctx, f.path(name), []byte(after), nil, kit.Options{}); err != nil {
		return f.fail("tried to configure %s using a file \"%s\", but could not write to it", key, name)
	}
	f.msgs = append(f.msgs, fmt.Sprintf("Added 1 line and deleted %d line(s) on %s", deleted, name))
	return nil
}

// setting finds the first line that sets one of names, and what it is set to. The
// empty name is that of the line's first word.
func setting(text string, names []string) (found, name string, ok bool) {
	for _, name := range names {
		for line := range strings.Lines(text) {
			if v, ok := assigned(line, name); ok {
				return v, name, true
			}
		}
	}
	return "", "", false
}

func assigned(line, name string) (string, bool) {
	rest, ok := strings.CutPrefix(line, name)
	if name != "" {
		rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t"), "=")
		ok = ok && strings.HasPrefix(line, name)
		rest = strings.TrimPrefix(strings.TrimLeft(rest, " \t"), `"`)
	}
	end := strings.IndexAny(rest, " \t\r\n\"")
	if end < 0 {
		end = len(rest)
	}
	return rest[:end], ok && end > 0
}

// put gives the text with one line for the value: where the first was that set
// it, else before all others.
func put(text string, names []string, v string) (after string, deleted int) {
	_, name, ok := setting(text, names)
	if !ok {
		name = names[0]
	}
	line := v + "\n"
	switch name {
	case "":
	case "UTC":
		line = "UTC=" + line
	default:
		line = name + "=\"" + v + "\"\n"
	}
	if !ok {
		return line + text, 0
	}
	var b strings.Builder
	for l := range strings.Lines(text) {
		if _, is := assigned(l, name); !is {
			b.WriteString(l)
			continue
		}
		if deleted == 0 {
			b.WriteString(line)
		}
		deleted++
	}
	return b.String(), deleted
}
