package archive

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// sums tell archives apart as the reference does: members of a tar archive by
// name and header, of a zip archive by name and checksum, a compressed file by
// the checksum of its content. An archive that cannot be read has none.
type sums struct{ of map[string]bool }

func (s *sums) put(key string) {
	if s.of == nil {
		s.of = map[string]bool{}
	}
	s.of[key] = true
}

func (s *sums) member(name string, header []byte) { s.put("tar " + name + "\x00" + string(header)) }
func (s *sums) zipped(name string, crc uint32)    { s.put(fmt.Sprintf("zip %08x %s", crc, name)) }
func (s *sums) content(sum hash.Hash32)           { s.put(fmt.Sprintf("content %08x", sum.Sum32())) }
func newContentSum() hash.Hash32                  { return crc32.NewIEEE() }

func (s *sums) equal(other sums) bool {
	if len(s.of) != len(other.of) {
		return false
	}
	for key := range s.of {
		if !other.of[key] {
			return false
		}
	}
	return true
}

// usable fails where the reference fails with what lies at dest.
func (t *task) usable() error {
	info, err := os.Stat(t.dest)
	switch {
	case err != nil:
		return nil
	case info.IsDir() && (t.format == "zip" || t.format == "xz"):
		return errors.New(kit.PyErrorText(syscall.EISDIR, t.dest))
	case info.IsDir():
		return errors.New("[Errno 21] Is a directory")
	case t.format != "tar":
		return nil
	}
	f, err := os.Open(t.dest)
	if err != nil {
		return errors.New(kit.PyErrorText(err, t.dest))
	}
	defer f.Close()
	first := make([]byte, block)
	if _, err := io.ReadFull(f, first); err != nil || !isHeader(first) {
		return module.Failf("tar is not a valid format")
	}
	return nil
}

// sumsBefore reads the archive that is there.
func (t *task) sumsBefore(ctx context.Context) (s sums) {
	if t.format == "zip" {
		z, err := zip.OpenReader(t.dest)
		if err != nil {
			return s
		}
		defer z.Close()
		for _, f := range z.File {
			s.zipped(f.Name, f.CRC32)
		}
		return s
	}
	f, err := os.Open(t.dest)
	if err != nil {
		return s
	}
	defer f.Close()
	switch t.format {
	case "tar":
		s = readSums(f)
	case "gz":
		if z, err := gzip.NewReader(f); err == nil {
			s = readSums(z)
		}
	default:
		s = t.throughProgram(ctx, f)
	}
	return s
}

// throughProgram reads what a program of the host's unpacks. One that fails
// gives none.
func (t *task) throughProgram(ctx context.Context, f *os.File) (s sums) {
	path := tool.Have(t.Call, programs[t.format])
	in, out, err := os.Pipe()
	if path == "" || err != nil {
		return s
	}
	done := make(chan error, 1)
	go func() {
		res, err := process.Run(ctx, process.Command{Argv: toThree(path, "-dc"), StdinFrom: f, Extra: []*os.File{out}, Env: t.Env, Dir: t.Dir})
		if err == nil && res.RC != 0 {
			err = &module.Failure{Msg: string(res.Stderr)}
		}
		out.Close()
		done <- err
	}()
	s = readSums(in)
	in.Close()
	if err := <-done; err != nil {
		return sums{}
	}
	return s
}

// readSums reads a tar archive, or anything else as one piece, to its end.
func readSums(r io.Reader) (s sums) {
	first := make([]byte, block)
	n, err := io.ReadFull(r, first)
	if err == nil && isHeader(first) {
		s.readTar(first, r)
		_, _ = io.Copy(io.Discard, r)
		return s
	}
	sum := newContentSum()
	sum.Write(first[:n])
	if err == nil {
		if _, err := io.Copy(sum, r); err != nil {
			return sums{}
		}
	} else if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return sums{}
	}
	s.content(sum)
	return s
}

// isHeader reports whether a block begins a tar archive: a header whose
// checksum is right, or the end.
func isHeader(b []byte) bool {
	if bytes.Count(b, []byte{0}) == len(b) {
		return true
	}
	sum := int64(8 * ' ')
	for i, c := range b {
		if i < 148 || i >= 156 {
			sum += int64(c)
		}
	}
	n, ok := octalField(b[148:156])
	return ok && n == sum
}

func octalField(b []byte) (int64, bool) {
	text := strings.Trim(string(b), " \x00")
	n, err := strconv.ParseInt(text, 8, 64)
	return n, err == nil
}

// readTar reads the members of a tar archive; what is broken ends it.
func (s *sums) readTar(b []byte, r io.Reader) {
	var records map[string]string
	for isHeader(b) && bytes.Count(b, []byte{0}) != len(b) {
		size, _ := octalField(b[124:136])
		kind := b[156]
		if kind == 'x' && size >= 0 && size <= 1<<20 {
			body := make([]byte, (size+block-1)/block*block)
			if _, err := io.ReadFull(r, body); err != nil {
				return
			}
			records = paxRecords(string(body[:size]))
		} else {
			if n, err := strconv.ParseInt(records["size"], 10, 64); err == nil {
				size = n
			}
			name := string(bytes.TrimRight(b[:100], "\x00"))
			if long, ok := records["path"]; ok {
				name = long
			}
			s.member(strings.TrimSuffix(name, "/"), b)
			records = nil
			if kind < '1' || kind > '6' { // those have no content
				if _, err := io.CopyN(io.Discard, r, (size+block-1)/block*block); err != nil {
					return
				}
			}
		}
		b = make([]byte, block)
		if _, err := io.ReadFull(r, b); err != nil {
			return
		}
	}
}

// paxRecords reads an extended header.
func paxRecords(text string) map[string]string {
	out := map[string]string{}
	for text != "" {
		digits, _, ok := strings.Cut(text, " ")
		n, err := strconv.Atoi(digits)
		if !ok || err != nil || n <= len(digits)+1 || n > len(text) {
			return out
		}
		key, v, _ := strings.Cut(strings.TrimSuffix(text[len(digits)+1:n], "\n"), "=")
		out[key] = v
		text = text[n:]
	}
	return out
}
