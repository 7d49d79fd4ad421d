package find

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/churten/churten/jinja/filter/pyre"
	kit "github.com/churten/churten/modules/kit/file"
)

const (
	// maxLine is how many bytes of one line are looked at: images of disks
	// and memory are lines without end.
	maxLine = 16 << 20
	// maxWhole is the size from which on read_whole_file skips a file.
	maxWhole = 256 << 20
)

// contentMeets says whether contains matches the file's content. What cannot
// be read is skipped.
func (s *search) contentMeets(ctx context.Context, path string) (bool, error) {
	if s.contains == nil {
		return true, nil
	}
	found, err := s.lookInto(ctx, path)
	if errors.As(err, new(*os.PathError)) {
		s.skip(path, kit.PyErrorText(err, path))
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
	if s.Args.Bool("read_whole_file") {
		data, err := io.ReadAll(io.LimitReader(f, maxWhole))
		if err != nil {
			return false, err
		}
		if len(data) == maxWhole {
			s.skip(path, fmt.Sprintf("read_whole_file reads less than %d MiB", maxWhole>>20))
			return false, nil
		}
		m, err := s.contains.Search(string(data))
		return m != nil, err
	}
	return anyLine(ctx, bufio.NewReaderSize(f, 64<<10), s.contains)
}

// anyLine says whether a line of r, up to maxLine of it, matches from its start.
func anyLine(ctx context.Context, r *bufio.Reader, re *pyre.Regexp) (bool, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if room := maxLine - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		if cause := context.Cause(ctx); cause != nil {
			return false, cause
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && err != io.EOF {
			return false, err
		}
		if len(line) > 0 {
			if m, e := re.Match(string(line)); e != nil || m != nil {
				return m != nil, e
			}
		}
		if err == io.EOF {
			return false, nil
		}
		line = line[:0]
	}
}
