package vault

import (
	"strings"
	"testing"

	"github.com/churten/churten/jinja/source/sourcetest"
)

// TestBounds: an envelope may be huge and hold anything.
func TestBounds(t *testing.T) {
	const long = sourcetest.Line
	s := &Secrets{List: []Secret{secret}}
	sealed, err := Encrypt(make([]byte, long), secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := sourcetest.Bounded(t, 1<<30, func() error { _, err := s.Decrypt(sealed); return err }); err != nil {
		t.Error(err)
	}
	for name, text := range map[string]string{
		"digits":              "$ANSIBLE_VAULT;1.1;AES256\n" + strings.Repeat(strings.Repeat("3", 80)+"\n", long/81),
		"one line":            "$ANSIBLE_VAULT;1.1;AES256\n" + strings.Repeat("3", long),
		"a header":            "$ANSIBLE_VAULT;1.1;AES256" + strings.Repeat("3", long) + "\n",
		"parts of a header":   "$ANSIBLE_VAULT" + strings.Repeat(";1.1", long/4) + "\n",
		"empty lines":         "$ANSIBLE_VAULT;1.1;AES256\n" + strings.Repeat("\n", long),
		"no digits":           "$ANSIBLE_VAULT;1.1;AES256\n" + strings.Repeat("z", long),
		"line ends in digits": "$ANSIBLE_VAULT;1.1;AES256\n" + strings.Repeat("0a", long/2),
		"cut off":             string(sealed[:len(sealed)-1000]),
	} {
		t.Run(name, func(t *testing.T) {
			if err := sourcetest.Bounded(t, 1<<30, func() error { _, err := s.Decrypt([]byte(text)); return err }); err == nil {
				t.Error("it is opened")
			}
		})
	}
}
