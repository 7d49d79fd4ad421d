package wire

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

func TestFrames(t *testing.T) {
	for _, f := range []Frame{
		{Kind: KindCall, ID: 1, seq: 1, Body: []byte("body")},
		{Kind: KindAck, Body: []byte{}},
		{Kind: KindStream, Route: 1 << 31, ID: 1<<64 - 1, seq: 1<<64 - 1, More: true, packed: true, Body: make([]byte, FrameSize)},
		{Kind: KindGoodbye, seq: 300, Body: []byte{}},
	} {
		b := f.append(nil)
		got, n, err := readFrame(bufio.NewReader(bytes.NewReader(b)), nil)
		if err != nil || n != len(b) || !reflect.DeepEqual(got, f) {
			t.Errorf("%v: %d of %d bytes, %v", f.Kind, n, len(b), err)
		}
		for cut := range min(len(b), 100) {
			_, _, err := readFrame(bufio.NewReader(bytes.NewReader(b[:cut])), nil)
			if want := io.ErrUnexpectedEOF; cut == 0 && err != io.EOF || cut > 0 && err != want {
				t.Errorf("cut at %d: %v", cut, err)
			}
		}
	}
	for _, b := range []string{"\xff\xff\xff\xff", "\x00\x00\x00\x01\x03", "\x00\x00\x00\x04\x00\x00\x00\x00", "\x00\x00\x00\x04\x3f\x00\x00\x00", "\x00\x00\x00\x05\x03\xff\xff\xff\xff"} {
		if _, _, err := readFrame(bufio.NewReader(strings.NewReader(b)), nil); err == nil || err == io.EOF {
			t.Errorf("%q: %v", b, err)
		}
	}
}

// A child agent that dies while it sends leaves pieces that never end.
func TestPiecesOfTheDead(t *testing.T) {
	var a assembler
	piece := func(id uint64) {
		if _, ok, err := a.add(Frame{Kind: KindDone, Route: 1, ID: id, More: true, Body: []byte("half")}); ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	piece(1)
	piece(2)
	piece(3)
	if f, ok, err := a.add(Frame{Kind: KindFail, Route: 1, ID: 2, Body: []byte("fail")}); !ok || err != nil || string(f.Body) != "fail" {
		t.Errorf("%+v %v", f, err)
	}
	if _, _, err := a.add(Frame{Kind: KindStream, Route: 1, ID: 1}); err == nil {
		t.Error("a stream between the pieces of a result")
	}
	if _, ok, err := a.add(Frame{Kind: KindFail, Route: 2}); !ok || err != nil || len(a.parts) != 2 {
		t.Error("another one's death:", err, a.parts)
	}
	if _, ok, err := a.add(Frame{Kind: KindFail, Route: 1}); !ok || err != nil || len(a.parts) != 0 || a.size != 0 {
		t.Error(err, a)
	}
}

func TestPack(t *testing.T) {
	random := make([]byte, 64<<10)
	rand.Read(random)
	for _, c := range []struct {
		body   []byte
		packed bool
	}{
		{[]byte("short"), false},
		{bytes.Repeat([]byte("the same again\n"), 5000), true},
		{random, false},
		{random[:packFrom], false},
		{[]byte(strings.Repeat("/etc/ssh/sshd_config: PermitRootLogin no\n", 30)), true},
	} {
		b, packed := pack(c.body)
		if packed != c.packed {
			t.Errorf("%d bytes: packed %v into %d", len(c.body), packed, len(b))
		}
		if packed {
			if got, err := unpack(b); err != nil || !bytes.Equal(got, c.body) {
				t.Errorf("%d bytes: %v", len(c.body), err)
			}
		}
	}
	bomb, _ := pack(make([]byte, FrameSize))
	for _, b := range [][]byte{nil, {0xff}, bomb[:len(bomb)/2], append([]byte{1}, bomb[3:]...), {0xff, 0xff, 0xff, 0xff, 0x0f, 0}} {
		if _, err := unpack(b); err == nil {
			t.Errorf("%x was unpacked", b)
		}
	}
}

func TestBodies(t *testing.T) {
	call := &Call{Module: "m", As: "a", Args: value.DictOf("a", value.Int(1)), Check: true, NoLog: true, Verbosity: 3, Env: []string{"A=1"}, Dir: "/d", Timeout: time.Second,
		Queue: 7, Task: 3, StopQueue: true, FailuresPass: true, Blobs: []Blob{{Name: "src", SHA1: "s1", SHA256: "s2", Size: 4, Mode: 0o644, Inline: true, Content: []byte("cont")}, {Name: "b", Size: 1 << 40}}}
	body, err := call.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeCall(body)
	if err != nil || !reflect.DeepEqual(got, call) {
		t.Errorf("%+v %v", got, err)
	}
	check := func(name string, got any, err error, want any) {
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, not %+v: %v", name, got, want, err)
		}
	}
	raw := &Raw{Argv: []string{"a", "b"}, Command: "c", Executable: "e", Stdin: []byte("in"), Env: []string{"X=1"}, Dir: "d", Timeout: 5}
	gotRaw, err := DecodeRaw(raw.Encode())
	check("raw", gotRaw, err, raw)
	res := &RawResult{RC: -1, Signal: "KILL"}
	gotRes, err := DecodeRawResult(res.Encode())
	check("raw result", gotRes, err, res)
	bec := &Become{Key: 3, Name: "sudo", Line: "sudo -n", Prompts: []string{"p"}, Password: "x", HasPassword: true, Wrong: []string{"w"}, Missing: []string{"m"}, TTY: true, Dirs: []string{"/d"}, Timeout: 9}
	gotBec, err := DecodeBecome(bec.Encode())
	check("become", gotBec, err, bec)
	fail := &Fail{Code: CodeTimeout, Msg: "m", Said: "s"}
	gotFail, err := DecodeFail(fail.Encode())
	check("fail", gotFail, err, fail)
	piece := &StreamPiece{Name: "stdout", Data: []byte("d")}
	gotPiece, err := DecodeStreamPiece(piece.Encode())
	check("stream", gotPiece, err, piece)
	want := &Want{Stream: 1, Index: 2, Credit: 3}
	gotWant, err := DecodeWant(want.Encode())
	check("want", gotWant, err, want)
	blob := &BlobPiece{Stream: 1, Data: []byte("d"), Last: true, Err: "e"}
	gotBlob, err := DecodeBlobPiece(blob.Encode())
	check("blob", gotBlob, err, blob)
	fetch := &Fetch{Path: "/p"}
	gotFetch, err := DecodeFetch(fetch.Encode())
	check("fetch", gotFetch, err, fetch)
	fetched := &FetchResult{SHA1: "s", Size: 5, Mode: 0o600}
	gotFetched, err := DecodeFetchResult(fetched.Encode())
	check("fetch result", gotFetched, err, fetched)
	lock := &Lock{Owner: "o", Since: time.Unix(1e9, 0), Wait: time.Minute}
	gotLock, err := DecodeLock(lock.Encode())
	check("lock", gotLock, err, lock)
	h := &Hello{Protocol: Protocol, Build: "b", Session: "s", Secret: "x", Received: 9, Resumable: true, Pack: true, Gone: true, OS: "linux", Arch: "amd64", PID: 1, UID: 2, User: "u", Home: "h", Shell: "sh", Exe: "e"}
	gotHello, err := ReadHello(bufio.NewReader(bytes.NewReader(AppendHello(nil, h))))
	check("hello", gotHello, err, h)
	h.Protocol++
	if _, err := ReadHello(bufio.NewReader(bytes.NewReader(AppendHello(nil, h)))); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("do not speak the same protocol: %d here, %d there", Protocol, Protocol+1)) {
		t.Error(err)
	}
}

// decoders are all that read a body.
var decoders = []func([]byte) error{
	func(b []byte) error { _, err := DecodeCall(b); return err },
	func(b []byte) error { _, err := DecodeRaw(b); return err },
	func(b []byte) error { _, err := DecodeRawResult(b); return err },
	func(b []byte) error { _, err := DecodeBecome(b); return err },
	func(b []byte) error { _, err := DecodeFail(b); return err },
	func(b []byte) error { _, err := DecodeDict(b); return err },
	func(b []byte) error { _, err := DecodeStreamPiece(b); return err },
	func(b []byte) error { _, err := DecodeWant(b); return err },
	func(b []byte) error { _, err := DecodeBlobPiece(b); return err },
	func(b []byte) error { _, err := DecodeFetch(b); return err },
	func(b []byte) error { _, err := DecodeFetchResult(b); return err },
	func(b []byte) error { _, err := DecodeLock(b); return err },
	func(b []byte) error { _, err := parseHello(b); return err },
	func(b []byte) error { _, err := unpack(b); return err },
}

// FuzzBodies: whatever comes, no decoder panics or takes memory out of
// proportion.
func FuzzBodies(f *testing.F) {
	call := Call{Module: "m", Args: value.DictOf("a", value.Int(1)), Env: []string{"A=1"}, Blobs: []Blob{{Name: "x", Inline: true, Content: []byte("y")}}}
	body, _ := call.Encode()
	f.Add(body)
	bec := Become{Key: 1, Name: "sudo", Prompts: []string{"p"}}
	f.Add(bec.Encode())
	f.Add([]byte("\xdd\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, decode := range decoders {
			_ = decode(b) // an error is fine
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20+uint64(len(b))*2000 {
			t.Fatalf("%d bytes took %d", len(b), used)
		}
	})
}

// FuzzFrames reads a whole stream.
func FuzzFrames(f *testing.F) {
	one := Frame{Kind: KindCall, ID: 1, seq: 1, Body: []byte("body"), More: true}
	two := Frame{Kind: KindCall, ID: 1, seq: 2, Body: []byte("body")}
	f.Add(two.append(one.append(nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		var a assembler
		for {
			f, _, err := readFrame(r, nil)
			if err != nil {
				return
			}
			if again, err := parseFrame(f.append(nil)[4:]); err != nil || !reflect.DeepEqual(f, again) {
				t.Fatalf("%+v came back as %+v: %v", f, again, err)
			}
			if _, _, err := a.add(f); err != nil {
				return
			}
		}
	})
}
