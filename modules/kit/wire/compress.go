package wire

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// packFrom is the smallest body worth compressing: below it a frame fits one
// packet anyhow.
const packFrom = 1 << 10

// deflaters are shared by all sessions of the process: one takes a megabyte.
var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed)
	return w
}}

// pack gives body compressed, the length it had before it, and false when that
// saves too little.
func pack(body []byte) ([]byte, bool) {
	if len(body) < packFrom || !compressible(body) {
		return body, false
	}
	var out bytes.Buffer
	out.Grow(len(body) / 2)
	out.Write(binary.AppendUvarint(nil, uint64(len(body))))
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	w.Write(body)
	w.Close()
	if out.Len() > len(body)-len(body)/8 {
		return body, false
	}
	return out.Bytes(), true
}

// compressible looks at a sample of long bodies: what is compressed already
// uses all byte values about alike.
func compressible(body []byte) bool {
	if len(body) < 8<<10 {
		return true
	}
	var counts [256]int
	sample := body[len(body)/2:][:4<<10]
	for _, c := range sample {
		counts[c]++
	}
	// Sum of squares is len²/256 + len for random bytes, and at least four
	// times that for text.
	sum := 0
	for _, n := range counts {
		sum += n * n
	}
	return sum > 3*(len(sample)*len(sample)/256+len(sample))/2
}

func unpack(body []byte) ([]byte, error) {
	size, n := binary.Uvarint(body)
	if n <= 0 || size > FrameSize {
		return nil, fmt.Errorf("%w: size of compressed body", ErrFrame)
	}
	r := flate.NewReader(bytes.NewReader(body[n:]))
	defer r.Close()
	out := make([]byte, size)
	if _, err := io.ReadFull(r, out); err != nil {
		return nil, fmt.Errorf("%w: compressed body: %w", ErrFrame, err)
	}
	if n, _ := r.Read(make([]byte, 1)); n != 0 {
		return nil, fmt.Errorf("%w: compressed body is longer than it says", ErrFrame)
	}
	return out, nil
}
