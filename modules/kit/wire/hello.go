package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Magic comes before the Hello of an agent, so that the controller can tell it
// from what a login shell prints first.
const Magic = "\x01churten-agent\x02"

// Hello opens a link, once in each direction. An agent tells who it is; the
// controller names the session it wants to take up again, if any.
type Hello struct {
	Protocol int64
	// Build is the hash in the name of the agent's file; "" where the
	// controller runs itself as the agent.
	Build string
	// Session and Secret name the running agent: given by the agent's first
	// hello, repeated by a controller that comes back after a cut.
	Session, Secret string
	// Received is the number of the last frame that this side has got.
	Received uint64
	// Resumable is set when the agent can be reached again after a cut.
	Resumable bool
	// Pack asks the other side to compress what it sends.
	Pack bool
	// Gone is set when the session asked for is not running any more.
	Gone bool

	// About the agent's process.
	OS, Arch   string
	PID, UID   int64
	User, Home string
	Shell      string // login shell of the user
	Exe        string
	// Files is the same for processes that see the same files; "" where that is not known.
	Files string
}

// bodies of hellos are small; a bigger one is garbage.
const maxHello = 8 << 10

// AppendHello adds the frame of h.
func AppendHello(b []byte, h *Hello) []byte {
	var e encoder
	e.int(h.Protocol)
	e.str(h.Build, h.Session, h.Secret)
	e.int(int64(h.Received))
	e.bool(h.Resumable, h.Pack, h.Gone)
	e.str(h.OS, h.Arch)
	e.int(h.PID, h.UID)
	e.str(h.User, h.Home, h.Shell, h.Exe, h.Files)
	f := Frame{Kind: KindHello, Body: e.b}
	return f.append(b)
}

// ErrProtocol is wrapped by the error about an end of another version.
var ErrProtocol = errors.New("controller and agent do not speak the same protocol")

// parseHello reads the protocol first and no further when it is another one.
func parseHello(body []byte) (*Hello, error) {
	d := decoder{b: body}
	h := &Hello{Protocol: d.int()}
	if d.err == nil && h.Protocol != Protocol {
		return nil, fmt.Errorf("%w: %d here, %d there", ErrProtocol, Protocol, h.Protocol)
	}
	h.Build, h.Session, h.Secret = d.str(), d.str(), d.str()
	h.Received = uint64(d.int())
	h.Resumable, h.Pack, h.Gone = d.bool(), d.bool(), d.bool()
	h.OS, h.Arch = d.str(), d.str()
	h.PID, h.UID = d.int(), d.int()
	h.User, h.Home, h.Shell, h.Exe, h.Files = d.str(), d.str(), d.str(), d.str(), d.str()
	return h, d.end()
}

// ReadHello reads a hello frame.
func ReadHello(r *bufio.Reader) (*Hello, error) {
	f, n, err := readFrame(r, nil)
	if err != nil {
		return nil, err
	}
	if f.Kind != KindHello || n > maxHello {
		return nil, fmt.Errorf("%w: a %s frame where a hello belongs", ErrFrame, f.Kind)
	}
	return parseHello(f.Body)
}

// WriteHello writes h as an agent does: after the Magic.
func WriteHello(w io.Writer, h *Hello) error {
	_, err := w.Write(AppendHello([]byte(Magic), h))
	return err
}
