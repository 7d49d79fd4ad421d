// Package account finds users and groups by name or number, as the target's
// own programs do: /etc/passwd and /etc/group first, then getent where the
// name service has other sources (LDAP, sssd). Nothing is cached: a play may
// have just made the user.
package account

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// ErrUnknown says that there is no such user or group.
var ErrUnknown = errors.New("unknown")

// User is a line of passwd.
type User struct {
	Name, Password    string
	UID, GID          int
	Gecos, Dir, Shell string
}

// Group is a line of group.
type Group struct {
	Name, Password string
	GID            int
	Members        []string
}

// Files is where accounts are looked for; tests replace it.
type Files struct {
	Passwd, Group, Shadow, NSSwitch string
}

// System is the running system's.
var System = Files{Passwd: "/etc/passwd", Group: "/etc/group", Shadow: "/etc/shadow", NSSwitch: "/etc/nsswitch.conf"}

// UserByName finds a user; ErrUnknown if there is none.
func (f Files) UserByName(name string) (User, error) { return f.user(0, name) }

// UserByID finds the user of a number; ErrUnknown if there is none.
func (f Files) UserByID(uid int) (User, error) { return f.user(2, strconv.Itoa(uid)) }

// GroupByName finds a group; ErrUnknown if there is none.
func (f Files) GroupByName(name string) (Group, error) { return f.group(0, name) }

// GroupByID finds the group of a number; ErrUnknown if there is none.
func (f Files) GroupByID(gid int) (Group, error) { return f.group(2, strconv.Itoa(gid)) }

func (f Files) user(field int, key string) (User, error) {
	fields, err := f.find(f.Passwd, "passwd", field, key, 7)
	if err != nil {
		return User{}, err
	}
	uid, err1 := strconv.Atoi(fields[2])
	gid, err2 := strconv.Atoi(fields[3])
	if err := errors.Join(err1, err2); err != nil {
		return User{}, err
	}
	return User{Name: fields[0], Password: fields[1], UID: uid, GID: gid, Gecos: fields[4], Dir: fields[5], Shell: fields[6]}, nil
}

func (f Files) group(field int, key string) (Group, error) {
	fields, err := f.find(f.Group, "group", field, key, 4)
	if err != nil {
		return Group{}, err
	}
	gid, err := strconv.Atoi(fields[2])
	if err != nil {
		return Group{}, err
	}
	g := Group{Name: fields[0], Password: fields[1], GID: gid}
	if fields[3] != "" {
		g.Members = strings.Split(fields[3], ",")
	}
	return g, nil
}

// find gives the fields of the line whose field is key.
func (f Files) find(path, database string, field int, key string, count int) ([]string, error) {
	if data, err := os.ReadFile(path); err == nil {
		for line := range strings.Lines(string(data)) { // of any length: a group may have a hundred thousand members
			if !strings.Contains(line, key) {
				continue
			}
			if fields := fieldsOf(line); len(fields) == count && fields[field] == key {
				return fields, nil
			}
		}
	}
	if key == "" || strings.HasPrefix(key, "-") || !f.others(database) {
		return nil, ErrUnknown
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "getent", database, key).Output()
	if err != nil {
		return nil, ErrUnknown
	}
	fields := strings.Split(strings.TrimRight(string(out), "\n"), ":")
	if len(fields) != count || fields[field] != key {
		return nil, ErrUnknown
	}
	return fields, nil
}

// fieldsOf parts a line of passwd, group or shadow.
func fieldsOf(line string) []string {
	return strings.Split(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), ":")
}

// others reports whether the name service asks more than the files.
func (f Files) others(database string) bool {
	data, err := os.ReadFile(f.NSSwitch)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		name, sources, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) != database {
			continue
		}
		for _, source := range strings.Fields(sources) {
			if source != "files" && source != "compat" && !strings.HasPrefix(source, "[") {
				return true
			}
		}
	}
	return false
}
