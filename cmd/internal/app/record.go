package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// logProgram is the name under which log_path has the lines of all commands,
// and by which log_filter may leave them out.
const logProgram = "ansible"

// keep opens what the settings want kept of all that is shown: the log file;
// and masks stdout where they ask for it.
func (s *session) keep() error {
	if s.set.Bool("MASK_SECRETS") {
		s.display.Out = callback.Writer{Secrets: s.secrets, W: s.display.Out}
		s.display.Err = callback.Writer{Secrets: s.secrets, W: s.display.Err}
	}
	path := s.set.Str("DEFAULT_LOG_PATH")
	if path == "" || slices.Contains(s.set.List("DEFAULT_LOG_FILTER"), logProgram) {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		s.display.Warning(fmt.Sprintf("log file at '%s' is not writeable and we cannot create it, aborting", path))
		return nil
	}
	s.closers = append(s.closers, f.Close)
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	s.display.Log = &callback.Log{W: f, Secrets: s.secrets, Now: time.Now, PID: os.Getpid(), User: name, Program: logProgram, Verbosity: s.set.Int("LOG_VERBOSITY")}
	return nil
}

// recorder opens the record of the run, nil where none is wanted.
func (s *session) recorder() (*callback.Recorder, error) {
	if s.o.Record == "" {
		return nil, nil
	}
	f, err := os.OpenFile(s.o.Record, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--record: %w", err)
	}
	r := callback.NewRecorder(f, s.secrets, time.Now)
	s.closers = append(s.closers, func() error { return errors.Join(r.Err(), f.Close()) })
	return r, nil
}

// close ends what keep and recorder opened.
func (s *session) close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// opened hears of decrypted text: its values, or its lines, are secrets.
func (s *session) opened(plain []byte) {
	text := string(plain)
	s.secrets.Add(text)
	if !strings.Contains(strings.TrimSpace(text), "\n") && !bytes.ContainsAny(plain, ":") {
		return
	}
	if doc, err := value.ParseJSON(text); err == nil {
		s.secretsIn(doc)
		return
	}
	if tree, err := parseQuietly(plain); err == nil {
		s.secretsIn(tree)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); len(line) >= longLine {
			s.secrets.Add(line)
		}
	}
}

// longLine is the length from which a line of a secret of many lines (a key) is
// a secret by itself.
const longLine = 16

// secretsIn makes secrets of all texts and numbers in v.
func (s *session) secretsIn(v value.Value) {
	switch v := v.(type) {
	case *value.Dict:
		for _, item := range v.All() {
			s.secretsIn(item)
		}
	case *value.List:
		for _, item := range v.Items {
			s.secretsIn(item)
		}
	case value.Str:
		s.secrets.Add(string(v))
	case value.Int, value.Float:
		if text := value.Text(v); len(text) >= 4 {
			s.secrets.Add(text)
		}
	}
}

// ReplayOptions are the flags of churten replay.
type ReplayOptions struct {
	File, Callback string
	Verbosity      int
	In             io.Reader
	Out, Err       io.Writer
}

// Replay prints a record through a callback.
func Replay(o ReplayOptions) (err error) {
	set, _, err := readSettings()
	if err != nil {
		return err
	}
	p := &PlaybookOptions{Out: o.Out, Err: o.Err, Verbosity: o.Verbosity}
	s := &session{o: p, set: set, display: newDisplay(p, set)}
	defer func() { err = errors.Join(err, s.close()) }()
	if o.Callback != "" {
		p.choose = func(c callback.Choice, _ *config.Settings) callback.Choice {
			return callback.Choice{Stdout: o.Callback, Enabled: c.Enabled}
		}
	}
	l, err := s.listener(context.Background())
	if err != nil {
		return err
	}
	in := o.In
	if o.File != "-" {
		f, err := os.Open(o.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	if err := callback.Replay(in, l); err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	return nil
}

// parseQuietly reads YAML and gives its values; templates in it stay texts.
func parseQuietly(text []byte) (value.Value, error) {
	doc, err := yaml.Parse(text, "")
	if err != nil {
		return nil, err
	}
	return doc.Root.Decode(nil)
}
