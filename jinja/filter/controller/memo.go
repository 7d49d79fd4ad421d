package controller

import (
	"crypto/sha256"
	"sync"

	"golang.org/x/sync/singleflight"
)

// hashMemo keeps password hashes by a digest of what went into them. A hash is
// made slow on purpose (half a second for sha512's default rounds), and a
// template with a fixed salt asks for the same one on each host. It is a pure
// function's memory, hence the one variable here that changes after init; it
// holds no password.
type hashMemo struct {
	flight singleflight.Group
	mu     sync.Mutex
	known  map[string]string
}

const maxMemo = 10_000

var hashes = hashMemo{known: map[string]string{}}

func (m *hashMemo) get(password, setting string, compute func() (string, error)) (string, error) {
	digest := sha256.Sum256([]byte(setting + "\x00" + password))
	key := string(digest[:])
	m.mu.Lock()
	v, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	got, err, _ := m.flight.Do(key, func() (any, error) {
		s, err := compute()
		if err != nil {
			return "", err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.known) < maxMemo {
			m.known[key] = s
		}
		return s, nil
	})
	return got.(string), err
}
