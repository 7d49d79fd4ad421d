package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Frame is one message, or with More a piece of one whose other pieces follow
// under the same Route and ID.
type Frame struct {
	Kind  Kind
	Route uint32 // 0: the agent itself; else a child agent of it
	ID    uint64 // of the exchange
	More  bool
	Body  []byte

	packed bool // Body is compressed
	seq    uint64
}

// ErrFrame is wrapped by the errors about bytes that are no frame of ours.
var ErrFrame = errors.New("broken frame")

const (
	flagMore   = 1 << 7
	flagPacked = 1 << 6
	kindMask   = flagPacked - 1
)

// append adds the frame's bytes: length of the rest, four bytes big endian;
// kind and flags, a byte; number, route and ID as varints; body.
func (f *Frame) append(b []byte) []byte {
	start := len(b)
	kind := byte(f.Kind)
	if f.More {
		kind |= flagMore
	}
	if f.packed {
		kind |= flagPacked
	}
	b = append(b, 0, 0, 0, 0, kind)
	b = binary.AppendUvarint(b, f.seq)
	b = binary.AppendUvarint(b, uint64(f.Route))
	b = binary.AppendUvarint(b, f.ID)
	b = append(b, f.Body...)
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-4))
	return b
}

// readFrame reads one frame; its Body is the caller's. A stream that ends
// between frames gives io.EOF, one that ends inside io.ErrUnexpectedEOF. heard
// is told whenever bytes came, which on a slow link is long before their frame
// has; nil: nobody is.
func readFrame(r *bufio.Reader, heard func()) (Frame, int, error) {
	head, err := r.Peek(4)
	if err != nil {
		if err == io.EOF && len(head) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, 0, err
	}
	size := binary.BigEndian.Uint32(head)
	if size < 4 || size > FrameSize+frameHeader {
		return Frame{}, 0, fmt.Errorf("%w: length %d", ErrFrame, size)
	}
	r.Discard(4)
	buf := make([]byte, size)
	for got := 0; got < len(buf); {
		n, err := r.Read(buf[got:])
		if heard != nil {
			heard()
		}
		if got += n; err != nil && got < len(buf) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return Frame{}, 0, err
		}
	}
	f, err := parseFrame(buf)
	return f, int(size) + 4, err
}

func parseFrame(buf []byte) (Frame, error) {
	if len(buf) == 0 {
		return Frame{}, fmt.Errorf("%w: no kind", ErrFrame)
	}
	f := Frame{Kind: Kind(buf[0] & kindMask), More: buf[0]&flagMore != 0, packed: buf[0]&flagPacked != 0}
	if f.Kind == kindNone || f.Kind >= kindLast {
		return Frame{}, fmt.Errorf("%w: kind %d", ErrFrame, f.Kind)
	}
	rest := buf[1:]
	var route uint64
	for _, p := range []*uint64{&f.seq, &route, &f.ID} {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return Frame{}, fmt.Errorf("%w: header of a %s frame", ErrFrame, f.Kind)
		}
		*p, rest = v, rest[n:]
	}
	if route > 1<<31 || len(rest) > FrameSize {
		return Frame{}, fmt.Errorf("%w: route or size of a %s frame", ErrFrame, f.Kind)
	}
	f.Route, f.Body = uint32(route), rest
	return f, nil
}
