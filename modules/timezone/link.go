package timezone

import (
	"context"
	"os"
	"path/filepath"

	"github.com/churten/churten/modules/kit/tool"
)

// link is the way of hosts where /etc/localtime alone says what the zone is:
// Void, Gentoo and others that have neither timedatectl nor a file of their own
// for it. What the hardware clock shows is a setting of their init's scripts.
// Alpine is one of them with a program that sets the zone, and keeps its file
// without tzdata; the reference notes the zone in /etc/timezone there.
type link struct {
	files
	alpine string // its setup-timezone
}

// newLink gives that way where it is this host's: one with the /etc/sysconfig of
// RHEL and SUSE has files.
func newLink(t *task) *link {
	l := &link{files{task: t}, tool.Have(t.Call, "setup-timezone")}
	if exists(l.path("/etc/sysconfig")) {
		return nil
	}
	for _, conf := range []string{"/etc/conf.d/hwclock", "/etc/rc.conf"} { // OpenRC's, Void's
		if exists(l.path(conf)) {
			l.conf = map[string]string{"name": "/etc/timezone", "hwclock": conf}
			return l
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// hwclock gives the setting's name and what it is for local time.
func (l *link) hwclock() (name, local string) {
	if l.conf["hwclock"] == "/etc/rc.conf" {
		return "HARDWARECLOCK", "localtime"
	}
	return "clock", "local"
}

func (l *link) get(_ context.Context, key, planned string) (string, error) {
	if key == "name" && l.alpine == "" {
		return l.localtime(planned), nil
	}
	text, err := l.read(key)
	if err != nil {
		return "", err
	}
	if key == "name" {
		switch found, _, ok := setting(text, []string{""}); {
		case !ok:
			return unknown, nil
		case found != planned:
			return found, nil
		}
		return l.localtime(planned), nil
	}
	name, local := l.hwclock()
	switch found, _, ok := setting(text, []string{name}); {
	case ok && found == local:
		return "local", nil
	case ok && planned == "local":
		return "UTC", nil
	}
	return l.adjtime(), nil
}

func (l *link) set(ctx context.Context, key, want string) error {
	if key == "hwclock" {
		name, text := l.hwclock()
		if want == "UTC" {
			text = want
		}
		if err := l.write(ctx, key, []string{name}, text); err != nil {
			return err
		}
		return l.systohc(ctx, want)
	}
	if l.alpine != "" {
		if err := l.write(ctx, key, []string{""}, want); err != nil {
			return err
		}
		return l.call(ctx, false, l.alpine, "-z", want)
	}
	// Beside its place first: no program shall find none.
	path := l.path("/etc/localtime")
	beside := filepath.Join(filepath.Dir(path), ".localtime.churten")
	if err := os.Remove(beside); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Symlink(filepath.Join("/usr/share/zoneinfo", want), beside); err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		os.Remove(beside)
		return err
	}
	return nil
}
