// Package pycsv reads comma separated values as Python's csv module does: what
// counts as a quote where, what an empty line is, which faults are told. It is
// what the csvfile lookup and the filter from_csv have in common.
//
// Source: the documentation of csv; behaviour and messages seen on Python 3.11.
package pycsv

import (
	"errors"
	"fmt"
	"strings"
)

// Dialect says how fields are written.
type Dialect struct {
	Delimiter   rune
	SkipInitial bool // leave out blanks behind a delimiter
	Strict      bool // complain of what a lenient reader makes something of
}

// maxField is the csv module's bound of a field, in characters.
const maxField = 131072

var errNewline = errors.New("new-line character seen in unquoted field - do you need to open the file with newline=''?")

type state int

const (
	startRecord state = iota
	startField
	inField
	inQuoted
	quoteInQuoted
	endOfLine
)

// eol stands for the end of a line behind its newline.
const eol rune = -1

type reader struct {
	Dialect
	state state
	field []rune
	row   []string
}

// Read gives the rows of text; an empty line is a row without fields.
func Read(text string, d Dialect) ([][]string, error) {
	r := reader{Dialect: d}
	var rows [][]string
	for line := range strings.Lines(text) {
		for _, c := range line {
			if err := r.take(c); err != nil {
				return nil, err
			}
		}
		if err := r.take(eol); err != nil {
			return nil, err
		}
		if r.state == startRecord {
			rows = append(rows, r.row)
			r.row = nil
		}
	}
	if len(r.field) > 0 || r.state == inQuoted {
		if r.Strict {
			return nil, errors.New("unexpected end of data")
		}
		r.save()
		rows = append(rows, r.row)
	}
	return rows, nil
}

func (r *reader) save() {
	r.row = append(r.row, string(r.field))
	r.field = r.field[:0]
}

func (r *reader) add(c rune) error {
	if len(r.field) >= maxField {
		return fmt.Errorf("field larger than field limit (%d)", maxField)
	}
	r.field = append(r.field, c)
	return nil
}

// end ends a field at c, which is the delimiter or some end of a line.
func (r *reader) end(c rune) {
	r.save()
	switch c {
	case r.Delimiter:
		r.state = startField
	case eol:
		r.state = startRecord
	default:
		r.state = endOfLine
	}
}

func (r *reader) take(c rune) error {
	newline := c == '\n' || c == '\r'
	stop := newline || c == eol
	if r.state == startRecord {
		if c == eol {
			return nil
		}
		if newline {
			r.state = endOfLine
			return nil
		}
		r.state = startField
	}
	switch r.state {
	case startField:
		switch {
		case stop, c == r.Delimiter:
			r.end(c)
		case c == '"':
			r.state = inQuoted
		case c == ' ' && r.SkipInitial:
		default:
			r.state = inField
			return r.add(c)
		}
	case inField:
		if stop || c == r.Delimiter {
			r.end(c)
			return nil
		}
		return r.add(c)
	case inQuoted:
		switch c {
		case eol:
		case '"':
			r.state = quoteInQuoted
		default:
			return r.add(c)
		}
	case quoteInQuoted:
		switch {
		case c == '"':
			r.state = inQuoted
			return r.add(c)
		case stop, c == r.Delimiter:
			r.end(c)
		case r.Strict:
			return fmt.Errorf("'%c' expected after '\"'", r.Delimiter)
		default:
			r.state = inField
			return r.add(c)
		}
	case endOfLine:
		switch {
		case c == eol:
			r.state = startRecord
		case !newline:
			return errNewline
		}
	}
	return nil
}
