package python

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

// runProgram runs a module that is a program: its interpreter, or it, with the
// name of a file that holds the arguments. That file, and a program's text with
// arguments in it, exist in memory only.
func (p *Pool) runProgram(ctx context.Context, s *Spec, c *module.Call) (*output, error) {
	hash, content, err := p.part(ctx, c, s.Parts[0])
	if err != nil {
		return nil, err
	}
	var extra []*os.File
	defer func() {
		for _, f := range extra {
			f.Close()
		}
	}()
	inMemory := func(text []byte) (string, error) {
		f, err := memoryFile(text)
		if err != nil {
			return "", err
		}
		extra = append(extra, f)
		return descriptorPath(2 + len(extra)), nil
	}
	var path string
	switch {
	case s.Kind == JSONText:
		path, err = inMemory(replaced(content, s.Replace))
	case p.Store.Dir != "" && onDisk(p.Store.Path(hash)):
		path = p.Store.Path(hash)
	default:
		path, err = inMemory(content)
	}
	if err != nil {
		return nil, err
	}
	words := []string{path}
	if s.Kind != JSONText {
		args, err := inMemory([]byte(s.Args))
		if err != nil {
			return nil, err
		}
		words = append(words, args)
	}
	return runWords(ctx, s, c, words, extra)
}

func runWords(ctx context.Context, s *Spec, c *module.Call, words []string, extra []*os.File) (*output, error) {
	line := commandLine(s.Interpreter, s.Flags)
	cmd := process.Command{Argv: append([]string{"/bin/sh", "-c", strings.TrimSpace(line + ` "$@"`), "/bin/sh"}, words...), Env: c.Env, Dir: c.Dir, Extra: extra}
	if cmd.Dir == "" {
		for _, kv := range c.Env {
			if home, ok := strings.CutPrefix(kv, "HOME="); ok {
				cmd.Dir = home
			}
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errTooMuch := errors.New("too much output")
	var size atomic.Int64
	cmd.Stream = func(_ string, chunk []byte) {
		if size.Add(int64(len(chunk))) > maxOutput {
			cancel(errTooMuch)
		}
	}
	res, err := process.Run(ctx, cmd)
	var notStarted *process.NotStarted
	switch {
	case context.Cause(ctx) == errTooMuch:
		return &output{tooMuch: true}, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &notStarted):
		return &output{Output: Output{Stderr: []byte(err.Error() + "\n"), RC: 127}}, nil
	case err != nil:
		return nil, err
	}
	return &output{Output: Output{Stdout: res.Stdout, Stderr: res.Stderr, RC: res.RC}}, nil
}

// replaced gives text with what pairs say, each pair all over it and in turn.
func replaced(text []byte, pairs []string) []byte {
	for i := 0; i < len(pairs); i += 2 {
		text = bytes.ReplaceAll(text, []byte(pairs[i]), []byte(pairs[i+1]))
	}
	return text
}

func onDisk(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
