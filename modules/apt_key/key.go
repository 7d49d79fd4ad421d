package aptkey

import "strings"

// key is the id of a key in the forms that are used.
type key struct {
	id    string // as it was given, in capitals and without 0x
	long  string // the last 16 digits, where there are so many
	short string // the last 8
}

// listed is the form in which the key is looked for among those that are there.
func (k *key) listed() string { return k.long }

// isShort says whether no more than 8 digits are known.
func (k *key) isShort() bool { return len(k.long) == len(k.short) }

// parseKey reads an id.
func parseKey(text string) (key, bool) {
	id := strings.TrimPrefix(strings.ToUpper(text), "0X")
	if strings.Trim(id, "0123456789ABCDEF") != "" || len(id) != 8 && len(id) < 16 {
		return key{}, false
	}
	k := key{id: id, long: id, short: id[len(id)-8:]}
	if len(id) > 16 {
		k.long = id[len(id)-16:]
	}
	return k, true
}

// firstID is the id of the first key in gpg's records, "" where there is none.
func firstID(records string) string {
	for line := range strings.Lines(records) {
		if f := strings.Split(line, ":"); len(f) > 4 && f[0] == "pub" {
			return f[4]
		}
	}
	return ""
}

// listedKeys are the ids in what gpg --list-public-keys --keyid-format=long
// prints: of keys and of subkeys.
func listedKeys(text string, short bool) []string {
	var ids []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "pub" && f[0] != "sub" || strings.Contains(line, "expired") {
			continue
		}
		_, id, _ := strings.Cut(f[1], "/")
		if short && len(id) > 8 {
			id = id[len(id)-8:]
		}
		ids = append(ids, id)
	}
	return ids
}
