package callback

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "log_plays", Collection: "community.general",
		Settings: []config.Setting{{Name: "log_folder", Env: []string{"ANSIBLE_LOG_FOLDER"}, Ini: []string{"callback_log_plays.log_folder"}, Default: "/var/log/ansible/hosts"}},
		New: func(e *Env) (event.Listener, error) {
			dir, err := e.Text("log_folder")
			if err == nil {
				err = os.MkdirAll(dir, 0o777)
			}
			return &logPlays{Base: e.Base, dir: dir}, err
		}})
}

// logPlays adds a line for each result to a file of the host's.
type logPlays struct {
	Base
	dir, book string
}

var logWords = map[event.Status]string{event.OK: "OK", event.Failed: "FAILED", event.Skipped: "SKIPPED", event.Unreachable: "UNREACHABLE"}

// Hear writes a result.
func (c *logPlays) Hear(e event.Event) {
	switch e := e.(type) {
	case event.PlaybookStart:
		c.book = filepath.Base(e.Path)
	case event.Result:
		if e.Item {
			return
		}
		if err := c.log(e); err != nil {
			c.Warning(fmt.Sprintf("log_plays: %v", err))
		}
	}
}

func (c *logPlays) log(e event.Result) error {
	f, err := os.OpenFile(filepath.Join(c.dir, e.Host), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	d := Shown(e.Value, e.NoLog).Clone()
	text := ""
	if how, ok := d.GetStr("invocation"); ok {
		text = oneLine(how) + " => "
		d.Delete(value.Str("invocation"))
		text += oneLine(d) + " "
	} else {
		text = oneLine(d)
	}
	_, err = fmt.Fprintf(f, "%s - %s - %s - %s - %s - %s\n\n", value.Strftime(c.Now(), "%b %d %Y %H:%M:%S", true), c.book, c.Secrets.Mask(e.Task.Name), e.Task.Action, logWords[e.Status], c.Secrets.Mask(text))
	return err
}

// oneLine is JSON in the order in which things stand.
func oneLine(v value.Value) string {
	text, err := value.JSON{Indent: -1, Default: asText}.Text(v)
	if err != nil {
		return value.Repr(v)
	}
	return text
}
