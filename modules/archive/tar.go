package archive

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
	"golang.org/x/sys/unix"
)

const (
	block  = 512
	record = 20 * block
)

// tarWriter writes the interchange format of pax(1), to the byte as Python's
// tarfile does: fields end with a NUL, times have fractions in an extended
// header, names that are long or not ASCII stand there too.
type tarWriter struct {
	w     io.Writer
	size  int64
	links map[inode]string // first names of files with several
	sums  *sums
	users map[uint32]string
	group map[uint32]string
}

type inode struct{ dev, ino uint64 }

func newTar(w io.Writer, s *sums) *tarWriter {
	return &tarWriter{w: w, sums: s, links: map[inode]string{}, users: map[uint32]string{}, group: map[uint32]string{}}
}

// write fails the archive, not the member.
func (t *tarWriter) write(b []byte) error {
	n, err := t.w.Write(b)
	t.size += int64(n)
	if err != nil {
		return &module.Failure{Msg: "writing the archive: " + err.Error(), Err: err}
	}
	return nil
}

func (t *tarWriter) add(m member) (string, error) {
	name := strings.TrimLeft(m.name, "/")
	st, ok := m.info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("no attributes of %s", m.path)
	}
	h := header{name: name, mode: st.Mode & 0o7777, uid: int64(st.Uid), gid: int64(st.Gid), mtime: mtime(st),
		uname: t.name(t.users, st.Uid, userName), gname: t.name(t.group, st.Gid, groupName)}
	id := inode{uint64(st.Dev), st.Ino}
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		h.kind = '0'
		first, linked := t.links[id]
		if st.Nlink > 1 && linked && first != name {
			h.kind, h.link = '1', first
			break
		}
		t.links[id] = name
		h.size = st.Size
	case syscall.S_IFLNK:
		h.kind = '2'
		target, err := os.Readlink(m.path)
		if err != nil {
			return "", err
		}
		h.link = target
	case syscall.S_IFCHR, syscall.S_IFBLK:
		h.kind = '3'
		if st.Mode&syscall.S_IFMT == syscall.S_IFBLK {
			h.kind = '4'
		}
		h.device, h.major, h.minor = true, int64(unix.Major(uint64(st.Rdev))), int64(unix.Minor(uint64(st.Rdev)))
	case syscall.S_IFDIR:
		h.kind = '5'
		h.name += "/"
	case syscall.S_IFIFO:
		h.kind = '6'
	default:
		return "", nil // a socket: the format has none
	}
	if h.kind != '0' {
		return name, t.header(&h)
	}
	return name, t.file(m.path, &h)
}

// file writes a header and the content that it announces.
func (t *tarWriter) file(path string, h *header) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := t.header(h); err != nil {
		return err
	}
	n, err := io.CopyN(writerFunc(t.write), f, h.size)
	if err != nil {
		if n < h.size && err == io.EOF {
			err = fmt.Errorf("%s became shorter while it was read", path)
		}
		// Whatever follows would be taken for its content.
		return &module.Failure{Msg: err.Error(), Err: err}
	}
	return t.write(make([]byte, (block-h.size%block)%block))
}

type writerFunc func([]byte) error

func (f writerFunc) Write(b []byte) (int, error) {
	if err := f(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (t *tarWriter) header(h *header) error {
	extended, main := h.blocks()
	t.sums.member(strings.TrimSuffix(h.name, "/"), main)
	if err := t.write(extended); err != nil {
		return err
	}
	return t.write(main)
}

func (t *tarWriter) close() error {
	end := 2 * block
	end += int((record - (t.size+int64(end))%record) % record)
	return t.write(make([]byte, end))
}

func (t *tarWriter) name(known map[uint32]string, id uint32, find func(int) string) string {
	name, ok := known[id]
	if !ok {
		name = find(int(id))
		known[id] = name
	}
	return name
}

func userName(id int) string {
	if u, err := account.System.UserByID(id); err == nil {
		return u.Name
	}
	return ""
}

func groupName(id int) string {
	if g, err := account.System.GroupByID(id); err == nil {
		return g.Name
	}
	return ""
}

// mtime is a time as Python has it: a float of seconds.
func mtime(st *syscall.Stat_t) float64 { return float64(st.Mtim.Sec) + 1e-9*float64(st.Mtim.Nsec) }

// header is what a tar header says of a file.
type header struct {
	name, link, uname, gname string
	mode                     uint32
	uid, gid, size           int64
	mtime                    float64
	kind                     byte
	device                   bool
	major, minor             int64
}

// blocks gives the extended header and the main one.
func (h *header) blocks() (extended, main []byte) {
	var records []string
	text := func(key, v string, room int) {
		if len(v) > room || !ascii(v) {
			records = append(records, key+"="+v)
		}
	}
	text("path", h.name, 100)
	text("linkpath", h.link, 100)
	text("uname", h.uname, 32)
	text("gname", h.gname, 32)
	number := func(key string, v, limit int64) int64 {
		if v >= 0 && v < limit {
			return v
		}
		records = append(records, fmt.Sprintf("%s=%d", key, v))
		return 0
	}
	uid, gid, size := number("uid", h.uid, 1<<21), number("gid", h.gid, 1<<21), number("size", h.size, 1<<33)
	seconds := int64(math.RoundToEven(h.mtime))
	if seconds < 0 || seconds >= 1<<33 {
		seconds = 0
	}
	records = append(records, "mtime="+value.Repr(value.Float(h.mtime)))
	var body strings.Builder
	for _, r := range records {
		if !utf8.ValidString(r) {
			body.WriteString(paxRecord("hdrcharset=BINARY"))
			break
		}
	}
	for _, r := range records {
		body.WriteString(paxRecord(r))
	}
	content := body.String()
	extended = rawHeader("././@PaxHeader", 0, 0, 0, int64(len(content)), 0, 'x', "", "", "", nil, nil)
	extended = append(extended, content...)
	extended = append(extended, make([]byte, (block-len(content)%block)%block)...)
	var major, minor *int64
	if h.device {
		major, minor = &h.major, &h.minor
	}
	return extended, rawHeader(h.name, h.mode, uid, gid, size, seconds, h.kind, h.link, h.uname, h.gname, major, minor)
}

// paxRecord is a record of an extended header, with its own length before it.
func paxRecord(text string) string {
	n := len(text) + 2
	for {
		line := fmt.Sprintf("%d %s\n", n, text)
		if len(line) == n {
			return line
		}
		n = len(line)
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// rawHeader is a block of the ustar format.
func rawHeader(name string, mode uint32, uid, gid, size, seconds int64, kind byte, link, uname, gname string, major, minor *int64) []byte {
	b := make([]byte, block)
	put := func(at, room int, s string) {
		var out []byte
		for _, r := range s {
			if r >= 0x80 {
				r = '?'
			}
			out = append(out, byte(r))
		}
		copy(b[at:at+room], out)
	}
	octal := func(at, digits int, n int64) { copy(b[at:], fmt.Sprintf("%0*o\x00", digits, n)) }
	put(0, 100, name)
	octal(100, 7, int64(mode))
	octal(108, 7, uid)
	octal(116, 7, gid)
	octal(124, 11, size)
	octal(136, 11, seconds)
	b[156] = kind
	put(157, 100, link)
	copy(b[257:], "ustar\x0000")
	put(265, 32, uname)
	put(297, 32, gname)
	if major != nil {
		octal(329, 7, *major)
		octal(337, 7, *minor)
	}
	sum := int64(8 * ' ')
	for _, c := range b {
		sum += int64(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}
