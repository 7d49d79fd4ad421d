package archive

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// plain writes as it is.
type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// compressor gives what packs into the temporary file; Close ends the stream.
func (w *writer) compressor(ctx context.Context) (io.WriteCloser, error) {
	switch w.format {
	case "tar":
		return plain{w.temp}, nil
	case "gz":
		z := gzip.NewWriter(w.temp)
		z.Name, z.ModTime = headerName(w.dest), time.Now()
		return z, nil
	}
	path, err := tool.Find(w.Call, programs[w.format])
	if err != nil {
		return nil, err
	}
	in, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &program{w: out, done: make(chan error, 1), path: path}
	go func() {
		defer in.Close()
		p.done <- p.run(ctx, w.Call, process.Command{Argv: toThree(path, "-c"), StdinFrom: in, Extra: []*os.File{w.temp.File}})
	}()
	return p, nil
}

var programs = map[string]string{"xz": "xz", "bz2": "bzip2"}

// toThree is a command line whose output goes to descriptor 3.
func toThree(path, option string) []string {
	return []string{"/bin/sh", "-c", `exec "$0" "$1" >&3`, path, option}
}

// headerName is the name that a gzip file says it had: of Latin-1 only (RFC 1952).
func headerName(dest string) string {
	name := strings.TrimSuffix(filepath.Base(dest), ".gz")
	for _, r := range name {
		if r == 0 || r > 0xff {
			return ""
		}
	}
	return name
}

// program is a compressor of the host's: what is written goes through it. Its
// goroutine ends with Close.
type program struct {
	path string
	w    *os.File
	done chan error
}

func (p *program) Write(b []byte) (int, error) { return p.w.Write(b) }

func (p *program) Close() error {
	err := p.w.Close()
	if ended := <-p.done; ended != nil {
		return ended
	}
	return err
}

func (p *program) run(ctx context.Context, c *module.Call, cmd process.Command) error {
	cmd.Env, cmd.Dir = tool.Environ(c.Env, tool.LocaleEnv()...), c.Dir
	res, err := process.Run(ctx, cmd)
	if err == nil && res.RC != 0 {
		out := tool.Output{RC: res.RC, Stdout: string(res.Stdout), Stderr: string(res.Stderr)}
		err = out.Fail("%s failed: %s", p.path, strings.TrimSpace(string(res.Stderr)))
	}
	return err
}
