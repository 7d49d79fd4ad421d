package callback

import (
	"strings"

	"github.com/churten/churten/modules/kit/event"
)

// Set is the callbacks of one run. It says itself what belongs to no callback:
// warnings, errors that are no task's, lines of -v.
type Set struct {
	*Display
	All []event.Listener // the one that has stdout first
	// Record, if set, hears everything first.
	Record *Recorder
}

// Hear hands an event to the callbacks.
func (s *Set) Hear(e event.Event) {
	if w, ok := e.(event.Warning); ok && !w.Pos.IsZero() {
		e = event.Warning{Text: WarningText(w.Text, w.Pos, w.Help), Deprecated: w.Deprecated, Host: w.Host}
	}
	if s.Record != nil {
		s.Record.Hear(e)
	}
	switch e := e.(type) {
	case event.Warning:
		if e.Deprecated {
			s.Deprecated(e.Text)
		} else {
			s.Warning(e.Text)
		}
		return
	case event.Error:
		s.Error(strings.TrimSuffix(WarningText(e.Text, e.Pos, ""), "\n")+"\n", true)
		return
	case event.Verbose:
		s.verbose(e)
		return
	}
	for _, l := range s.All {
		l.Hear(e)
	}
}

func (s *Set) verbose(e event.Verbose) {
	if s.Verbosity < e.Level {
		return
	}
	text := e.Text
	if e.Host != "" {
		text = "<" + e.Host + "> " + text
	}
	s.Print(text, ColourVerbose)
}
