// Package wire is what controller and agent say to each other: frames on one
// pair of byte streams, and the encoding of values in them.
//
// From the bytes up:
//
//   - Frame (frame.go) is one length-prefixed message or a piece of a long one;
//     it names its call by ID and, with Route, the child agent it is for.
//   - Session (session.go) numbers the frames, keeps what the other side has
//     not acknowledged, and goes on over a new Link when one is cut: nothing
//     is lost and nothing is delivered twice. Frames that are queued together
//     go out in one write.
//   - A controller that has nothing to say beats (beat.go), so that an agent
//     notices a link that was cut without a word.
//   - Hello (hello.go) opens a link: protocol, build, who and where the agent
//     is, and how much each side has got so far.
//   - The bodies (call.go, message.go) are the requests and replies; values in
//     them are MessagePack (value.go), with extension types for what Python
//     has and MessagePack has not.
//
// Bodies are written with tinylib/msgp's append functions, in a fixed order of
// fields: both ends are of one build or of one Protocol. Every length that
// comes from outside is checked against what is really there before memory is
// taken for it.
//
// Who starts the other end and what it does with a call is no matter of this
// package: see strategy/remote and modules/kit/agent.
package wire

// Protocol is the version of what this package writes. It changes with every
// change that an older end would not understand.
const Protocol = 4

// Bounds. A frame never carries more than FrameSize bytes of body: longer
// bodies go in pieces, so that a call waits behind at most one of them and a
// broken length costs no memory.
const (
	FrameSize   = 128 << 10 // bytes of body in one frame
	frameHeader = 64        // more than any header takes
	MessageSize = 512 << 20 // bytes of a body put together again
	InlineSize  = 256 << 10 // bytes of content that travel inside the call

	// backlogSize is how many bytes of bulk may wait to be written; calls and
	// results do not wait, and find at most this much before them.
	backlogSize = 256 << 10
	// windowSize is how many bytes of bulk may be unacknowledged.
	windowSize = 4 << 20
	// ackSize and ackFrames say how much may arrive before it is
	// acknowledged without waiting for a frame that goes that way anyhow.
	ackSize   = 512 << 10
	ackFrames = 128
)

// Kind says what a frame is.
type Kind uint8

// The kinds. Requests go from controller to agent and open an exchange under
// a new ID; it ends with Done or Fail.
const (
	kindNone Kind = iota
	KindHello
	KindAck // unnumbered: body is the number of the last frame received

	// Requests.
	KindCall   // Call → Stream…, Done(dict)
	KindRaw    // Raw → Stream…, Done(RawResult)
	KindFetch  // Fetch → Data…, Done(FetchResult)
	KindBecome // Become → Done(Hello of the child)
	KindLock   // Lock → Done
	KindUnlock // → Done
	KindPlan   // Plan → Done(opaque)

	// In an exchange, from the controller.
	KindCancel // ends a request; Done or Fail follows all the same
	KindBlob   // a piece of a Blob's content: BlobPiece
	KindInput  // a Verdict, to a become
	KindCredit // Credit: how many bytes more the receiver takes

	// In an exchange, from the agent.
	KindStream // StreamPiece: output of a running command
	KindData   // raw bytes of a fetched file
	KindEvent  // what a become said
	KindWant   // Want: content of a blob is needed
	KindDone
	KindFail // Fail

	KindGoodbye // controller: end; agent: ended, nothing is left running
	KindBeat    // unnumbered: how long silence may last after it
	kindLast
)

// Bulk reports whether frames of the kind are parts of streams, which wait
// while much is under way; requests and results do not.
func (k Kind) Bulk() bool {
	switch k {
	case KindBlob, KindStream, KindData, KindEvent:
		return true
	}
	return false
}

// Request reports whether frames of the kind open an exchange.
func (k Kind) Request() bool { return k >= KindCall && k <= KindPlan }

var kindNames = [...]string{"none", "hello", "ack", "call", "raw", "fetch", "become", "lock", "unlock", "plan",
	"cancel", "blob", "input", "credit", "stream", "data", "event", "want", "done", "fail", "goodbye", "beat"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}
