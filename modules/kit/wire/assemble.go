package wire

import "fmt"

// assembler puts the pieces of long bodies together again. Pieces of several
// exchanges may come in turns.
type assembler struct {
	parts map[partKey]*part
	size  int // of all parts
}

type partKey struct {
	route uint32
	id    uint64
}

type part struct {
	kind Kind
	body []byte
}

// add takes a frame and gives the whole one once its last piece is there.
func (a *assembler) add(f Frame) (Frame, bool, error) {
	if f.packed {
		body, err := unpack(f.Body)
		if err != nil {
			return f, false, err
		}
		f.Body, f.packed = body, false
	}
	key := partKey{f.Route, f.ID}
	if f.Kind == KindFail && len(a.parts) > 0 {
		// The one who sent the pieces is gone; another tells of it.
		a.forget(func(k partKey) bool { return k == key || f.ID == 0 && k.route == f.Route })
	}
	p := a.parts[key]
	if p == nil && !f.More {
		return f, true, nil
	}
	if p == nil {
		if a.parts == nil {
			a.parts = map[partKey]*part{}
		}
		p = &part{kind: f.Kind}
		a.parts[key] = p
	}
	if p.kind != f.Kind {
		return f, false, fmt.Errorf("%w: a %s frame between pieces of a %s", ErrFrame, f.Kind, p.kind)
	}
	if a.size+len(f.Body) > MessageSize {
		return f, false, fmt.Errorf("%w: message of more than %d bytes", ErrFrame, MessageSize)
	}
	p.body = append(p.body, f.Body...)
	a.size += len(f.Body)
	if f.More {
		return f, false, nil
	}
	delete(a.parts, key)
	a.size -= len(p.body)
	f.Body = p.body
	return f, true, nil
}

func (a *assembler) forget(which func(partKey) bool) {
	for k, p := range a.parts {
		if p.kind != KindFail && which(k) {
			a.size -= len(p.body)
			delete(a.parts, k)
		}
	}
}
