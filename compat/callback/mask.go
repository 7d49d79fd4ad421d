package callback

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
)

// Masked stands for a secret where something is kept.
const Masked = "$REDACTED$"

// shortest is the length in bytes from which a secret is masked: shorter ones
// stand in every other word.
const shortest = 3

// Secrets are the texts that no record and no log may hold. Safe for
// concurrent use; a nil one knows none.
type Secrets struct {
	mu    sync.RWMutex
	known map[string]bool
	texts []string // longest first
}

// Add makes text a secret.
func (s *Secrets) Add(text string) {
	if s == nil || len(strings.TrimSpace(text)) < shortest {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range []string{text, strings.TrimRight(text, "\r\n")} {
		for _, form := range []string{t, inJSON(t, false), inJSON(t, true)} {
			if s.known[form] {
				continue
			}
			if s.known == nil {
				s.known = map[string]bool{}
			}
			s.known[form] = true
			s.texts = append(s.texts, form)
		}
	}
	slices.SortFunc(s.texts, func(a, b string) int { return len(b) - len(a) })
}

// inJSON is how a text stands inside of JSON.
func inJSON(s string, ascii bool) string {
	b := value.AppendJSONString(nil, s, ascii)
	return string(b[1 : len(b)-1])
}

// Mask gives text without the secrets.
func (s *Secrets) Mask(text string) string {
	if s == nil {
		return text
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, t := range s.texts {
		text = strings.ReplaceAll(text, t, Masked)
	}
	return text
}

// Writer is w with what is written to it masked, line by line of the writer's.
type Writer struct {
	Secrets *Secrets
	W       interface{ Write([]byte) (int, error) }
}

// Write masks p, which must hold whole texts, and writes it.
func (w Writer) Write(p []byte) (int, error) {
	masked := []byte(w.Secrets.Mask(string(p)))
	if bytes.Equal(masked, p) {
		return w.W.Write(p)
	}
	if _, err := w.W.Write(masked); err != nil {
		return 0, err
	}
	return len(p), nil
}
