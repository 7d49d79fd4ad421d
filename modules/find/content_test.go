package find

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/filter/pyre"
)

func TestAnyLine(t *testing.T) {
	re, err := pyre.Compile("VAULT.*end", 0)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 200_000)
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"empty", "", false},
		{"first", "VAULT end\n", true},
		{"without a line break", "a\nVAULT end", true},
		{"not from the start", "a VAULT end\n", false},
		{"over two lines", "VAULT\nend\n", false},
		{"beyond the buffer", "a\nVAULT" + long + "end\n", true},
		{"behind a long line", long + "\nVAULT end\n", true},
		{"binary", "\xff\x00\nVAULT\xff end\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := anyLine(t.Context(), bufio.NewReaderSize(strings.NewReader(c.text), 16), re)
			if err != nil || got != c.want {
				t.Errorf("%v %v", got, err)
			}
		})
	}
}

// endless has no line break and no end, as images of memory have.
type endless struct {
	read int64
	stop func()
}

func (e *endless) Read(p []byte) (int, error) {
	clear(p)
	if e.read += int64(len(p)); e.read > 4*maxLine {
		e.stop()
	}
	return len(p), nil
}

// A line without end takes bounded memory, and ends with the task.
func TestAnyLineEndless(t *testing.T) {
	re, err := pyre.Compile("x", 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = anyLine(ctx, bufio.NewReaderSize(io.Reader(&endless{stop: cancel}), 64<<10), re)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
