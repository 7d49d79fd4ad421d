package find

import (
	"context"
	"errors"
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
		{"binary", "\x00\nVAULT\x01 end\n", true},
		{"CR LF", "a\r\nVAULT end\r\n", true},
		{"CR alone", "a\rVAULT end\rb", true},
		{"CR at the end of a chunk", strings.Repeat("x", chunk-1) + "\r\nVAULT end", true},
		{"a character over two chunks", strings.Repeat("x", chunk-1) + "é\nVAULT end", true},
		{"no text behind the chunk", "VAULT end\n" + strings.Repeat("x", chunk) + "\xff", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := anyLine(t.Context(), strings.NewReader(c.text), decoder{codec: plainText}, re)
			if err != nil || got != c.want {
				t.Errorf("%v %v", got, err)
			}
		})
	}
}

// What is no text ends the search, whatever its lines have.
func TestAnyLineNoText(t *testing.T) {
	re, err := pyre.Compile("x", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"\xffx\n", "a\nx\xff\n", "x\n\xc3", "x" + strings.Repeat("a", 2*chunk) + "\xc3\n"} {
		if _, err := anyLine(t.Context(), strings.NewReader(text), decoder{codec: plainText}, re); !errors.Is(err, errEncoding) {
			t.Errorf("%.10q: %v", text, err)
		}
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
	_, err = anyLine(ctx, &endless{stop: cancel}, decoder{codec: plainText}, re)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
