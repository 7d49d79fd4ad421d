package app

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/churten/churten/jinja/source"
)

// PrintError tells an error that ended the command, with the lines of the file
// it is about; of several faults the first, and then the others shortly.
func PrintError(w io.Writer, err error) {
	text := strings.TrimRight(source.Report(err), "\n")
	if strings.Contains(text, "\n") {
		text += "\n"
	}
	fmt.Fprintln(w, "[ERROR]: "+text)
	var es source.Errors
	if errors.As(err, &es) && len(es) > 1 {
		for _, more := range es[1:] {
			fmt.Fprintln(w, "[ERROR]: "+more.Error())
		}
	}
}
