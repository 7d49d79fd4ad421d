package app

import (
	"context"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/modules/kit/event"
)

// listener makes the callbacks of the run.
func (s *session) listener(ctx context.Context) (event.Listener, error) {
	set := s.set
	base := callback.Base{Display: s.display, Now: time.Now, Secrets: s.secrets, MaskFiles: set.Bool("MASK_SECRETS"), Options: callback.Options{
		HideSkipped: !set.Bool("DISPLAY_SKIPPED_HOSTS"), HideOK: !set.Bool("DISPLAY_OK_HOSTS"),
		FailedToStderr: set.Bool("DISPLAY_FAILED_STDERR"), CheckMarkers: set.Bool("CHECK_MODE_MARKERS"),
		ShowCustomStats: set.Bool("SHOW_CUSTOM_STATS"), ShowArgs: set.Bool("DISPLAY_ARGS_TO_STDOUT"), TreeDir: s.o.tree,
		ShowStart: set.Bool("SHOW_PER_HOST_START"), ShowFailedPath: set.Bool("SHOW_TASK_PATH_ON_FAILURE"),
		YAML: set.Str("CALLBACK_RESULT_FORMAT") == "yaml", Indent: set.Int("CALLBACK_RESULT_INDENTATION")}}
	if set.Str("CALLBACK_FORMAT_PRETTY") != "" {
		pretty := set.Bool("CALLBACK_FORMAT_PRETTY")
		base.Pretty = &pretty
	}
	choice := callback.Choice{Stdout: set.Str("DEFAULT_STDOUT_CALLBACK"), Enabled: set.List("CALLBACKS_ENABLED")}
	if s.o.choose != nil {
		choice = s.o.choose(choice, set)
	}
	if s.python != nil {
		s.python.callbacks(ctx, &choice)
	}
	all, err := callback.NewSet(base, set, choice)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, all.Close)
	all.Secrets = s.secrets
	if all.Record, err = s.recorder(); err != nil {
		return nil, err
	}
	all.Progress = s.progress()
	return all, nil
}

// progress is the view of what is under way, nil where none is wanted or where
// nobody would see it.
func (s *session) progress() *callback.Progress {
	f, ok := s.o.Err.(*os.File)
	if !s.o.Progress || !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	size := func() (int, int) {
		columns, rows, err := term.GetSize(int(f.Fd()))
		if err != nil || columns < 1 {
			return 80, 24
		}
		return columns, rows
	}
	p := callback.NewProgress(f, size, s.secrets, time.Now, s.display)
	s.closers = append(s.closers, p.Close)
	s.terminal.alone = p.Away
	return p
}

// live reports whether anybody looks on while commands run.
func (s *session) live() bool {
	return s.o.Record != "" || s.o.Progress || s.o.Verbosity >= 2
}
