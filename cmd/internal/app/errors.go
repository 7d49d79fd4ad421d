package app

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/modules/kit/event"
)

// PrintError tells an error that ended the command, with the lines of the file
// it is about; of several faults the first, and then the others shortly.
func PrintError(w io.Writer, err error) {
	var es source.Errors
	var e *source.Error
	switch {
	case errors.As(err, &es) && len(es) > 0:
		fmt.Fprintln(w, "[ERROR]: "+errorText(es[0]))
		for _, more := range es[1:] {
			fmt.Fprintln(w, "[ERROR]: "+more.Error())
		}
	case errors.As(err, &e):
		fmt.Fprintln(w, "[ERROR]: "+errorText(e))
	default:
		fmt.Fprintln(w, "[ERROR]: "+errorText(&source.Error{Msg: err.Error()}))
	}
}

func errorText(e *source.Error) string {
	text := callback.ErrorText(&event.Failure{Msg: e.Msg, Pos: e.Pos, Help: e.Hint})
	if strings.Contains(text, "\n") {
		text += "\n"
	}
	return text
}
