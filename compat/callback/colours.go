package callback

import "io"

// named are the reference's names of colours.
var named = map[string]Colour{
	"black": "0;30", "bright gray": "0;37", "blue": Blue, "white": "1;37", "green": Green, "bright blue": "1;34", "cyan": Cyan,
	"bright green": "1;32", "red": Red, "bright cyan": "1;36", "purple": Purple, "bright red": BrightRed, "yellow": Yellow,
	"bright purple": BrightPurple, "dark gray": DarkGray, "bright yellow": "1;33", "magenta": "0;35", "bright magenta": "1;35", "normal": "0",
}

// ColourNamed gives a colour by the reference's name for it, Plain for a name
// that there is none of.
func ColourNamed(name string) Colour { return named[name] }

// LogOnly puts a text into the log, if there is one, and shows it nowhere.
func (d *Display) LogOnly(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Log.write("INFO", text)
}

// Raw writes text to stdout as it is, without a newline of its own.
func (d *Display) Raw(text string, c Colour) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Log.write("INFO", text)
	_, _ = d.Out.Write([]byte(d.paint(text, c)))
}

// draw writes to stdout what is no line of text, and in no log.
func (d *Display) draw(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.view != nil {
		d.view.hide()
		defer d.view.show()
	}
	_, _ = io.WriteString(d.Out, text)
}
