package callback

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/modules/kit/event"
)

// WarningText tells a warning about a place in a file.
func WarningText(msg string, pos source.Pos, hint string) string {
	f := event.Failure{Msg: msg, Pos: pos, Help: hint}
	text := f.Text()
	if !pos.IsZero() {
		text += "\n"
	}
	return text
}
