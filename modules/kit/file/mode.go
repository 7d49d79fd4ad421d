package file

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Permission bits as stat(2) has them, in octal.
const (
	setUID  = 0o4000
	setGID  = 0o2000
	sticky  = 0o1000
	allBits = 0o7777
)

// ParseMode gives the permission bits that mode asks for: a number (an int is
// taken as it is, text as octal) or symbolic, relative to the bits old has
// now; X depends on isDir. umask counts where a symbolic mode names nobody.
func ParseMode(mode value.Value, old uint32, isDir bool, umask uint32) (uint32, error) {
	var n int64
	switch m := mode.(type) {
	case value.Int:
		n = int64(m)
	case value.Str:
		text := strings.TrimSpace(string(m))
		octal := strings.TrimPrefix(strings.TrimPrefix(text, "0o"), "0O")
		parsed, err := strconv.ParseInt(strings.ReplaceAll(octal, "_", ""), 8, 64)
		if err != nil {
			return symbolic(string(m), old, isDir, umask)
		}
		n = parsed
	default:
		return symbolic(value.Text(mode), old, isDir, umask)
	}
	// Bits above are compared and shown, as the reference does, but chmod drops
	// them: such a mode is never reached.
	if n < 0 || n > math.MaxUint32 {
		return 0, &invalidMode{n}
	}
	return uint32(n), nil
}

// invalidMode is a number that cannot be a mode.
type invalidMode struct{ mode int64 }

func (e *invalidMode) Error() string { return strconv.FormatInt(e.mode, 10) }

func symbolic(text string, old uint32, isDir bool, umask uint32) (uint32, error) {
	mode := old & allBits
	for _, clause := range strings.Split(text, ",") {
		bad := fmt.Errorf("bad symbolic permission for mode: %s", clause)
		at := strings.IndexAny(clause, "+-=")
		if at < 0 {
			at = len(clause) // names somebody and does nothing: the reference takes it
		}
		if strings.Trim(clause[:at], "ugoa") != "" {
			return 0, bad
		}
		who := clause[:at]
		for rest := clause[at:]; rest != ""; {
			op := rest[0]
			end := strings.IndexAny(rest[1:], "+-=") + 1
			if end == 0 {
				end = len(rest)
			}
			perms := rest[1:end]
			rest = rest[end:]
			if strings.Trim(perms, "rwxXst") != "" && strings.Trim(perms, "ugo") != "" {
				return 0, bad
			}
			mode = applyClause(mode, who, op, perms, isDir, umask)
		}
	}
	return mode, nil
}

// applyClause does one of u+x, g=rw, o-t …
func applyClause(mode uint32, who string, op byte, perms string, isDir bool, umask uint32) uint32 {
	mask := uint32(allBits)
	if who == "" {
		if !isCopy(perms) {
			mask = allBits &^ umask
		}
		who = "a"
	}
	who = strings.ReplaceAll(who, "a", "ugo")
	before := mode
	for _, user := range who {
		bits := permBits(user, perms, before, isDir) & mask
		switch op {
		case '+':
			mode |= bits
		case '-':
			mode &^= bits
		case '=':
			mode = mode&^classBits(user) | bits
		}
	}
	return mode
}

// isCopy reports whether perms copies another's bits: g=u.
func isCopy(perms string) bool { return perms == "u" || perms == "g" || perms == "o" }

// classBits are those that "=" sets anew.
func classBits(user rune) uint32 {
	switch user {
	case 'u':
		return 0o700 | setUID
	case 'g':
		return 0o070 | setGID
	}
	return 0o007 | sticky
}

func permBits(user rune, perms string, mode uint32, isDir bool) uint32 {
	shift := map[rune]uint{'u': 6, 'g': 3, 'o': 0}[user]
	var bits uint32
	if isCopy(perms) {
		return mode >> map[string]uint{"u": 6, "g": 3, "o": 0}[perms] & 7 << shift
	}
	for _, p := range perms {
		switch p {
		case 'r':
			bits |= 4 << shift
		case 'w':
			bits |= 2 << shift
		case 'x':
			bits |= 1 << shift
		case 'X':
			if isDir || mode&0o111 != 0 {
				bits |= 1 << shift
			}
		case 's':
			bits |= map[rune]uint32{'u': setUID, 'g': setGID}[user]
		case 't':
			if user == 'o' {
				bits |= sticky
			}
		}
	}
	return bits
}
