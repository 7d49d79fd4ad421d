package callback

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/churten/churten/modules/kit/event"
)

// Set is the callbacks of one run. It says itself what belongs to no callback:
// warnings, errors that are no task's, lines of -v.
type Set struct {
	*Display
	All []event.Listener // the one that has stdout first
	// Record, if set, hears everything first; Progress shows what is under way.
	Record   *Recorder
	Progress *Progress
	// Secrets are not shown in the output of commands while they run.
	Secrets *Secrets
	open    map[[2]string][]byte // lines of running commands that have not ended, by host and stream
}

// Hear hands an event to the callbacks.
func (s *Set) Hear(e event.Event) {
	if w, ok := e.(event.Warning); ok && !w.Pos.IsZero() {
		e = event.Warning{Text: WarningText(w.Text, w.Pos, w.Help), Deprecated: w.Deprecated, Host: w.Host}
	}
	switch o := e.(type) {
	case event.Output:
		if o.Chunk = s.lines(o); len(o.Chunk) == 0 {
			return
		}
		e = o
	case event.Result:
		delete(s.open, [2]string{o.Host, "stdout"})
		delete(s.open, [2]string{o.Host, "stderr"})
	}
	if s.Record != nil {
		s.Record.Hear(e)
	}
	if s.Progress != nil {
		s.Progress.Hear(e)
	}
	switch e := e.(type) {
	case event.Output:
		s.output(e)
		return
	case event.Warning:
		if e.Deprecated {
			s.Deprecated(e.Text)
		} else {
			s.Warning(e.Text)
		}
		return
	case event.Error:
		text := strings.TrimSuffix(WarningText(e.Text, e.Pos, ""), "\n")
		if !e.Bare {
			text += "\n"
		}
		s.Error(text, true)
		return
	case event.Verbose:
		s.verbose(e)
		return
	}
	for _, l := range s.All {
		l.Hear(e)
	}
}

// longestLine bounds what is kept of a line that does not end.
const longestLine = 16 << 10

// Close ends the callbacks that have an end of their own.
func (s *Set) Close() error {
	var errs []error
	for _, l := range s.All {
		if c, ok := l.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// lines gives the lines that a piece of output ends. Parts of lines wait for
// their rest: a secret in them could not be told.
func (s *Set) lines(e event.Output) []byte {
	key := [2]string{e.Host, e.Stream}
	text := append(s.open[key], e.Chunk...)
	end := bytes.LastIndexByte(text, '\n') + 1
	rest := text[end:]
	if len(rest) > longestLine {
		rest = nil // it is in the result
	}
	if s.open == nil {
		s.open = map[[2]string][]byte{}
	}
	s.open[key] = bytes.Clone(rest)
	return text[:end]
}

// output shows what a command says while it runs: on stderr, for stdout has the
// callback's text, and the whole in the result.
func (s *Set) output(e event.Output) {
	if s.Verbosity < 2 || s.Progress != nil || e.Task.NoLog {
		return
	}
	text := strings.TrimSuffix(s.Secrets.Mask(string(e.Chunk)), "\n")
	for line := range strings.SplitSeq(text, "\n") {
		s.PrintErr("<"+e.Host+"> | "+line, ColourDebug)
	}
}

func (s *Set) verbose(e event.Verbose) {
	text := e.Text
	if e.Host != "" {
		text = "<" + e.Host + "> " + text
	}
	switch {
	case e.Level == 0:
		s.Print(text, Plain)
	case s.Verbosity >= e.Level:
		s.Print(text, ColourVerbose)
	default:
		s.Note(e.Level, text)
	}
}
