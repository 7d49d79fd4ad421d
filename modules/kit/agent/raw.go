package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/wire"
)

// raw runs a command as it is, by the user's login shell unless another is
// named, as if it had been given to ssh.
func (a *Agent) raw(x *exchange, body []byte) ([]byte, error) {
	req, err := wire.DecodeRaw(body)
	if err != nil {
		return nil, err
	}
	ctx := x.ctx
	if req.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, req.Timeout, &wire.Fail{Code: wire.CodeTimeout, Msg: fmt.Sprintf("Timed out after %v", req.Timeout)})
		defer cancel()
	}
	cmd := process.Command{Argv: req.Argv, Dir: req.Dir, Env: mergeEnv(os.Environ(), req.Env), Stdin: req.Stdin, Stream: x.stream}
	if len(req.Argv) == 0 {
		cmd.Shell, cmd.Executable = req.Command, req.Executable
		if cmd.Executable == "" {
			cmd.Executable = a.hello.Shell
		}
	}
	res, err := process.Run(ctx, cmd)
	var notStarted *process.NotStarted
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &notStarted):
		x.stream("stderr", []byte(err.Error()+"\n"))
		done := wire.RawResult{RC: 127}
		return done.Encode(), nil
	case err != nil:
		return nil, err
	}
	done := wire.RawResult{RC: int64(res.RC)}
	if res.RC < 0 {
		done.RC, done.Signal = int64(128-res.RC), syscall.Signal(-res.RC).String()
	}
	return done.Encode(), nil
}
