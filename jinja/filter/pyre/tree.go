package pyre

import (
	"errors"
	"strings"
)

type op uint8

const (
	opEmpty   op = iota
	opLiteral    // char
	opAny        // .
	opClass      // set
	opBegin      // ^
	opEnd        // $
	opStart      // \A
	opStop       // \Z
	opWord       // \b
	opNotWord    // \B
	opSeq        // subs one after the other
	opAlt        // one of subs
	opRepeat     // subs[0] min to max times, how
	opGroup      // subs[0] as group number
	opScope      // subs[0] in brackets, not a group
	opAtomic     // (?>…)
	opLook       // (?=…) and its kin: behind, negated
	opRef        // what group number matched
	opIf         // subs[0] if group number matched, else subs[1]
)

type repeatKind uint8

const (
	greedy repeatKind = iota
	lazy
	possessive
)

// unbounded is the max of a repeat without one.
const unbounded = 1<<32 - 1

type node struct {
	op      op
	flags   Flags // in force here
	char    rune
	set     *class
	subs    []*node
	min     int64
	max     int64
	kind    repeatKind
	group   int
	behind  bool
	negated bool
}

// width gives how many characters n matches, at least and at most. groups has
// the widths of the groups that are closed.
func (n *node) width(groups map[int][2]int64) (lo, hi int64) {
	switch n.op {
	case opLiteral, opAny, opClass:
		return 1, 1
	case opSeq:
		for _, sub := range n.subs {
			l, h := sub.width(groups)
			lo, hi = clamp(lo+l), clamp(hi+h)
		}
		return lo, hi
	case opAlt, opIf:
		lo = unbounded
		for _, sub := range n.subs {
			l, h := sub.width(groups)
			lo, hi = min(lo, l), max(hi, h)
		}
		return lo, hi
	case opRepeat:
		l, h := n.subs[0].width(groups)
		return mulClamp(l, n.min), mulClamp(h, n.max)
	case opGroup, opScope, opAtomic:
		return n.subs[0].width(groups)
	case opRef:
		w := groups[n.group]
		return w[0], w[1]
	}
	return 0, 0
}

func clamp(n int64) int64 { return min(n, unbounded) }

func mulClamp(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	if a > unbounded/b {
		return unbounded
	}
	return a * b
}

// literalOf gives the text that is all that n matches, if so.
func literalOf(n *node) (string, bool) {
	switch n.op {
	case opEmpty:
		return "", true
	case opLiteral:
		if n.flags&IgnoreCase != 0 {
			return "", false
		}
		return toText([]rune{n.char}), true
	case opSeq:
		var b strings.Builder
		for _, sub := range n.subs {
			s, ok := literalOf(sub)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

// headOf gives the text that every match of n begins with, "" where none is
// known, and whether it has to be where the text begins.
func headOf(n *node) (head string, atStart bool) {
	subs := []*node{n}
	if n.op == opSeq {
		subs = n.subs
	}
	if first := subs[:min(1, len(subs))]; len(first) > 0 && (first[0].op == opStart || first[0].op == opBegin && first[0].flags&Multiline == 0) {
		atStart, subs = true, subs[1:]
	} else if len(first) > 0 && first[0].op == opBegin {
		subs = subs[1:] // the start of some line
	}
	var b strings.Builder
	for _, sub := range subs {
		s, ok := literalOf(sub)
		if !ok {
			break
		}
		b.WriteString(s)
	}
	return b.String(), atStart
}

// inLine says whether what n matches has no newline in it, and whether n does
// without what stands before and after the line.
func inLine(n *node) bool {
	switch n.op {
	case opLiteral:
		return n.char != '\n'
	case opAny:
		return n.flags&DotAll == 0
	case opClass:
		return !n.set.has('\n')
	case opBegin, opEnd:
		return n.flags&Multiline != 0
	case opStart, opStop, opNotWord: // what no character follows is not what a newline follows
		return false
	}
	for _, sub := range n.subs {
		if !inLine(sub) {
			return false
		}
	}
	return true
}

var errLookbehind = errors.New("look-behind requires fixed-width pattern")

// checkWidths fails if what a lookbehind looks for varies in length. groups
// takes the widths of the groups met.
func checkWidths(n *node, groups map[int][2]int64) error {
	for _, sub := range n.subs {
		if err := checkWidths(sub, groups); err != nil {
			return err
		}
	}
	switch {
	case n.op == opGroup:
		lo, hi := n.subs[0].width(groups)
		groups[n.group] = [2]int64{lo, hi}
	case n.op == opLook && n.behind:
		if lo, hi := n.subs[0].width(groups); lo != hi {
			return errLookbehind
		}
	}
	return nil
}
