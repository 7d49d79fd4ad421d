package pip

import (
	"strconv"
	"strings"
)

// version is a version as PEP 440 orders them. pre is a, b or c, ordered like
// that; "z" for a final release, "" for a development release of one.
type version struct {
	epoch   int
	release []int
	pre     string
	preN    int
	post    int // -1: none
	dev     int // -1: none
	local   string
}

func parseVersion(text string) (v version, ok bool) {
	v = version{post: -1, dev: -1}
	text = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "v")
	text, v.local, _ = strings.Cut(text, "+")
	if e, rest, has := strings.Cut(text, "!"); has {
		n, err := strconv.Atoi(e)
		if err != nil {
			return v, false
		}
		v.epoch, text = n, rest
	}
	number := func() (n int, found bool) {
		i := 0
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(text[:i])
		if i == 0 || err != nil {
			return 0, false
		}
		text = text[i:]
		return n, true
	}
	for {
		n, found := number()
		if !found {
			return v, false
		}
		v.release = append(v.release, n)
		if len(text) < 2 || text[0] != '.' || text[1] < '0' || text[1] > '9' {
			break
		}
		text = text[1:]
	}
	word := func(names ...string) bool {
		rest := strings.TrimLeft(text, ".-_")
		for _, name := range names {
			if r, has := strings.CutPrefix(rest, name); has {
				text = strings.TrimLeft(r, ".-_")
				return true
			}
		}
		return false
	}
	for _, p := range [][]string{{"a", "alpha", "a"}, {"b", "beta", "b"}, {"c", "preview", "pre", "rc", "c"}} {
		if word(p[1:]...) {
			v.pre = p[0]
			v.preN, _ = number()
			break
		}
	}
	if word("post", "rev", "r") {
		v.post, _ = number()
	} else if strings.HasPrefix(text, "-") { // 1.0-1
		text = text[1:]
		n, found := number()
		if !found {
			return v, false
		}
		v.post = n
	}
	if word("dev") {
		v.dev, _ = number()
	}
	switch {
	case v.pre == "" && (v.dev < 0 || v.post >= 0):
		v.pre = "z"
	}
	return v, text == ""
}

// compare orders by epoch, release, pre, post and development release; local
// parts are not looked at.
func (v *version) compare(w *version) int {
	if v.epoch != w.epoch {
		return v.epoch - w.epoch
	}
	for i := range max(len(v.release), len(w.release)) {
		if c := at(v.release, i) - at(w.release, i); c != 0 {
			return c
		}
	}
	if c := strings.Compare(v.pre, w.pre); c != 0 {
		return c
	}
	if c := v.preN - w.preN; c != 0 {
		return c
	}
	if c := v.post - w.post; c != 0 {
		return c
	}
	switch {
	case v.dev == w.dev:
		return 0
	case v.dev < 0:
		return 1
	case w.dev < 0:
		return -1
	}
	return v.dev - w.dev
}

func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// admits reports whether a version meets the condition.
func (s spec) admits(have string) bool {
	if s.op == "===" {
		return have == s.version
	}
	h, ok := parseVersion(have)
	if !ok {
		return false
	}
	if prefix, ok := strings.CutSuffix(s.version, ".*"); ok {
		p, ok := parseVersion(prefix)
		return ok && (s.op == "!=") != begins(&h, &p, len(p.release))
	}
	w, ok := parseVersion(s.version)
	if !ok {
		return false
	}
	c := h.compare(&w)
	switch s.op {
	case "==":
		return c == 0 && (w.local == "" || w.local == h.local)
	case "!=":
		return c != 0
	case "<=":
		return c <= 0
	case ">=":
		return c >= 0
	case "<": // not a pre-release of the very version
		return c < 0 && (w.preRelease() || !h.preRelease() || !sameRelease(&h, &w))
	case ">": // nor a post-release
		return c > 0 && (w.post >= 0 || h.post < 0 || !sameRelease(&h, &w))
	case "~=":
		return c >= 0 && len(w.release) > 1 && begins(&h, &w, len(w.release)-1)
	}
	return false
}

func begins(v, w *version, n int) bool {
	for i := range n {
		if at(v.release, i) != at(w.release, i) {
			return false
		}
	}
	return v.epoch == w.epoch
}

func (v *version) preRelease() bool { return v.pre != "z" || v.dev >= 0 }

func sameRelease(v, w *version) bool { return begins(v, w, max(len(v.release), len(w.release))) }
