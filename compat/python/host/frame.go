package host

import (
	"encoding/binary"
	"fmt"
	"io"
)

// kind tells what a frame is.
type kind byte

const (
	kindCall   kind = 'C' // to Python: do something
	kindAnswer kind = 'A' // to Python: the answer to an ask
	kindReply  kind = 'R' // from Python: what a call gave
	kindFault  kind = 'F' // what a call or an ask raised, either way
	kindAsk    kind = 'Q' // from Python: something is needed to go on with a call
	kindNote   kind = 'N' // from Python: something to show, nothing to answer
)

// frame is one message: length (4 bytes, of what follows it), kind, id of the
// call (4 bytes), JSON text.
type frame struct {
	kind kind
	id   uint32
	body []byte
}

const headSize = 5

// maxFrame bounds what one message may hold.
const maxFrame = 1 << 30

// bytes is the frame as it is written.
func (f frame) bytes() ([]byte, error) {
	if len(f.body) > maxFrame {
		return nil, fmt.Errorf("a value of %d bytes is too big to be handed to Python", len(f.body))
	}
	b := make([]byte, 4+headSize, 4+headSize+len(f.body))
	binary.BigEndian.PutUint32(b, uint32(headSize+len(f.body)))
	b[4] = byte(f.kind)
	binary.BigEndian.PutUint32(b[5:], f.id)
	return append(b, f.body...), nil
}

func readFrame(r io.Reader) (frame, error) {
	var head [4 + headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < headSize || n > maxFrame {
		return frame{}, fmt.Errorf("python sent a frame of %d bytes", n)
	}
	f := frame{kind: kind(head[4]), id: binary.BigEndian.Uint32(head[5:])}
	// Grown as it comes: a length alone is not worth a gigabyte.
	body, err := io.ReadAll(io.LimitReader(r, int64(n-headSize)))
	if err == nil && len(body) < int(n-headSize) {
		err = io.ErrUnexpectedEOF
	}
	f.body = body
	return f, err
}
