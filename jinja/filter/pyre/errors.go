package pyre

import (
	"fmt"
	"strings"
)

// Error is a fault in a pattern or replacement, worded as Python's re.error.
type Error struct {
	Msg     string
	Pattern string
	Pos     int // in characters, -1 if the message names none
}

// Error gives msg at position n, with line and column where there are lines.
func (e *Error) Error() string {
	if e.Pos < 0 {
		return e.Msg
	}
	s := fmt.Sprintf("%s at position %d", e.Msg, e.Pos)
	if strings.Contains(e.Pattern, "\n") {
		before := string([]rune(e.Pattern)[:e.Pos])
		line := strings.Count(before, "\n") + 1
		col := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
		s += fmt.Sprintf(" (line %d, column %d)", line, col)
	}
	return s
}
