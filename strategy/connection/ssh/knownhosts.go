package ssh

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// The reader of known_hosts is our own as well: like OpenSSH's it passes over
// lines that it cannot read instead of refusing the file, it is indexed (a
// thousand hosts and their thousand lines), and it learns the lines that a run
// adds without reading the file again.

// knownKey is one line of a known_hosts file.
type knownKey struct {
	file   string
	line   int
	marker string // "", "cert-authority" or "revoked"
	hosts  []string
	key    ssh.PublicKey
}

// knownFile is one known_hosts file.
type knownFile struct {
	byName map[string][]*knownKey // lines of plain names
	other  []*knownKey            // lines with patterns or hashed names
	all    []*knownKey
	lines  int
}

func parseKnownHosts(file string, text []byte) *knownFile {
	f := &knownFile{byName: map[string][]*knownKey{}}
	for line := range bytes.Lines(text) {
		f.lines++
		marker, hosts, key, _, _, err := ssh.ParseKnownHosts(bytes.TrimSpace(line))
		if err != nil {
			continue
		}
		f.add(&knownKey{file: file, line: f.lines, marker: marker, hosts: hosts, key: key})
	}
	return f
}

func (f *knownFile) add(k *knownKey) {
	f.all = append(f.all, k)
	plain := true
	for _, h := range k.hosts {
		plain = plain && !strings.ContainsAny(h, "*?!|")
	}
	if !plain {
		f.other = append(f.other, k)
		return
	}
	for _, h := range k.hosts {
		h = strings.ToLower(h)
		f.byName[h] = append(f.byName[h], k)
	}
}

// find returns the lines that hold for a name, itself lower case: "host", or
// "[host]:port" for a port other than 22.
func (f *knownFile) find(name string) []*knownKey {
	found := append([]*knownKey(nil), f.byName[name]...)
	for _, k := range f.other {
		if k.matches(name) {
			found = append(found, k)
		}
	}
	return found
}

func (k *knownKey) matches(name string) bool {
	if len(k.hosts) == 1 && strings.HasPrefix(k.hosts[0], "|") {
		return matchesHash(k.hosts[0], name)
	}
	lower := make([]string, len(k.hosts))
	for i, h := range k.hosts {
		lower[i] = strings.ToLower(h)
	}
	return matchAny(lower, name)
}

// matchesHash reads |1|salt|hash, the HMAC-SHA1 of the name.
func matchesHash(hashed, name string) bool {
	parts := strings.Split(hashed, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return false
	}
	salt, err1 := base64.StdEncoding.DecodeString(parts[2])
	want, err2 := base64.StdEncoding.DecodeString(parts[3])
	if err1 != nil || err2 != nil {
		return false
	}
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(name))
	return hmac.Equal(mac.Sum(nil), want)
}

// knownHosts are the files that were read, for all hosts of a run. Safe for
// concurrent use.
type knownHosts struct {
	mu    sync.Mutex // guards files and what they hold
	files map[string]*knownFile
}

// file returns a file's content; one that cannot be read is empty, as it is to
// OpenSSH. The lock is held.
func (k *knownHosts) file(name string) *knownFile {
	if f, ok := k.files[name]; ok {
		return f
	}
	text, err := os.ReadFile(name)
	if err != nil {
		text = nil
	}
	f := parseKnownHosts(name, text)
	if k.files == nil {
		k.files = map[string]*knownFile{}
	}
	k.files[name] = f
	return f
}

func (k *knownHosts) find(files []string, name string) []*knownKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	var found []*knownKey
	for _, f := range files {
		found = append(found, k.file(f).find(name)...)
	}
	return found
}

// otherNames are the lines that hold the same key for other names.
func (k *knownHosts) otherNames(files []string, key ssh.PublicKey) []*knownKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	var found []*knownKey
	for _, f := range files {
		for _, line := range k.file(f).all {
			if line.marker == "" && sameKey(line.key, key) {
				found = append(found, line)
			}
		}
	}
	return found
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

// verdict is what the files say about a host's key.
type verdict int

const (
	keyNew verdict = iota
	keyOK
	keyChanged
	keyRevoked
)

// judge compares a plain key with the lines found for its host. For
// keyChanged, offending is the line to blame: one of the same type if there is.
func judge(lines []*knownKey, key ssh.PublicKey) (v verdict, offending *knownKey) {
	for _, l := range lines {
		if l.marker == "revoked" && sameKey(l.key, key) {
			return keyRevoked, l
		}
	}
	for _, l := range lines {
		if l.marker != "" {
			continue
		}
		if sameKey(l.key, key) {
			return keyOK, l
		}
		if offending == nil || (offending.key.Type() != key.Type() && l.key.Type() == key.Type()) {
			offending = l
		}
	}
	if offending != nil {
		return keyChanged, offending
	}
	return keyNew, nil
}
