package callback

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Log is the file of log_path: all that is shown, without colours, with time,
// process, user and program. No secret stands in it.
type Log struct {
	W       io.Writer
	Secrets *Secrets
	Now     func() time.Time
	PID     int
	User    string
	Program string // "ansible" for all of Ansible's commands
	// Verbosity above that of the display has the log told more.
	Verbosity int
}

var colourCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("\x1b\\[[0-9;]*m") })

// write adds an entry; what is blank is none. A log that cannot be written to
// is no reason to end the run.
func (l *Log) write(level, text string) {
	if l == nil {
		return
	}
	text = strings.TrimLeft(colourCode().ReplaceAllString(text, ""), "\n")
	if text == "" {
		return
	}
	if level != "INFO" || strings.HasSuffix(text, "\n") { // a diff, which ends with an empty line
		text += "\n"
	}
	if level == "DEPRECATED" {
		level = "INFO"
	}
	at := l.Now()
	fmt.Fprintf(l.W, "%s,%03d p=%d u=%s n=%s %s| %s\n", at.Format("2006-01-02 15:04:05"), at.Nanosecond()/1e6, l.PID, l.User, l.Program, level, l.Secrets.Mask(text))
}
