package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/modules"
)

// lineReader reads what is typed behind a prompt; io.EOF is the end, and may
// come with a last line.
type lineReader interface {
	Read(ctx context.Context, prompt string) (string, error)
}

// newLines reads from the terminal, with completion and a history, or from
// whatever else the input is.
func (c *console) newLines() lineReader {
	in, inTTY := c.s.terminal.tty()
	out, ok := c.o.Out.(*os.File)
	if inTTY && ok && term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" {
		e := &editor{in: in, t: term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{in, out}, ""), paint: c.s.display.Painted}
		e.t.AutoCompleteCallback = c.complete
		e.remember(filepath.Join(os.Getenv("HOME"), ".ansible-console_history"))
		return e
	}
	return &plainLines{c.s.terminal, bufio.NewReader(c.o.In), c.o.Out}
}

// plainLines reads lines from a pipe or a file.
type plainLines struct {
	t  *terminal
	in *bufio.Reader
	w  io.Writer
}

// Read implements lineReader.
func (p *plainLines) Read(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(p.w, prompt)
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	p.t.reader = p.in // what a task asks is answered by the same input
	return p.t.line(ctx)
}

// editor reads lines from a terminal. It is raw only while a line is typed, so
// that Ctrl-C ends a task as it should.
type editor struct {
	in      *os.File
	t       *term.Terminal
	paint   func(string, callback.Colour) string
	history string
}

// Read implements lineReader.
func (e *editor) Read(_ context.Context, prompt string) (string, error) {
	state, err := term.MakeRaw(int(e.in.Fd()))
	if err != nil {
		return "", fmt.Errorf("the terminal cannot be read from: %w", err)
	}
	defer func() { _ = term.Restore(int(e.in.Fd()), state) }()
	if w, h, err := term.GetSize(int(e.in.Fd())); err == nil {
		_ = e.t.SetSize(w, h) // of a terminal of no size lines are not broken
	}
	colour := callback.Plain
	if strings.HasSuffix(prompt, "# ") {
		colour = callback.Red
	}
	e.t.SetPrompt(e.paint(strings.TrimSuffix(prompt, " "), colour) + " ")
	line, err := e.t.ReadLine()
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	if err == nil && strings.TrimSpace(line) != "" {
		e.keep(line)
	}
	return line, err
}

// keptLines bounds the history.
const keptLines = 1000

// remember takes up the history of earlier consoles, which lies in a file as
// the reference has it.
func (e *editor) remember(path string) {
	e.history = path
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	for _, l := range lines[max(0, len(lines)-keptLines):] {
		e.t.History.Add(l)
	}
}

// keep adds a line to the history. One that cannot be written is no reason to
// end anything.
func (e *editor) keep(line string) {
	f, err := os.OpenFile(e.history, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

// complete finishes a word at Tab: commands and modules first in a line, hosts
// and groups behind cd, arguments behind a module.
func (c *console) complete(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	before, after := line[:pos], line[pos:]
	start := strings.LastIndexAny(before, " ,:!&") + 1
	prefix := before[start:]
	common := ""
	for i, w := range c.candidates(before) {
		if !strings.HasPrefix(w, prefix) {
			continue
		}
		if common == "" && i >= 0 {
			common = w
			continue
		}
		for !strings.HasPrefix(w, common) {
			common = common[:len(common)-1]
		}
	}
	if common == "" {
		return line, pos, true
	}
	return before[:start] + common + after, start + len(common), true
}

// candidates are the words that could stand at the end of before.
func (c *console) candidates(before string) []string {
	word, _, args := strings.Cut(strings.TrimLeft(before, " "), " ")
	switch {
	case !args:
		words := slices.Concat(slices.Collect(maps.Keys(consoleCommands)), []string{"help"}, moduleNames())
		for _, n := range moduleNames() {
			if short, ok := strings.CutPrefix(n, "ansible.builtin."); ok {
				words = append(words, short)
			}
		}
		return words
	case word == "cd":
		words := []string{"all"}
		for _, h := range c.s.inv.Hosts() {
			words = append(words, h.Name)
		}
		return append(words, c.s.inv.GroupNames()...)
	case word == "help":
		return moduleNames()
	}
	var words []string
	if mod, act := modules.Lookup(word); mod != nil {
		for _, a := range mod.Args {
			words = append(words, a.Name+"=")
		}
	} else if act != nil {
		for _, a := range act.Args {
			words = append(words, a.Name+"=")
		}
	}
	return words
}
