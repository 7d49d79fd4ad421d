package knownhosts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// line is one line of a known_hosts file.
type line struct {
	marker string // @cert-authority or @revoked
	hosts  string // as written: a list, or a hash
	kind   string
	key    string
	rest   string // comment
}

const authority, revoked = "@cert-authority", "@revoked"

// parseLine reads a line; ok is false for comments, empty and broken ones.
func parseLine(text string) (l line, ok bool) {
	f := strings.Fields(text)
	if len(f) > 0 && strings.HasPrefix(f[0], "@") {
		l.marker, f = f[0], f[1:]
	}
	if len(f) < 3 || strings.HasPrefix(f[0], "#") || l.marker != "" && l.marker != authority && l.marker != revoked {
		return l, false
	}
	l.hosts, l.kind, l.key, l.rest = f[0], f[1], f[2], strings.Join(f[3:], " ")
	return l, true
}

// names reports whether the line is for a host: by name, hash or pattern, as
// ssh-keygen -F finds it.
func (l *line) names(host string) bool {
	if salt, sum, ok := hashed(l.hosts); ok {
		return subtle.ConstantTimeCompare(hash(salt, host), sum) == 1
	}
	found := false
	for pattern := range strings.SplitSeq(strings.ToLower(l.hosts), ",") {
		negated := strings.HasPrefix(pattern, "!")
		if match(strings.TrimPrefix(pattern, "!"), host) {
			if negated {
				return false
			}
			found = true
		}
	}
	return found
}

// hashed takes |1|salt|hash apart.
func hashed(text string) (salt, sum []byte, ok bool) {
	f := strings.Split(text, "|")
	if len(f) != 4 || f[0] != "" || f[1] != "1" {
		return nil, nil, false
	}
	salt, err := base64.StdEncoding.DecodeString(f[2])
	if err != nil {
		return nil, nil, false
	}
	sum, err = base64.StdEncoding.DecodeString(f[3])
	return salt, sum, err == nil
}

func hash(salt []byte, host string) []byte {
	h := hmac.New(sha1.New, salt)
	h.Write([]byte(host))
	return h.Sum(nil)
}

// hide gives a name as it is stored hashed, with a new salt.
func hide(host string) string {
	salt := make([]byte, sha1.Size)
	_, _ = rand.Read(salt) // never fails
	e := base64.StdEncoding.EncodeToString
	return "|1|" + e(salt) + "|" + e(hash(salt, host))
}

// match is the matching of patterns with * and ? of ssh_config(5).
func match(pattern, text string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			for i := 0; i <= len(text); i++ {
				if match(pattern[1:], text[i:]) {
					return true
				}
			}
			return false
		case text == "", pattern[0] != '?' && pattern[0] != text[0]:
			return false
		}
		pattern, text = pattern[1:], text[1:]
	}
	return text == ""
}

// equal reports whether l says the same as own, once own is stored, hashed or not.
func (l *line) equal(own *line, hashHost bool) bool {
	if l.marker != own.marker || l.kind != own.kind || l.key != own.key {
		return false
	}
	_, _, isHashed := hashed(l.hosts)
	if _, _, ok := hashed(own.hosts); ok || hashHost {
		return isHashed
	}
	return l.hosts == own.hosts
}

// wanted is the file's text as it shall be. Without a key all keys of the host
// go, but for what authorities and revocations say (ssh-keygen -R). With one,
// the first line that says the same, or is a plain one with a key of that kind
// (an authority's stands beside those), is the one that is kept, replaced or removed.
func wanted(before, host, key, state string, hashHost bool) string {
	var own line
	if key != "" {
		own, _ = parseLine(strings.TrimRight(key, "\n"))
	}
	var out strings.Builder
	decided, kept := false, false
	for text := range strings.Lines(before) {
		l, ok := parseLine(strings.TrimRight(text, "\r\n"))
		switch {
		case !ok || decided || !l.names(host):
		case key == "":
			if l.marker == "" {
				continue
			}
		case l.equal(&own, hashHost):
			decided = true
			if state == "absent" {
				continue
			}
			kept = true
		case l.kind == own.kind && l.marker == "" && own.marker != authority:
			decided = true
			continue
		}
		out.WriteString(text)
	}
	if state == "absent" || kept {
		return out.String()
	}
	text := out.String()
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + own.text(host, key, hashHost)
}

// text is the line to be stored.
func (l *line) text(host, key string, hashHost bool) string {
	if _, _, ok := hashed(l.hosts); ok || !hashHost {
		return key
	}
	rest := strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(key, " \t"), l.marker), " \t")
	if rest = hide(host) + strings.TrimPrefix(rest, l.hosts); l.marker != "" {
		rest = l.marker + " " + rest
	}
	return rest
}
