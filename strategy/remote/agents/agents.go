// Package agents has the agent's binaries for the systems and architectures of
// targets, as `make agents` puts them into the folder bin. A controller that
// was built without them serves as the agent itself, where the target is of
// its own kind.
package agents

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/churten/churten/modules/kit/bootstrap"
)

//go:embed all:bin
var embedded embed.FS

// fresh is set by the linker (see the Makefile) when the agents in bin were
// built just before: what lies there from another day knows other modules than
// this program, and must not be sent.
var fresh string

// ErrNone is wrapped by the error about a kind of target without an agent.
var ErrNone = errors.New("no agent for this kind of target")

// Set is a set of agents. It is safe for concurrent use.
type Set struct {
	files fs.FS
	self  string // executable that may serve as the agent of its own platform

	build func() (string, error)
	own   func() (packed, error) // self, compressed
}

type packed struct {
	gz   []byte
	size int64
}

// Embedded gives the agents inside this program; a program that was built
// without `make` is its own agent, for its own kind of target only.
func Embedded() *Set {
	self, err := os.Executable()
	if err != nil {
		self = "" // then the platforms that are embedded must do
	}
	if fresh == "" && self != "" {
		return New(embed.FS{}, self)
	}
	sub, err := fs.Sub(embedded, "bin")
	if err != nil {
		panic(err) // the name is a constant
	}
	return New(sub, self)
}

// New gives the agents among files, named agent-GOOS-GOARCH.gz, some of them
// also as .xz of the same content, and self, an
// executable that becomes an agent when its first argument is __agent; "" for
// none.
func New(files fs.FS, self string) *Set {
	s := &Set{files: files, self: self}
	s.build = sync.OnceValues(s.hash)
	s.own = sync.OnceValues(s.packSelf)
	return s
}

// Build is the hash that names the set in the caches of targets. It is one for
// all platforms: which one a target is, is known only there.
func (s *Set) Build() (string, error) { return s.build() }

// Platforms lists what there are agents for, as GOOS/GOARCH.
func (s *Set) Platforms() []string {
	var out []string
	entries, _ := fs.Glob(s.files, "agent-*.gz")
	for _, name := range entries {
		p := strings.TrimSuffix(strings.TrimPrefix(name, "agent-"), ".gz")
		out = append(out, strings.Replace(p, "-", "/", 1))
	}
	if own := runtime.GOOS + "/" + runtime.GOARCH; s.self != "" && !slices.Contains(out, own) {
		out = append(out, own)
	}
	return out
}

// Image gives the agent for a platform in the smallest of the packings that
// there is, or raw. The error wraps ErrNone when there is no agent.
func (s *Set) Image(goos, goarch string, packings []bootstrap.Packing) (bootstrap.Image, error) {
	gz, err := fs.ReadFile(s.files, fileName(goos, goarch))
	switch {
	case err == nil:
		size := unpackedSize(gz)
		if slices.Contains(packings, bootstrap.XZ) {
			if xz, err := fs.ReadFile(s.files, xzName(fileName(goos, goarch))); err == nil {
				return bootstrap.Image{Content: bytes.NewReader(xz), Packing: bootstrap.XZ, Size: int64(len(xz)), FileSize: size}, nil
			}
		}
		return image(gz, size, packings)
	case !errors.Is(err, fs.ErrNotExist):
		return bootstrap.Image{}, err
	case s.useSelf() && goos == runtime.GOOS && goarch == runtime.GOARCH:
		own, err := s.own()
		if err != nil {
			return bootstrap.Image{}, err
		}
		return image(own.gz, own.size, packings)
	}
	there := strings.Join(s.Platforms(), ", ")
	if goos == "linux" {
		there += fmt.Sprintf("; make agents AGENTS=%s/%s builds one", goos, goarch)
	}
	return bootstrap.Image{}, fmt.Errorf("%w: %s/%s (there are: %s)", ErrNone, goos, goarch, there)
}

func image(gz []byte, size int64, packings []bootstrap.Packing) (bootstrap.Image, error) {
	if slices.Contains(packings, bootstrap.Gzip) {
		return bootstrap.Image{Content: bytes.NewReader(gz), Packing: bootstrap.Gzip, Size: int64(len(gz)), FileSize: size}, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(gz))
	return bootstrap.Image{Content: r, Size: size, FileSize: size}, err
}

func fileName(goos, goarch string) string { return "agent-" + goos + "-" + goarch + ".gz" }

func xzName(gz string) string { return strings.TrimSuffix(gz, ".gz") + ".xz" }

// useSelf reports whether the program itself is an agent of the set: when
// nothing is embedded for its platform.
func (s *Set) useSelf() bool {
	if s.self == "" {
		return false
	}
	_, err := fs.Stat(s.files, fileName(runtime.GOOS, runtime.GOARCH))
	return err != nil
}

// unpackedSize is what the last four bytes of a gzip file say, RFC 1952
// section 2.3.1; agents are smaller than 4 GiB.
func unpackedSize(gz []byte) int64 {
	if len(gz) < 4 {
		return 0
	}
	return int64(binary.LittleEndian.Uint32(gz[len(gz)-4:]))
}

func (s *Set) hash() (string, error) {
	h := sha256.New()
	names, err := fs.Glob(s.files, "agent-*.gz")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		data, err := fs.ReadFile(s.files, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", path.Base(name), len(data))
		h.Write(data)
	}
	if s.useSelf() {
		f, err := os.Open(s.self)
		if err != nil {
			return "", fmt.Errorf("read this program, to serve as the agent: %w", err)
		}
		defer f.Close()
		if _, err := io.Copy(h, f); err != nil {
			return "", fmt.Errorf("read this program, to serve as the agent: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

func (s *Set) packSelf() (packed, error) {
	data, err := os.ReadFile(s.self)
	if err != nil {
		return packed{}, fmt.Errorf("read this program, to serve as the agent: %w", err)
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return packed{}, err
	}
	if _, err := w.Write(data); err != nil {
		return packed{}, err
	}
	if err := w.Close(); err != nil {
		return packed{}, err
	}
	return packed{gz: out.Bytes(), size: int64(len(data))}, nil
}

// Self is the program that serves as agent on this machine, when there is one.
func (s *Set) Self() string { return s.self }
