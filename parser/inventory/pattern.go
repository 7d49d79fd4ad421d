package inventory

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
)

// Match gives the hosts that a pattern picks, in the order of the reference:
// names, groups, globs, ~regular expressions, each with an optional
// [subscript], joined by , or : and narrowed by & and !. Warnings tell of
// parts that match nothing.
func (inv *Inventory) Match(pattern string) (hosts []*Host, warnings []string, err error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.match(SplitPattern(pattern))
}

// MatchList is Match for a list of patterns, as a play's hosts may be.
func (inv *Inventory) MatchList(patterns []string) (hosts []*Host, warnings []string, err error) {
	var parts []string
	for _, p := range patterns {
		parts = append(parts, SplitPattern(p)...)
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.match(parts)
}

// Limit narrows hosts to those that --limit names, as --limit is written:
// patterns, and @file for a file with a pattern a line.
func (inv *Inventory) Limit(hosts []*Host, limit string) (kept []*Host, warnings []string, err error) {
	if limit == "" {
		return hosts, nil, nil
	}
	parts, err := LimitPatterns(limit)
	if err != nil {
		return nil, nil, err
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	picked, warnings, err := inv.match(parts)
	if err != nil {
		return nil, nil, err
	}
	in := map[string]bool{}
	for _, h := range picked {
		in[h.Name] = true
	}
	for _, h := range hosts {
		if in[h.Name] {
			kept = append(kept, h)
		}
	}
	return kept, warnings, nil
}

// LimitPatterns reads --limit into patterns.
func LimitPatterns(limit string) ([]string, error) {
	var out []string
	for _, p := range SplitPattern(limit) {
		file, ok := strings.CutPrefix(p, "@")
		if !ok {
			out = append(out, p)
			continue
		}
		st, err := os.Stat(file)
		if err != nil {
			return nil, fmt.Errorf("Unable to find limit file b'%s'", file)
		}
		if st.IsDir() {
			return nil, fmt.Errorf("Limit starting with \"@\" must be a file, not a directory: b'%s'", file)
		}
		text, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return nil, fmt.Errorf("read limit file: %w", err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out, nil
}

// SplitPattern cuts a pattern at commas, or, if it has none, at the colons and
// blanks that do not stand in brackets or in an address.
func SplitPattern(pattern string) []string {
	var parts []string
	_, port := splitPort(pattern)
	switch {
	case strings.Contains(pattern, ","):
		for _, p := range splitOutside(pattern, ",") {
			parts = append(parts, strings.TrimSpace(p))
		}
	case port != 0 && !strings.Contains(pattern, "["), address(pattern):
		parts = []string{pattern}
	default:
		parts = tokens(pattern)
	}
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}

// address reports whether s is an IPv6 address.
func address(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("0123456789abcdefABCDEF:.%", c) {
			return false
		}
	}
	return strings.Contains(s, "::") || strings.Count(s, ":") == 7
}

// splitOutside splits at any of seps where it is not in brackets.
func splitOutside(s, seps string) []string {
	var out []string
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '[':
			depth++
		case s[i] == ']' && depth > 0:
			depth--
		case strings.IndexByte(seps, s[i]) >= 0 && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// tokens gives the parts of a pattern between colons and blanks. An open
// bracket that nothing closes parts as they do.
func tokens(s string) []string {
	var out []string
	from := -1
	end := func(i int) {
		if from >= 0 {
			out = append(out, s[from:i])
		}
		from = -1
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ':', ']', ' ', '\t', '\n', '\r', '\v', '\f':
			end(i)
			continue
		case '[':
			n := strings.IndexByte(s[i:], ']')
			if n < 0 {
				end(i)
				continue
			}
			if from < 0 {
				from = i
			}
			i += n
			continue
		}
		if from < 0 {
			from = i
		}
	}
	end(len(s))
	return out
}

// SubscriptError is a subscript beyond the hosts that there are.
type SubscriptError struct{ Pattern string }

func (e *SubscriptError) Error() string {
	return fmt.Sprintf("No hosts matched the subscripted pattern '%s'", e.Pattern)
}

// selection is hosts in the order of picking.
type selection struct {
	list []*Host
	has  map[*Host]bool
}

func (s *selection) add(hosts []*Host) {
	for _, h := range hosts {
		if !s.has[h] {
			s.has[h] = true
			s.list = append(s.list, h)
		}
	}
}

// match evaluates the parts: first those that add, then & and then !.
func (inv *Inventory) match(parts []string) (hosts []*Host, warnings []string, err error) {
	var add, only, not []string
	for _, p := range parts {
		switch {
		case p == "":
		case p[0] == '!':
			not = append(not, p)
		case p[0] == '&':
			only = append(only, p)
		default:
			add = append(add, p)
		}
	}
	if len(add) == 0 {
		add = []string{All}
	}
	sel := selection{has: map[*Host]bool{}}
	for _, p := range slices.Concat(add, only, not) {
		if h := inv.hosts[p]; h != nil {
			sel.add([]*Host{h})
			continue
		}
		that, ws, err := inv.one(p)
		if err != nil {
			return nil, nil, err
		}
		warnings = append(warnings, ws...)
		switch p[0] {
		case '!':
			sel.keep(that, false)
		case '&':
			sel.keep(that, true)
		default:
			sel.add(that)
		}
	}
	return sel.list, warnings, nil
}

func (s *selection) keep(hosts []*Host, those bool) {
	in := make(map[*Host]bool, len(hosts))
	for _, h := range hosts {
		in[h] = true
	}
	kept := s.list[:0:0]
	for _, h := range s.list {
		if in[h] == those {
			kept = append(kept, h)
		} else {
			delete(s.has, h)
		}
	}
	s.list = kept
}

// one evaluates a single part, its ! or & left aside.
func (inv *Inventory) one(part string) (hosts []*Host, warnings []string, err error) {
	p := part
	if p[0] == '!' || p[0] == '&' {
		p = p[1:]
	}
	if p == "" {
		return nil, nil, nil
	}
	p, sub, hasSub, ws, err := subscript(p)
	if err != nil {
		return nil, nil, err
	}
	hosts, err = inv.named(p)
	if err != nil {
		return nil, nil, err
	}
	if len(hosts) == 0 && p != All {
		msg := "Could not match supplied host pattern, ignoring: " + p
		switch inv.options.Mismatch {
		case "error":
			return nil, nil, errors.New(msg)
		case "ignore":
		default:
			ws = append(ws, msg)
		}
	}
	if hasSub && len(hosts) > 0 {
		if hosts = sub.of(hosts); len(hosts) == 0 {
			return nil, nil, &SubscriptError{strings.TrimLeft(part, "!&")}
		}
	}
	return hosts, ws, nil
}

// named gives the hosts of the groups whose names match, and the hosts that do.
func (inv *Inventory) named(p string) ([]*Host, error) {
	matches, err := matcher(p)
	if err != nil {
		return nil, err
	}
	sel := selection{has: map[*Host]bool{}}
	inGroups := false
	if p == All {
		sel.add(inv.membersOf(inv.groups[All]))
		return sel.list, nil
	}
	for _, g := range inv.ranks {
		found, err := matches(g.Name)
		if err != nil {
			return nil, err
		}
		if found {
			inGroups = true
			sel.add(inv.membersOf(g))
		}
	}
	if !inGroups || p[0] == '~' || strings.ContainsAny(p, ".?*[") {
		var hosts []*Host
		for _, h := range inv.order {
			found, err := matches(h.Name)
			if err != nil {
				return nil, err
			}
			if found {
				hosts = append(hosts, h)
			}
		}
		if len(hosts) == 0 && isLocal(p) {
			hosts = []*Host{inv.localhost(p)}
		}
		sel.add(hosts)
	}
	return sel.list, nil
}

// matcher gives the test of a name against p: a regular expression, a glob or a name.
func matcher(p string) (func(string) (bool, error), error) {
	if p[0] == '~' {
		re, err := pyre.Compile(p[1:], 0)
		if err != nil {
			return nil, fmt.Errorf("Invalid host list pattern: %s", p)
		}
		return func(s string) (bool, error) {
			m, err := re.Match(s)
			if err != nil {
				return false, fmt.Errorf("host pattern %s: %w", p, err)
			}
			return m != nil, nil
		}, nil
	}
	if !strings.ContainsAny(p, "?*[") {
		return func(s string) (bool, error) { return s == p, nil }, nil
	}
	// fnmatch lets * match a slash and [!x] negate; names hold no slash worth the difference.
	glob := strings.ReplaceAll(strings.ReplaceAll(p, `\`, `\\`), "[!", "[^")
	if _, err := path.Match(glob, ""); err != nil {
		glob = strings.ReplaceAll(glob, "[", `\[`)
	}
	return func(s string) (bool, error) { ok, _ := path.Match(glob, s); return ok, nil }, nil
}

// slice is a subscript: [n], [-n], [a:b] with b included, [a:].
type slice struct {
	from, to int
	ranged   bool
	open     bool // no end given
}

func (s slice) of(hosts []*Host) []*Host {
	if !s.ranged {
		i := s.from
		if i < 0 {
			i += len(hosts)
		}
		if i >= 0 && i < len(hosts) {
			return hosts[i : i+1]
		}
		return nil
	}
	to := len(hosts) - 1
	if !s.open {
		to = min(s.to, to)
	}
	if s.from > to {
		return nil
	}
	return hosts[s.from : to+1]
}

// subscript takes the subscript off a pattern. Brackets that hold no numbers
// belong to a glob.
func subscript(p string) (base string, s slice, ok bool, warnings []string, err error) {
	if p[0] == '~' || !strings.HasSuffix(p, "]") {
		return p, s, false, nil, nil
	}
	i := strings.LastIndexByte(p, '[')
	if i <= 0 {
		return p, s, false, nil, nil
	}
	inner := p[i+1 : len(p)-1]
	if n, err := strconv.Atoi(inner); err == nil && inner[0] != '+' {
		return p[:i], slice{from: n}, true, nil, nil
	}
	sep := ":"
	if !strings.Contains(inner, ":") {
		sep = "-"
	}
	a, b, cut := strings.Cut(inner, sep)
	from, errA := strconv.Atoi(a)
	to, errB := strconv.Atoi("0" + b)
	if !cut || errA != nil || errB != nil || !allDigits(a+b) {
		return p, s, false, nil, nil
	}
	if sep == "-" {
		warnings = []string{"Use [x:y] inclusive subscripts instead of [x-y] which has been removed"}
	}
	return p[:i], slice{from: from, to: to, ranged: true, open: b == ""}, true, warnings, nil
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
