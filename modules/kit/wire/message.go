package wire

import (
	"time"

	"github.com/churten/churten/jinja/value"
)

// Code says what kind of failure a Fail is, where the other side decides on it.
type Code string

// The codes.
const (
	CodeUnknownModule Code = "unknown module"
	CodeCancelled     Code = "cancelled"
	CodeTimeout       Code = "timeout"
	CodeNotRun        Code = "not run" // a call before it in its queue failed
	CodeBecomeWrong   Code = "wrong password"
	CodeBecomeMissing Code = "missing password"
	CodeBecomeTimeout Code = "become timed out"
	CodeBecomeRefused Code = "become refused" // the method failed for another reason
	CodeNoChild       Code = "no child"       // the child agent is not there (any more)
	CodeRetired       Code = "retired"        // the child agent ends, nothing was asked of it that it leaves undone: ask for another
	CodeLocked        Code = "locked"         // another run holds the host
	CodeNoFile        Code = "no file"        // fetch: there is none
	CodeIsDir         Code = "is directory"   // fetch: it is one
	CodeDenied        Code = "denied"         // fetch: may not be read
	CodePanic         Code = "panic"          // a bug of ours
	CodeFailed        Code = "failed"         // all other
)

// Fail ends an exchange that has no result. It is an error.
type Fail struct {
	Code Code
	Msg  string
	// Said is what the method of become printed, for the codes of become.
	Said string
}

func (f *Fail) Error() string { return f.Msg }

// Encode gives the body of the Fail frame.
func (f *Fail) Encode() []byte {
	var e encoder
	e.str(string(f.Code), f.Msg, f.Said)
	return e.b
}

// DecodeFail reads the body of a Fail frame.
func DecodeFail(body []byte) (*Fail, error) {
	d := decoder{b: body}
	f := &Fail{Code: Code(d.str()), Msg: d.str(), Said: d.str()}
	return f, d.end()
}

// EncodeDict gives the body of a Done frame that holds a dict.
func EncodeDict(dict *value.Dict) ([]byte, error) {
	var e encoder
	e.dict(dict)
	return e.b, e.err
}

// DecodeDict reads it; nil when it held None.
func DecodeDict(body []byte) (*value.Dict, error) {
	d := decoder{b: body}
	v := d.dict()
	return v, d.end()
}

// StreamPiece is some output of a running command. Name is "stdout" or "stderr".
type StreamPiece struct {
	Name string
	Data []byte
}

// Encode gives the body of the Stream frame.
func (p *StreamPiece) Encode() []byte {
	e := encoder{b: make([]byte, 0, len(p.Data)+16)}
	e.str(p.Name)
	e.bytes(p.Data)
	return e.b
}

// DecodeStreamPiece reads it; Data is a part of body.
func DecodeStreamPiece(body []byte) (*StreamPiece, error) {
	d := decoder{b: body}
	p := &StreamPiece{Name: d.str(), Data: d.bytes()}
	return p, d.end()
}

// Want asks for the content of the call's blob number Index, from its start, as
// pieces of a stream with the number Stream, which is new in the call. Credit
// is how many bytes may be sent at first; Credit frames, which have the same
// body, allow more.
type Want struct {
	Stream, Index, Credit int64
}

// Encode gives the body of the Want or Credit frame.
func (w *Want) Encode() []byte {
	var e encoder
	e.int(w.Stream, w.Index, w.Credit)
	return e.b
}

// DecodeWant reads it.
func DecodeWant(body []byte) (*Want, error) {
	d := decoder{b: body}
	w := &Want{Stream: d.int(), Index: d.int(), Credit: d.int()}
	if d.err == nil && (w.Index < 0 || w.Credit < 0) {
		d.fail("negative credit")
	}
	return w, d.end()
}

// PieceSize is how much content a piece of a stream carries at most, so that it
// fits one frame.
const PieceSize = 64 << 10

// BlobPiece is the next content of a stream that was asked for. The last one has Last set; Err says
// why the content cannot be read to its end.
type BlobPiece struct {
	Stream int64
	Data   []byte
	Last   bool
	Err    string
}

// Encode gives the body of the Blob frame.
func (p *BlobPiece) Encode() []byte {
	e := encoder{b: make([]byte, 0, len(p.Data)+16)}
	e.int(p.Stream)
	e.bytes(p.Data)
	e.bool(p.Last)
	e.str(p.Err)
	return e.b
}

// DecodeBlobPiece reads it; Data is a part of body.
func DecodeBlobPiece(body []byte) (*BlobPiece, error) {
	d := decoder{b: body}
	p := &BlobPiece{Stream: d.int(), Data: d.bytes(), Last: d.bool(), Err: d.str()}
	return p, d.end()
}

// Fetch asks for a file's content.
type Fetch struct{ Path string }

// Encode gives the body of the request's frame.
func (r *Fetch) Encode() []byte {
	var e encoder
	e.str(r.Path)
	return e.b
}

// DecodeFetch reads it.
func DecodeFetch(body []byte) (*Fetch, error) {
	d := decoder{b: body}
	r := &Fetch{Path: d.str()}
	return r, d.end()
}

// FetchResult ends a Fetch, after all Data frames.
type FetchResult struct {
	SHA1 string
	Size int64
	Mode uint32
}

// Encode gives the body of the Done frame.
func (r *FetchResult) Encode() []byte {
	var e encoder
	e.str(r.SHA1)
	e.int(r.Size, int64(r.Mode))
	return e.b
}

// DecodeFetchResult reads it.
func DecodeFetchResult(body []byte) (*FetchResult, error) {
	d := decoder{b: body}
	r := &FetchResult{SHA1: d.str(), Size: d.int(), Mode: uint32(d.int())}
	return r, d.end()
}

// Lock asks for the host's lock; it is held until Unlock or the agent's end.
type Lock struct {
	Owner string // who, in words for the one who finds it taken
	Since time.Time
	Wait  time.Duration // how long to wait for it
}

// Encode gives the body of the request's frame.
func (l *Lock) Encode() []byte {
	var e encoder
	e.str(l.Owner)
	e.int(l.Since.Unix(), int64(l.Wait))
	return e.b
}

// DecodeLock reads it.
func DecodeLock(body []byte) (*Lock, error) {
	d := decoder{b: body}
	l := &Lock{Owner: d.str(), Since: time.Unix(d.int(), 0), Wait: time.Duration(d.int())}
	return l, d.end()
}
