// Package app puts the parts of one run together: it is the only package that
// knows them all. Commands hand it options as they stood on the command line;
// it reads the configuration, loads the content, and starts the run.
//
// playbook.go is ansible-playbook; env.go makes the environment of templates;
// extravars.go, secrets.go and prompt.go read what the command line gives;
// errors.go tells faults as the reference does.
package app

import (
	"path/filepath"
)

// Version of churten; ReferenceVersion is the ansible-core it follows.
const (
	Version          = "0.1.0"
	ReferenceVersion = "2.19.14"
)

// ContentError is a fault in what was loaded: exit status 4.
type ContentError struct{ Err error }

func (e *ContentError) Error() string { return e.Err.Error() }
func (e *ContentError) Unwrap() error { return e.Err }

// OptionsError is a fault in the command line or the settings: exit status 5.
type OptionsError struct{ Err error }

func (e *OptionsError) Error() string { return e.Err.Error() }
func (e *OptionsError) Unwrap() error { return e.Err }

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
