package bootstrap

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/churten/churten/modules/kit/wire"
)

// Need is what the script says when there is no agent in its directories.
type Need struct {
	OS, Machine string // as uname -s and -m print them
	Packings    []Packing
	Dir         string // where the agent will be put; "" when no directory will do
}

// Packing is how an agent's file is packed on its way; all but Raw are names
// of programs that unpack their standard input when called with -dc.
type Packing string

// The packings. XZ may use the filter for x86.
const (
	Raw  Packing = "raw"
	Gzip Packing = "gzip"
	XZ   Packing = "xz"
)

// Image is an agent to send: Size bytes of Content that make a file of FileSize
// bytes. The zero Packing is Raw.
type Image struct {
	Content        io.Reader
	Packing        Packing
	Size, FileSize int64
}

// ErrNoDir means that no directory could be written and executed from.
var ErrNoDir = errors.New("no directory in which the agent may be written and executed")

// InstallError is the failure to write the agent into Dir.
type InstallError struct{ Dir, Msg string }

func (e *InstallError) Error() string { return fmt.Sprintf("put the agent into %s: %s", e.Dir, e.Msg) }

// NoiseError is an output that ended, or grew without end, with no agent in it.
type NoiseError struct {
	Output string // its last bytes
	Err    error
}

func (e *NoiseError) Error() string {
	msg := "no answer from the agent"
	if e.Output != "" {
		msg += ", only: " + e.Output
	}
	return msg
}

func (e *NoiseError) Unwrap() error { return e.Err }

// Handshake follows what the script says on r until the agent's hello. When
// the agent is needed, upload gives it; the content goes to w. installed tells
// that this was so.
func Handshake(r *bufio.Reader, w io.Writer, nonce string, upload func(Need) (Image, error)) (hello *wire.Hello, installed bool, err error) {
	for {
		mark, err := awaitMark(r)
		if err != nil {
			return nil, installed, err
		}
		switch mark {
		case "agent":
			hello, err := wire.ReadHello(r)
			return hello, installed, err
		case "need":
			need, err := readNeed(r)
			if err != nil {
				return nil, installed, err
			}
			if installed {
				return nil, installed, errors.New("the agent is asked for twice")
			}
			if need.Dir == "" {
				return nil, installed, ErrNoDir
			}
			img, err := upload(need)
			if err != nil {
				return nil, installed, err
			}
			if err := send(w, nonce, img); err != nil {
				// The script may have said why it went away.
				if mark, e := awaitMark(r); e == nil && mark == "fail" {
					return nil, installed, readFail(r)
				}
				return nil, installed, err
			}
			installed = true
		case "fail":
			return nil, installed, readFail(r)
		}
	}
}

func send(w io.Writer, nonce string, img Image) error {
	head := fmt.Sprintf("\n%s %s %d %d\n", nonce, cmp.Or(img.Packing, Raw), img.Size, img.FileSize)
	bw := bufio.NewWriterSize(w, 64<<10)
	bw.WriteString(head)
	if n, err := io.Copy(bw, img.Content); err != nil {
		return fmt.Errorf("send the agent: %w", err)
	} else if n != img.Size {
		return fmt.Errorf("send the agent: %d bytes where %d were announced", n, img.Size)
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("send the agent: %w", err)
	}
	return nil
}

const (
	markStart = "\x01churten-"
	maxNoise  = 1 << 20 // bytes before a mark
	keepNoise = 2 << 10 // of them kept for the message
)

var marks = []string{"agent", "need", "fail"}

// awaitMark reads up to and including the next mark and gives its name.
func awaitMark(r *bufio.Reader) (string, error) {
	var seen []byte
	for total := 0; ; total++ {
		c, err := r.ReadByte()
		if err != nil || total > maxNoise {
			return "", &NoiseError{Output: printable(seen), Err: err}
		}
		seen = append(seen, c)
		if c == 0x02 {
			for _, m := range marks {
				if bytes.HasSuffix(seen, []byte(markStart+m+"\x02")) {
					return m, nil
				}
			}
		}
		if len(seen) >= 2*keepNoise {
			seen = append(seen[:0], seen[len(seen)-keepNoise:]...)
		}
	}
}

// printable gives the last of what was printed, for a message.
func printable(b []byte) string {
	s := strings.ToValidUTF8(string(b), "?")
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return "", &NoiseError{Output: printable(line), Err: err}
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func readNeed(r *bufio.Reader) (Need, error) {
	line, err := readLine(r)
	if err != nil {
		return Need{}, err
	}
	f := strings.SplitN(line, "|", 4)
	if len(f) != 4 {
		return Need{}, &NoiseError{Output: line}
	}
	n := Need{OS: f[0], Machine: f[1], Dir: f[3]}
	for p := range strings.SplitSeq(f[2], ",") {
		n.Packings = append(n.Packings, Packing(p))
	}
	return n, nil
}

func readFail(r *bufio.Reader) error {
	line, err := readLine(r)
	if err != nil {
		return err
	}
	dir, msg, _ := strings.Cut(line, "|")
	return &InstallError{Dir: dir, Msg: strings.TrimSpace(msg)}
}

// Platform gives Go's names of the system and architecture that uname printed;
// ok is false for one that Go has no name for.
func (n Need) Platform() (goos, goarch string, ok bool) {
	goos, ok1 := map[string]string{"Linux": "linux", "FreeBSD": "freebsd", "OpenBSD": "openbsd", "NetBSD": "netbsd", "Darwin": "darwin"}[n.OS]
	goarch, ok2 := map[string]string{
		"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "i386": "386", "i486": "386", "i586": "386", "i686": "386",
		"armv5tel": "arm", "armv6l": "arm", "armv7l": "arm", "armv8l": "arm", "ppc64le": "ppc64le", "ppc64": "ppc64",
		"riscv64": "riscv64", "s390x": "s390x", "loongarch64": "loong64", "mips64": "mips64",
	}[n.Machine]
	return goos, goarch, ok1 && ok2
}
