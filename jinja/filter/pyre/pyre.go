// Package pyre is Python's re for patterns and replacements on text: the
// syntax, the errors and what matches are those of Python 3.11.
//
//   - [Compile] reads a pattern into a tree (parse.go, class.go), with Python's
//     error messages and positions, and keeps what it compiled.
//   - emit.go writes the tree down for the matching engine, regexp2, which
//     backtracks as Python's does but reads another dialect. One pattern has
//     several such programs: for text that is ASCII only, where the classes are
//     small, and for other text; for search, match and fullmatch. Each is made
//     when first used.
//   - [Regexp] searches, finds all and substitutes; sub.go reads replacements.
//
// A search that takes longer than [Limit] ends with an error: Python would go on for ever.
package pyre

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Limit is the longest time that one search may take.
const Limit = 20 * time.Second

// Flags are those of re.compile.
type Flags uint8

// The flags.
const (
	IgnoreCase Flags = 1 << iota
	Multiline
	DotAll
	Verbose
	ASCII
)

// mode is how a program is anchored.
type mode uint8

const (
	modeSearch  mode = iota
	modeMatch        // at the start of the text
	modeFull         // the whole text
	modeAdvance      // search, but no empty match where the search starts
	modes
)

// Regexp is a compiled pattern. Safe for concurrent use.
type Regexp struct {
	pattern string
	tree    *node
	groups  int
	names   map[string]int
	literal string // the pattern as plain text, if it is that
	plain   bool
	head    string // what every match begins with; atStart: and the text
	atStart bool
	inLine  bool // a match is within a line, and heeds nothing beyond it

	mu    sync.Mutex
	progs [2][modes]*regexp2.Regexp
}

// cacheSize bounds how many patterns are kept; when it is reached all are dropped, as Python does.
const cacheSize = 512

var cache struct {
	sync.RWMutex
	m map[cacheKey]*Regexp
}

type cacheKey struct {
	pattern string
	flags   Flags
}

// Compile reads pattern. The error has Python's words. Patterns are kept, so
// that compiling one again costs a lookup.
func Compile(pattern string, flags Flags) (*Regexp, error) {
	key := cacheKey{pattern, flags}
	cache.RLock()
	re := cache.m[key]
	cache.RUnlock()
	if re != nil {
		return re, nil
	}
	re, err := compile(pattern, flags)
	if err != nil {
		return nil, err
	}
	cache.Lock()
	defer cache.Unlock()
	if cache.m == nil || len(cache.m) >= cacheSize {
		cache.m = make(map[cacheKey]*Regexp)
	}
	cache.m[key] = re
	return re, nil
}

func compile(pattern string, flags Flags) (*Regexp, error) {
	p := newParser(pattern, flags)
	tree, err := p.parse()
	if err != nil {
		return nil, err
	}
	re := &Regexp{pattern: pattern, tree: tree, groups: p.groups, names: p.names}
	re.literal, re.plain = literalOf(tree)
	re.head, re.atStart = headOf(tree)
	re.inLine = inLine(tree)
	return re, nil
}

// Pattern is the text re was compiled from.
func (re *Regexp) Pattern() string { return re.pattern }

// Groups is the number of groups, without the whole match.
func (re *Regexp) Groups() int { return re.groups }

// Group gives the number of the group called name.
func (re *Regexp) Group(name string) (int, bool) {
	n, ok := re.names[name]
	return n, ok
}

// Names lists the names of groups, in the order of the groups.
func (re *Regexp) Names() []string {
	return slices.SortedFunc(maps.Keys(re.names), func(a, b string) int { return re.names[a] - re.names[b] })
}

// Match is one match. Positions count characters.
type Match struct {
	text  subject
	spans [][2]int // of the groups, 0 is the whole; -1 for a group that took no part
}

// Span gives where group i begins and ends in characters, -1 if it took no part.
func (m *Match) Span(i int) (start, end int) { return m.spans[i][0], m.spans[i][1] }

// Text gives what group i matched, and whether it took part.
func (m *Match) Text(i int) (string, bool) {
	s := m.spans[i]
	if s[0] < 0 {
		return "", false
	}
	return m.text.slice(s[0], s[1]), true
}

// Search finds the first match in text, nil if there is none.
func (re *Regexp) Search(text string) (*Match, error) {
	if re.plain {
		i := strings.Index(text, re.literal)
		return re.literalMatch(text, i), nil
	}
	// Most lines of a file are none of those looked for: the engine need not see them.
	if re.atStart && !strings.HasPrefix(text, re.head) || !strings.Contains(text, re.head) {
		return nil, nil
	}
	return re.find(newSubject(text), 0, modeSearch)
}

// Match finds a match at the start of text, nil if there is none.
func (re *Regexp) Match(text string) (*Match, error) {
	if re.plain {
		i := -1
		if strings.HasPrefix(text, re.literal) {
			i = 0
		}
		return re.literalMatch(text, i), nil
	}
	return re.find(newSubject(text), 0, modeMatch)
}

// FullMatch finds a match of the whole text, nil if there is none.
func (re *Regexp) FullMatch(text string) (*Match, error) {
	return re.find(newSubject(text), 0, modeFull)
}

func (re *Regexp) literalMatch(text string, at int) *Match {
	if at < 0 {
		return nil
	}
	s := newSubject(text)
	start := at
	if s.runes != nil {
		start = utf8.RuneCountInString(text[:at])
	}
	end := start + utf8.RuneCountInString(re.literal)
	return &Match{text: s, spans: [][2]int{{start, end}}}
}

// FindAll finds all matches that do not overlap.
func (re *Regexp) FindAll(text string) ([]*Match, error) {
	var all []*Match
	err := re.each(newSubject(text), func(m *Match) bool {
		all = append(all, m)
		return true
	})
	return all, err
}

// each hands the matches to yield until it gives false.
func (re *Regexp) each(s subject, yield func(*Match) bool) error {
	if len(s.text) > bigText {
		s.prepare()
	}
	at, how := 0, modeSearch
	for at <= s.len() {
		m, err := re.find(s, at, how)
		if err != nil || m == nil {
			return err
		}
		if !yield(m) {
			return nil
		}
		s.prepare()
		// Python goes on where the match ended; after an empty one the next
		// may start there too, if it is not empty as well.
		at, how = m.spans[0][1], modeSearch
		if m.spans[0][0] == m.spans[0][1] {
			how = modeAdvance
		}
	}
	return nil
}

func (re *Regexp) find(s subject, at int, how mode) (*Match, error) {
	prog, err := re.program(s.runes != nil, how)
	if err != nil {
		return nil, err
	}
	var found *regexp2.Match
	switch {
	case s.runes != nil:
		found, err = prog.FindRunesMatchStartingAt(s.runes, at)
	case s.again != nil:
		found, err = prog.FindRunesMatchStartingAt(s.again, at)
	default:
		found, err = prog.FindStringMatchStartingAt(s.text, at)
	}
	if err != nil {
		return nil, fmt.Errorf("pattern %q took longer than %s: make it less ambiguous", re.pattern, Limit)
	}
	if found == nil {
		return nil, nil
	}
	m := &Match{text: s, spans: make([][2]int, re.groups+1)}
	m.spans[0] = [2]int{found.Index, found.Index + found.Length}
	for i := 1; i <= re.groups; i++ {
		m.spans[i] = [2]int{-1, -1}
		if g := found.GroupByNumber(i); g != nil && len(g.Captures) > 0 {
			m.spans[i] = [2]int{g.Index, g.Index + g.Length}
		}
	}
	return m, nil
}

func (re *Regexp) program(wide bool, how mode) (*regexp2.Regexp, error) {
	w := 0
	if wide {
		w = 1
	}
	re.mu.Lock()
	defer re.mu.Unlock()
	if prog := re.progs[w][how]; prog != nil {
		return prog, nil
	}
	prog, err := regexp2.Compile(emit(re.tree, wide, how), regexp2.None)
	if err != nil {
		return nil, errors.New("pattern " + re.pattern + " is not supported: " + err.Error())
	}
	prog.MatchTimeout = Limit
	re.progs[w][how] = prog
	return prog, nil
}

// Escape gives a pattern that matches text itself: re.escape.
func Escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if strings.IndexByte("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", text[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
