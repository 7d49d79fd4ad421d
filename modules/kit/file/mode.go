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
// now; X depends on isDir. What chmod(2) drops of a number, bits above the twelve and the sign, is given, too. umask counts where a symbolic mode names nobody.
func ParseMode(mode value.Value, old uint32, isDir bool, umask uint32) (int64, error) {
	switch m := mode.(type) {
	case value.Int:
		return int64(m), nil
	case value.Str:
		if n, ok := octal(string(m)); ok {
			return n, nil
		}
		return symbolic(string(m), old, isDir, umask)
	case *value.BigInt:
		return math.MaxInt64, nil
	case value.Bool:
		if m {
			return 1, nil
		}
		return 0, nil
	}
	return 0, fmt.Errorf("'%s' object has no attribute 'split'", mode.Type()) // as Python says it
}

// Number reads a whole number as Python's int(text) does, but for digits of other scripts.
func Number(text string) (int, bool) {
	text = strings.TrimSpace(text)
	for _, part := range strings.Split(strings.TrimLeft(text, "+-"), "_") {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return 0, false
		}
	}
	n, err := strconv.Atoi(strings.ReplaceAll(text, "_", ""))
	return n, err == nil
}

// octal reads a number as Python's int(text, 8) does. Those that are too large for any mode are cut.
func octal(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	sign := strings.HasPrefix(text, "-")
	if sign || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	if len(text) > 2 && text[0] == '0' && text[1]|' ' == 'o' {
		text = strings.TrimPrefix(text[2:], "_")
	}
	// Underscores stand between digits, one at a time.
	for _, part := range strings.Split(text, "_") {
		if part == "" || strings.Trim(part, "01234567") != "" {
			return 0, false
		}
	}
	n, _ := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 8, 64)
	if sign {
		n = -n
	}
	return n, true
}

func symbolic(text string, old uint32, isDir bool, umask uint32) (int64, error) {
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
	return int64(mode), nil
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
