package authorizedkey

import (
	"slices"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// types are the words by which a line is told to be a key (sshd(8), AUTHORIZED_KEYS
// FILE FORMAT), those of certificates and security keys among them.
var types = func() map[string]bool {
	m := map[string]bool{}
	for _, t := range []string{
		"ssh-rsa", "rsa-sha2-256", "rsa-sha2-512", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
		"sk-ecdsa-sha2-nistp256", "sk-ssh-ed25519",
	} {
		if !strings.HasPrefix(t, "sk-") {
			m[t] = true
		} else {
			m[t+"@openssh.com"] = true
		}
		m[t+"-cert-v01@openssh.com"] = true
	}
	for _, t := range []string{"webauthn-sk-ecdsa-sha2-nistp256", "ssh-xmss", "ssh-xmss-cert-v01"} {
		m[t+"@openssh.com"] = true
	}
	return m
}()

// entry is a line of the file: a key, or one that is kept as it stands.
type entry struct {
	line    string // what is no key
	options string
	typ     string
	key     string
	comment string
	rank    int // where it stands among the others
}

func (e *entry) isKey() bool { return e.typ != "" }

// same compares all of two keys; the options' order does not count, but that of
// several values of one does.
func (e *entry) same(o *entry) bool {
	return e.typ == o.typ && e.key == o.key && e.comment == o.comment && slices.Equal(optionList(e.options), optionList(o.options))
}

func (e *entry) text() string {
	if !e.isKey() {
		return e.line
	}
	text := e.typ + " " + e.key + " " + e.comment
	if e.options != "" {
		text = e.options + " " + text
	}
	return text
}

// optionList gives the options sorted by their names.
func optionList(text string) []string {
	list := split(text, ",")
	name := func(i int) string { n, _, _ := strings.Cut(list[i], "="); return n }
	sort.SliceStable(list, func(i, j int) bool { return name(i) < name(j) })
	return list
}

// split parts text at any of the separators outside double quotes; in quotes a
// backslash guards the next character. Nothing between two blanks is no field.
func split(text, separators string) (fields []string) {
	var field strings.Builder
	quoted := false
	flush := func() {
		if field.Len() > 0 {
			fields = append(fields, field.String())
			field.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\' && i+1 < len(text):
			field.WriteByte(c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(separators, c) >= 0:
			flush()
			continue
		}
		field.WriteByte(c)
	}
	flush()
	return fields
}

// parseKey reads a line; ok is false for what is no key.
func parseKey(line string) (e entry, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return e, false
	}
	fields := split(line, " \t\r\n")
	at := slices.IndexFunc(fields, func(f string) bool { return types[f] })
	if at < 0 || at+1 >= len(fields) {
		return e, false
	}
	return entry{options: strings.Join(fields[:at], " "), typ: fields[at], key: fields[at+1], comment: strings.Join(fields[at+2:], " ")}, true
}

// table is a file by its entries: a key, or a line that is none, is there once,
// where it stood last.
type table map[string]*entry

func parseTable(text string) table {
	t := table{}
	for rank, line := range value.SplitLines(text, false) {
		e, ok := parseKey(line)
		id := e.key
		if !ok {
			e, id = entry{line: line}, line
		}
		e.rank = rank
		t[id] = &e
	}
	return t
}

func (t table) text() string {
	list := make([]*entry, 0, len(t))
	for _, e := range t {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *entry) int { return a.rank - b.rank })
	var b strings.Builder
	for _, e := range list {
		b.WriteString(e.text())
		b.WriteByte('\n')
	}
	return b.String()
}

// set brings the keys into the table; with exclusive, nothing else stays.
func (t table) set(keys []*entry, exclusive bool) (changed bool) {
	first := len(t)
	// What is there and comes behind that place moves on, so that ranks stay apart.
	for _, e := range t {
		e.rank = 2 * e.rank
	}
	wanted := map[string]bool{}
	for i, k := range keys {
		wanted[k.key] = true
		if have := t[k.key]; have == nil || !have.same(k) {
			k.rank = 2*(first+i) + 1
			t[k.key] = k
			changed = true
		}
	}
	if exclusive {
		for id := range t {
			if !wanted[id] {
				delete(t, id)
				changed = true
			}
		}
	}
	return changed
}

func (t table) remove(keys []*entry) (changed bool) {
	for _, k := range keys {
		if t[k.key] != nil {
			delete(t, k.key)
			changed = true
		}
	}
	return changed
}
