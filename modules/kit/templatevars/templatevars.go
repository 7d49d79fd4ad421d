// Package templatevars gives the variables that a template has of itself:
// template_path, template_uid, ansible_managed and the like, for the template
// action and the template lookup.
//
// Source: documentation of ansible.builtin.template; values seen on
// ansible-core 2.19.
package templatevars

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
)

// DefaultManaged is ansible_managed where no setting says otherwise.
const DefaultManaged = "Ansible managed"

// Of gives the variables of the template that the user named name and that
// lies at path. managed is DEFAULT_MANAGED_STR: a format with {host}, {uid} and
// {file}, then one for the time at which the template was changed.
func Of(name, path, managed string) (*value.Dict, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	owner := value.Value(value.None)
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		owner = value.Str(strconv.Itoa(int(st.Uid)))
		if u, err := account.System.UserByID(int(st.Uid)); err == nil {
			owner = value.Str(u.Name)
		}
	}
	text, err := managedBy(managed, value.DictOf("host", value.Str(host), "uid", owner,
		"file", value.Str(strings.ReplaceAll(name, "%", "%%"))), info.ModTime())
	if err != nil {
		return nil, err
	}
	return value.DictOf("template_host", value.Str(host), "template_path", value.Str(name),
		"template_mtime", &value.DateTime{T: info.ModTime(), Naive: true}, "template_uid", owner,
		"template_run_date", &value.DateTime{T: time.Now(), Naive: true}, "template_fullpath", value.Str(full),
		"ansible_managed", value.Str(text)), nil
}

// IsTemplate reports whether what a format comes to is a template: it has braces
// that stay. What stands for {file} and the others is none of it.
func IsTemplate(format string) bool { return strings.Contains(format, "{{") }

func managedBy(format string, about *value.Dict, changed time.Time) (string, error) {
	if !strings.ContainsAny(format, "{}%") {
		return format, nil
	}
	if IsTemplate(format) {
		for k, v := range about.All() {
			if text, ok := v.(value.Str); ok && strings.Contains(string(text), "{") {
				about.Set(k, "{{ "+value.Str(value.Repr(text))+" }}")
			}
		}
	}
	text, err := value.Format(format, nil, about)
	if err != nil {
		return "", err
	}
	return value.Strftime(changed.Local(), text, false), nil
}
