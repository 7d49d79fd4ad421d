package find

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/modules/kit/edit"
)

const (
	// maxLine is how many bytes of one line are looked at: images of disks
	// and memory are lines without end.
	maxLine = 16 << 20
	// maxWhole is the size from which on a file is skipped that is read whole.
	maxWhole = 256 << 20
	// chunk is how much Python decodes at once: lines of the chunks in front
	// of one that is no text are looked at.
	chunk = 8192
)

// unreadable ends the walk of a path: a file that is no text in the encoding,
// as the reference has it.
type unreadable struct{ why string }

func (u *unreadable) Error() string { return u.why }

// errEncoding says that bytes mean nothing in the encoding.
var errEncoding = errors.New("bytes that mean nothing in the encoding")

// contentMeets says whether contains matches the file's content. What cannot
// be opened does not.
func (s *search) contentMeets(ctx context.Context, path string) (bool, error) {
	if s.badContains != nil {
		return false, &unreadable{s.badContains.Error()}
	}
	if s.contains == nil {
		return true, nil
	}
	found, err := s.lookInto(ctx, path)
	switch {
	case errors.Is(err, errEncoding):
		encoding := s.Args.Str("encoding")
		if !s.Args.Given("encoding") {
			encoding = `None (default determined by the Python built-in function "open")`
		}
		return false, &unreadable{fmt.Sprintf("Failed to read the file %s due to an encoding error. current encoding: %s", path, encoding)}
	case errors.As(err, new(*os.PathError)): // as in the reference: it has nothing that could match
		return false, nil
	}
	return found, err
}

func (s *search) lookInto(ctx context.Context, path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	whole := s.Args.Bool("read_whole_file")
	if !whole && s.codec.Width < 2 {
		return anyLine(ctx, f, decoder{codec: s.codec}, s.contains)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxWhole))
	if err != nil {
		return false, err
	}
	if len(data) == maxWhole {
		s.skip(path, fmt.Sprintf("files of %d MiB and more are not read whole", maxWhole>>20))
		return false, nil
	}
	text, err := (&decoder{codec: s.codec}).feed(data, true)
	if err != nil {
		return false, err
	}
	if !whole {
		return anyLine(ctx, strings.NewReader(text), decoder{codec: plainText}, s.contains)
	}
	m, err := s.contains.Search(text)
	return m != nil, err
}

// plainText is the codec of text that was decoded.
var plainText = edit.Codec{Decode: func(b []byte) string { return string(b) }}

// decoder makes text of chunks, with the ends of lines as Python reads them.
type decoder struct {
	codec edit.Codec
	rest  []byte // of a character of UTF-8 that is not whole yet
	cr    bool   // the text ended in a CR, whose LF may follow
}

func (d *decoder) feed(b []byte, last bool) (string, error) {
	if d.codec.Width == 0 {
		b = append(d.rest, b...)
		end := len(b)
		if !last {
			end = wholeRunes(b)
		}
		b, d.rest = b[:end:end], append([]byte(nil), b[end:]...)
	}
	text := d.codec.Decode(b)
	if !utf8.ValidString(text) || d.codec.Width == 1 && utf8.RuneCountInString(text) != len(b) {
		return "", errEncoding
	}
	if d.cr {
		text = "\r" + text
	}
	if d.cr = !last && strings.HasSuffix(text, "\r"); d.cr {
		text = text[:len(text)-1]
	}
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	return text, nil
}

// wholeRunes is the length of b without a character at its end of which bytes
// are still to come.
func wholeRunes(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return len(b) - n
			}
			break
		}
	}
	return len(b)
}

// anyLine says whether a line of r, up to maxLine of it, matches from its start.
func anyLine(ctx context.Context, r io.Reader, d decoder, re *pyre.Regexp) (bool, error) {
	var line strings.Builder
	buf := make([]byte, chunk)
	matches := func() (bool, error) {
		m, err := re.Match(line.String())
		line.Reset()
		return m != nil, err
	}
	for {
		n, err := io.ReadFull(r, buf)
		if cause := context.Cause(ctx); cause != nil {
			return false, cause
		}
		last := err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return false, err
		}
		text, err := d.feed(buf[:n], last)
		if err != nil {
			return false, err
		}
		for part := range strings.Lines(text) {
			if room := maxLine - line.Len(); room > 0 {
				line.WriteString(part[:min(len(part), room)])
			}
			if strings.HasSuffix(part, "\n") {
				if found, err := matches(); found || err != nil {
					return found, err
				}
			}
		}
		if last {
			if line.Len() == 0 {
				return false, nil
			}
			return matches()
		}
	}
}
