package acl

import (
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// entry is one line of a list: what a user or group may do.
type entry struct {
	kind, who, what string
	isDefault       bool
}

// read reads an entry as setfacl(1) takes it. The kind may be cut short to its
// first letter; without permissions it has two parts.
func read(text string, isDefault bool) (entry, error) {
	parts := strings.Split(text, ":")
	e := entry{isDefault: isDefault}
	if strings.HasPrefix(strings.ToLower(parts[0]), "d") {
		e.isDefault = true
		parts = parts[1:]
	}
	if len(parts) == 2 {
		parts = append(parts, "")
	}
	if len(parts) != 3 {
		return e, module.Failf("'entry' is none that setfacl knows: %s (it has kind:name:permissions, with default: before it for a default)", text)
	}
	for _, kind := range []string{"user", "group", "mask", "other"} {
		if strings.HasPrefix(strings.ToLower(parts[0]), kind[:1]) {
			e.kind = kind
		}
	}
	if e.kind == "" {
		return e, module.Failf("'entry' is of no known kind: %s (kinds are user, group, mask and other)", text)
	}
	e.who, e.what = parts[1], parts[2]
	return e, nil
}

// text gives the entry as the programs take it.
func (e entry) text(state string, nfs bool) (string, error) {
	if nfs {
		flag := ""
		if e.kind == "group" {
			flag = "g"
		}
		if e.what == "" {
			return "", module.Failf("with use_nfsv4_acls 'permissions' MUST be set when 'state=%s'.", state)
		}
		// Who may do anything may also read the attributes and the list itself.
		return "A:" + flag + ":" + e.who + ":" + e.what + "tcy", nil
	}
	if state == "absent" || e.what == "" {
		return e.kind + ":" + e.who, nil
	}
	return e.kind + ":" + e.who + ":" + e.what, nil
}

// differs reads what "setfacl --test" prints: "path: access,default" for each
// file, with * for a list that stays as it is.
func differs(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasSuffix(line, "*,*") {
			return true
		}
	}
	return false
}

// differsNFS reads what "nfs4_setfacl --test" prints, the list as it would be:
// an entry that was there already stands in it twice.
func differsNFS(text, entry string) bool {
	n := 0
	for line := range strings.Lines(text) {
		if strings.TrimRight(line, "\n") == entry {
			n++
		}
	}
	return n < 2
}

// lines gives the lines of a listing without the empty ones at its end.
func lines(text string) []string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
