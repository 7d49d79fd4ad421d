package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Jar keeps the cookies of one chain of requests.
type Jar struct{ cookies []cookie }

type cookie struct {
	name, value, domain, path string
	exact, secure             bool // exact: for that host only
}

// Take takes the cookies that an answer sets (RFC 6265).
func (j *Jar) Take(u *url.URL, h Header) {
	for _, text := range h.Values("Set-Cookie") {
		ck, expired, ok := readCookie(text, u)
		if !ok {
			continue
		}
		at := -1
		for i, have := range j.cookies {
			if have.name == ck.name && have.domain == ck.domain && have.path == ck.path {
				at = i
			}
		}
		switch {
		case expired && at >= 0:
			j.cookies = append(j.cookies[:at], j.cookies[at+1:]...)
		case expired:
		case at >= 0:
			j.cookies[at] = ck
		default:
			j.cookies = append(j.cookies, ck)
		}
	}
}

func readCookie(text string, u *url.URL) (ck cookie, expired, ok bool) {
	pair, attributes, _ := strings.Cut(text, ";")
	ck = cookie{domain: u.Hostname(), exact: true, path: "/"}
	ck.name, ck.value, ok = strings.Cut(strings.TrimSpace(pair), "=")
	ck.name, ck.value = strings.TrimSpace(ck.name), strings.TrimSpace(ck.value)
	if !ok || ck.name == "" {
		return ck, false, false
	}
	if i := strings.LastIndexByte(u.Path, '/'); i > 0 {
		ck.path = u.Path[:i]
	}
	maxAge := false
	for _, attribute := range strings.Split(attributes, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(attribute), "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(name) {
		case "path":
			if strings.HasPrefix(value, "/") {
				ck.path = value
			}
		case "domain":
			value = strings.ToLower(strings.TrimPrefix(value, "."))
			host := strings.ToLower(u.Hostname())
			if value != host && (!strings.HasSuffix(host, "."+value) || !strings.Contains(value, ".")) {
				return ck, false, false
			}
			ck.domain, ck.exact = value, false
		case "secure":
			ck.secure = true
		case "max-age":
			if seconds, err := strconv.Atoi(value); err == nil {
				maxAge, expired = true, seconds <= 0
			}
		case "expires":
			if t, ok := cookieTime(value); ok && !maxAge {
				expired = !t.After(time.Now())
			}
		}
	}
	return ck, expired, true
}

// cookieTime reads the dates that servers write.
func cookieTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC1123, "Mon, 02-Jan-2006 15:04:05 MST", "Monday, 02-Jan-06 15:04:05 MST", time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// For gives the Cookie header for a request, "" for none.
func (j *Jar) For(u *url.URL) string {
	var fit []cookie
	host := strings.ToLower(u.Hostname())
	path := u.Path
	if path == "" {
		path = "/"
	}
	for _, ck := range j.cookies {
		if ck.secure && u.Scheme != "https" {
			continue
		}
		if host != ck.domain && (ck.exact || !strings.HasSuffix(host, "."+ck.domain)) {
			continue
		}
		if path != ck.path && !strings.HasPrefix(path, strings.TrimSuffix(ck.path, "/")+"/") {
			continue
		}
		fit = append(fit, ck)
	}
	// The longer paths first (RFC 6265, 5.4).
	slices.SortStableFunc(fit, func(a, b cookie) int { return len(b.path) - len(a.path) })
	var parts []string
	for _, ck := range fit {
		parts = append(parts, ck.name+"="+ck.value)
	}
	return strings.Join(parts, "; ")
}

// All walks the cookies in the order they came, those of one domain and path
// together: the order of Python's jar.
func (j *Jar) All(yield func(name, value string) bool) {
	type place struct{ domain, path string }
	seen := map[place]bool{}
	for _, first := range j.cookies {
		at := place{first.domain, first.path}
		if seen[at] {
			continue
		}
		seen[at] = true
		for _, ck := range j.cookies {
			if (place{ck.domain, ck.path}) == at && !yield(ck.name, ck.value) {
				return
			}
		}
	}
}
