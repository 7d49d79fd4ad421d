// Package callback turns events into what people and programs read. Each
// callback is one file: default.go is the one that ansible-playbook shows,
// byte for byte.
//
// A [Display] writes lines to stdout and stderr with the reference's colours;
// callbacks print through it.
package callback

import (
	"io"
	"strings"
	"sync"
)

// Colour is one of the reference's colour names, as its terminal code.
type Colour string

// The colours that the reference's configuration uses by default.
const (
	Plain        Colour = ""
	Green        Colour = "0;32"
	Yellow       Colour = "0;33"
	Red          Colour = "0;31"
	BrightRed    Colour = "1;31"
	Cyan         Colour = "0;36"
	Blue         Colour = "0;34"
	Purple       Colour = "0;35"
	BrightPurple Colour = "1;35"
	DarkGray     Colour = "1;30"
)

// What the colours mean.
const (
	ColourOK          = Green
	ColourChanged     = Yellow
	ColourSkip        = Cyan
	ColourUnreachable = BrightRed
	ColourError       = Red
	ColourVerbose     = Blue
	ColourWarn        = BrightPurple
	ColourDeprecate   = Purple
	ColourDebug       = DarkGray
	ColourIncluded    = Cyan
	ColourDiffAdd     = Green
	ColourDiffRemove  = Red
	ColourDiffLines   = Cyan
)

// Display writes to the two outputs of a command. It is safe for concurrent use.
type Display struct {
	Out, Err io.Writer
	Colours  bool
	// Columns is the width banners fill: the terminal's less one, never below
	// 79, which it is where stdout is none.
	Columns   int
	Verbosity int
	// HideDeprecated is DEPRECATION_WARNINGS=False.
	HideDeprecated bool
	// Log, if set, gets all that is shown too.
	Log *Log

	// view, if set, is taken away while something is written; see Progress.
	view view

	mu   sync.Mutex
	said map[string]bool // errors and warnings, each told once
}

// view stands below what is written; its owner holds no lock of a Display.
type view interface {
	hide()
	show()
}

// Print writes a line to stdout.
func (d *Display) Print(text string, c Colour) { d.write(d.Out, text, c, "INFO") }

// PrintErr writes a line to stderr.
func (d *Display) PrintErr(text string, c Colour) { d.write(d.Err, text, c, "INFO") }

// Note keeps a line that is not shown in the log, if that is told so much.
func (d *Display) Note(level int, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Log != nil && d.Log.Verbosity >= level {
		d.Log.write("INFO", text)
	}
}

func (d *Display) write(w io.Writer, text string, c Colour, level string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Log.write(level, text)
	if d.view != nil {
		d.view.hide()
		defer d.view.show()
	}
	io.WriteString(w, d.paint(text, c)+"\n")
}

// Painted gives text as it is shown in a colour, for lines that are put together.
func (d *Display) Painted(text string, c Colour) string { return d.paint(text, c) }

// Paint gives text in colour, each line by itself as the reference does.
func (d *Display) paint(text string, c Colour) string {
	if !d.Colours || c == Plain {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = "\x1b[" + string(c) + "m" + l + "\x1b[0m"
	}
	return strings.Join(lines, "\n")
}

// Banner writes a heading with stars to the full width.
func (d *Display) Banner(text string) {
	text = strings.TrimSpace(text)
	stars := max(3, d.Columns-width(text))
	d.Print("\n"+text+" "+strings.Repeat("*", stars), Plain)
}

// Error writes an error, once per text.
func (d *Display) Error(text string, toStderr bool) {
	if !d.once("[ERROR]: " + text) {
		return
	}
	w := d.Out
	if toStderr {
		w = d.Err
	}
	d.write(w, "[ERROR]: "+text, ColourError, "ERROR")
}

// Warning writes a warning to stderr, once per text.
func (d *Display) Warning(text string) {
	if d.once(text) {
		d.write(d.Err, "[WARNING]: "+text, ColourWarn, "WARNING")
	}
}

// Deprecated writes a deprecation warning to stderr, once per text.
func (d *Display) Deprecated(text string) {
	if d.HideDeprecated {
		return
	}
	if d.once("deprecated " + text) {
		d.Warning("Deprecation warnings can be disabled by setting `deprecation_warnings=False` in ansible.cfg.")
		d.write(d.Err, "[DEPRECATION WARNING]: "+text, ColourDeprecate, "DEPRECATED")
	}
}

func (d *Display) once(text string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.said[text] {
		return false
	}
	if d.said == nil {
		d.said = map[string]bool{}
	}
	d.said[text] = true
	return true
}

// width is the number of columns text takes: wide characters take two.
func width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r < 32 || (r >= 0x300 && r <= 0x36f) || r == 0x200b:
		case r >= 0x1100 && (r <= 0x115f || (r >= 0x2e80 && r <= 0xa4cf) || (r >= 0xac00 && r <= 0xd7a3) ||
			(r >= 0xf900 && r <= 0xfaff) || (r >= 0xfe30 && r <= 0xfe6f) || (r >= 0xff00 && r <= 0xff60) ||
			(r >= 0x1f300 && r <= 0x1f64f) || (r >= 0x1f900 && r <= 0x1f9ff) || (r >= 0x20000 && r <= 0x3fffd)):
			n += 2
		default:
			n++
		}
	}
	return n
}
