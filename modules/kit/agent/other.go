//go:build !linux

package agent

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"github.com/churten/churten/modules/kit/wire"
)

// Elsewhere than on Linux there is no way back to a running agent, no lock on
// the host, and no terminal for child agents: each is refused.

type hostLock struct{}

func dup(int, int) error { return errors.ErrUnsupported }

func (a *Agent) listen() (stop func()) { return func() {} }

func dialAgent(context.Context, string) (net.Conn, error) {
	return nil, errors.New("agents on this system cannot be taken up again")
}

func (a *Agent) takeLock(*exchange, []byte) ([]byte, error) {
	return nil, &wire.Fail{Code: wire.CodeFailed, Msg: "the lock on the host is for Linux only"}
}

func (a *Agent) unlock() {}

type meeting struct{}

func newMeeting(string, string) (*meeting, error) {
	return nil, errors.New("methods of become with a terminal of their own are for Linux only")
}

func (*meeting) script() string         { return "" }
func (*meeting) link() files            { return files{} }
func (*meeting) asked(string) bool      { return false }
func (*meeting) answer(io.Writer) error { return errors.ErrUnsupported }
func (*meeting) over()                  {}

func echo(*os.File)        {}
func awaitNoEcho(*os.File) {}

func openTerminal() (master, slave *os.File, err error) {
	return nil, nil, errors.New("a terminal for become can be had on Linux only")
}
