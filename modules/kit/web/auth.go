package web

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// auth is what is sent as Authorization: nothing until a server asks for it,
// unless it shall be sent at once.
type auth struct {
	user, password string
	known          bool
	sent           string // Basic, after a server has asked for it
	digest         map[string]string
	tried          bool
	nonceCount     int
}

// newAuth finds the credentials: those of the client, of the URL, or of .netrc.
func newAuth(c *Client, u *url.URL, req *Request) *auth {
	a := &auth{user: c.User, password: c.Password, known: c.User != "" && c.HasPassword}
	switch {
	case c.User != "" && c.ForceBasic:
		req.Header.Set("Authorization", basic(c.User, c.Password))
	case c.User != "":
	case u.User != nil:
		a.user = u.User.Username()
		a.password, a.known = u.User.Password()
		if c.ForceBasic {
			req.Header.Set("Authorization", basic(a.user, a.password))
		}
	case c.Netrc:
		if user, password, ok := c.netrc(u.Hostname()); ok {
			req.Header.Set("Authorization", basic(user, password))
		}
	}
	return a
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func (a *auth) header(u *url.URL, method string) string {
	if a.digest != nil {
		return a.digestHeader(u, method)
	}
	return a.sent
}

// answer takes up the challenge of an answer with status 401; false when there
// is nothing (more) to answer with.
func (a *auth) answer(req *Request, resp *Response) bool {
	if !a.known || a.tried || req.Header.Has("Authorization") {
		return false
	}
	a.tried = true
	for _, challenge := range resp.Header.Values("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(challenge, " ")
		switch strings.ToLower(scheme) {
		case "digest":
			a.digest = parameters(rest)
			if digestHash(a.digest["algorithm"]) != nil {
				return true
			}
			a.digest = nil
		case "basic":
			if header := basic(a.user, a.password); header != a.sent {
				a.sent = header
				return true
			}
		}
	}
	return false
}

// parameters reads name=value, with quotes around values that need them.
func parameters(text string) map[string]string {
	out := map[string]string{}
	for text != "" {
		var name, value string
		name, text, _ = strings.Cut(strings.TrimLeft(text, ", \t"), "=")
		if quoted, ok := strings.CutPrefix(text, `"`); ok {
			var b strings.Builder
			i := 0
			for ; i < len(quoted) && quoted[i] != '"'; i++ {
				if quoted[i] == '\\' && i+1 < len(quoted) {
					i++
				}
				b.WriteByte(quoted[i])
			}
			value, text = b.String(), quoted[min(i+1, len(quoted)):]
		} else {
			value, text, _ = strings.Cut(text, ",")
		}
		out[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return out
}

func digestHash(algorithm string) func() hash.Hash {
	switch strings.ToUpper(algorithm) {
	case "", "MD5":
		return md5.New
	case "SHA":
		return sha1.New
	case "SHA-256":
		return sha256.New
	}
	return nil
}

// digestHeader makes the answer to a digest challenge (RFC 7616).
func (a *auth) digestHeader(u *url.URL, method string) string {
	d := a.digest
	sum := func(parts ...string) string {
		h := digestHash(d["algorithm"])()
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	a.nonceCount++
	count := fmt.Sprintf("%08x", a.nonceCount)
	random := make([]byte, 8)
	rand.Read(random)
	cnonce := hex.EncodeToString(random)
	uri := u.RequestURI()
	ha1, ha2 := sum(a.user, d["realm"], a.password), sum(method, uri)
	qop := ""
	for _, q := range strings.Split(d["qop"], ",") {
		if strings.TrimSpace(q) == "auth" {
			qop = "auth"
		}
	}
	response := sum(ha1, d["nonce"], ha2)
	if qop != "" {
		response = sum(ha1, d["nonce"], count, cnonce, qop, ha2)
	}
	out := fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s"`, a.user, d["realm"], d["nonce"], uri, response)
	if d["opaque"] != "" {
		out += `, opaque="` + d["opaque"] + `"`
	}
	if d["algorithm"] != "" {
		out += `, algorithm="` + d["algorithm"] + `"`
	}
	if qop != "" {
		out += `, qop=auth, nc=` + count + `, cnonce="` + cnonce + `"`
	}
	return out
}

// netrc looks a host up in the file NETRC names, or ~/.netrc (netrc(5)).
func (c *Client) netrc(host string) (user, password string, ok bool) {
	path := c.env("NETRC")
	if path == "" {
		path = filepath.Join(c.env("HOME"), ".netrc")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", "", false
	}
	return lookup(string(data), host)
}

func lookup(text, host string) (user, password string, ok bool) {
	var words []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		words = append(words, strings.Fields(line)...)
	}
	mine := false
	for i := 0; i < len(words); i++ {
		next := func() string {
			i++
			if i < len(words) {
				return strings.Trim(words[i], `"`)
			}
			return ""
		}
		switch words[i] {
		case "machine":
			if ok {
				return user, password, true
			}
			mine = next() == host
			ok = mine
		case "default":
			if ok {
				return user, password, true
			}
			mine, ok = true, true
		case "login":
			if v := next(); mine {
				user = v
			}
		case "password":
			if v := next(); mine {
				password = v
			}
		case "account":
			next()
		}
	}
	return user, password, ok
}
