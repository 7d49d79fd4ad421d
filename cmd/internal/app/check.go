package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/source"
)

// Status of a Need.
const (
	needNative  = "native"
	needPython  = "python"  // a file that runs in Python
	needRefused = "refused" // a file that the reference would run, and churten does not
	needMissing = "missing" // neither churten nor the reference has it
	needUnknown = "unknown" // a template: only a run can tell
)

// Need is something that a playbook would use.
type Need struct {
	Kind   string   `json:"kind"` // module, filter, lookup, …
	Name   string   `json:"name"`
	Status string   `json:"status"`
	File   string   `json:"file,omitempty"` // where the Python is
	Note   string   `json:"note,omitempty"`
	Used   []string `json:"used"` // file:line, each once
}

// checker collects needs.
type checker struct {
	s     *session
	names actions
	needs map[[2]string]*Need
	seen  map[string]bool // files and templates that were looked through
	base  string          // places are told from here
}

// Check reads playbooks and tells what they need; ok is false when something is
// missing or refused.
func Check(ctx context.Context, o PlaybookOptions, asJSON bool) (ok bool, err error) {
	o.Inspect = true
	for _, path := range o.Playbooks {
		if err := readablePlaybook(path); err != nil {
			return false, err
		}
	}
	s, err := newSession(ctx, &o)
	if err != nil {
		return false, err
	}
	if err := s.loadInventory(ctx); err != nil {
		return false, err
	}
	c := &checker{s: s, needs: map[[2]string]*Need{}, seen: map[string]bool{}, base: absolute(".")}
	for _, path := range o.Playbooks {
		pb, err := s.load(path)
		if err != nil {
			return false, err
		}
		c.names = s.names
		c.playbook(pb)
	}
	c.settings()
	needs := c.sorted()
	if asJSON {
		return c.ok(), c.writeJSON(o.Out, needs)
	}
	return c.ok(), c.write(o.Out, needs)
}

// use notes that something is used; status is asked for the first time only.
func (c *checker) use(kind, name string, pos source.Pos, status func() (status, file, note string)) {
	key := [2]string{kind, name}
	n := c.needs[key]
	if n == nil {
		n = &Need{Kind: kind, Name: name, Used: []string{}}
		n.Status, n.File, n.Note = status()
		c.needs[key] = n
	}
	if pos.File == "" {
		return
	}
	place := pos.File
	if rel, err := filepath.Rel(c.base, place); err == nil && !strings.HasPrefix(rel, "..") {
		place = rel
	}
	if pos.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, pos.Line)
	}
	if !slices.Contains(n.Used, place) {
		n.Used = append(n.Used, place)
	}
}

var statusOrder = []string{needMissing, needRefused, needPython, needUnknown, needNative}

func (c *checker) sorted() []*Need {
	var out []*Need
	for _, n := range c.needs {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *Need) int {
		return cmp.Or(slices.Index(statusOrder, a.Status)-slices.Index(statusOrder, b.Status), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
	})
	return out
}

// ok says that nothing is known that would keep the playbooks from running.
func (c *checker) ok() bool {
	for _, n := range c.needs {
		if n.Status == needMissing || n.Status == needRefused {
			return false
		}
	}
	return true
}

func (c *checker) counts() map[string]int {
	m := map[string]int{needNative: 0, needPython: 0, needRefused: 0, needMissing: 0, needUnknown: 0}
	for _, n := range c.needs {
		m[n.Status]++
	}
	return m
}

func (c *checker) writeJSON(w io.Writer, needs []*Need) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(map[string]any{"needs": needs, "summary": c.counts()})
}

func (c *checker) write(w io.Writer, needs []*Need) error {
	var b strings.Builder
	for _, n := range needs {
		fmt.Fprintf(&b, "%-8s %-13s %s", n.Status, n.Kind, n.Name)
		if n.File != "" {
			fmt.Fprintf(&b, " (%s)", n.File)
		}
		if n.Note != "" {
			fmt.Fprintf(&b, ": %s", n.Note)
		}
		b.WriteByte('\n')
		if n.Status == needNative && c.s.o.Verbosity == 0 {
			continue
		}
		for _, place := range n.Used {
			fmt.Fprintf(&b, "         %s\n", place)
		}
	}
	m := c.counts()
	fmt.Fprintf(&b, "%d native, %d through Python, %d refused, %d missing, %d that only a run can tell\n",
		m[needNative], m[needPython], m[needRefused], m[needMissing], m[needUnknown])
	_, err := io.WriteString(w, b.String())
	return err
}

// settings looks at what the configuration asks for: callbacks, and settings
// that churten takes without effect.
func (c *checker) settings() {
	set := c.s.set
	for _, name := range append([]string{set.Str("DEFAULT_STDOUT_CALLBACK")}, set.List("CALLBACKS_ENABLED")...) {
		setting := "CALLBACKS_ENABLED"
		if name == set.Str("DEFAULT_STDOUT_CALLBACK") {
			setting = "DEFAULT_STDOUT_CALLBACK"
		}
		c.use("callback", name, set.Origin(setting).Pos, func() (string, string, string) {
			if callback.Find(name) != nil {
				return needNative, "", ""
			}
			return c.plugin("callback", name)
		})
	}
	for _, t := range config.Names() {
		if !set.Set(t) {
			continue
		}
		o := set.Origin(t)
		c.use("setting", t, o.Pos, func() (string, string, string) { return needNative, "", o.Text })
	}
}
