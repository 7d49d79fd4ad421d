package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/value"
)

// Way says for which task a connection or become plugin is made.
type Way struct {
	Name string
	// Task is what the plugin's play context says: see py/actions.py.
	Task *value.Dict
	// Keywords are the task's that options may come from, evaluated.
	Keywords *value.Dict
	// Password is that of the command line for become; may be nil.
	Password *string
	// Serve answers for the variables of the host.
	Serve Serve
}

func (w *Way) args(more ...any) *value.Dict {
	d := value.DictOf("name", value.Str(w.Name), "task", w.Task, "keywords", w.Keywords, "password", value.None)
	if w.Password != nil {
		d.SetStr("password", value.Str(*w.Password))
	}
	for k, v := range value.DictOf(more...).All() {
		d.Set(k, v)
	}
	return d
}

// Found is a plugin's full name and file.
type Found struct{ Name, Path string }

// Plugin gives the plugin of a kind ("connection", "become", "cache") that goes
// by name; nil if there is none.
func (h *Host) Plugin(ctx context.Context, kind, name string) (*Found, error) {
	v, err := h.Call(ctx, Request{Op: kind + ".find", Args: value.DictOf("name", value.Str(name))})
	d, ok := v.(*value.Dict)
	if err != nil || !ok {
		return nil, err
	}
	return &Found{Name: textOf(d, "name"), Path: textOf(d, "path")}, nil
}

func textOf(d *value.Dict, key string) string {
	v, _ := d.GetStr(key)
	s, _ := value.AsText(v)
	return s
}

// Connection is what a connection plugin's options came to.
type Connection struct {
	Options *value.Dict
	User    string
	// Streams says that the plugin starts commands by a program whose streams
	// are the command's: see Opened.Command.
	Streams bool
}

// Connection reads the options of a connection.
func (h *Host) Connection(ctx context.Context, w Way) (*Connection, error) {
	v, err := h.Call(ctx, Request{Op: "connection.resolve", Args: w.args(), Serve: w.Serve})
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, errors.New("python gave no connection")
	}
	options, _ := d.GetStr("options")
	streams, _ := d.GetStr("streams")
	c := &Connection{User: textOf(d, "user"), Streams: streams == value.True}
	if c.Options, ok = options.(*value.Dict); !ok {
		return nil, errors.New("python gave no options of a connection")
	}
	return c, nil
}

// Command is a program that a connection plugin would start.
type Command struct {
	File string   // "": the first word, looked for on PATH
	Argv []string // with the name
	Env  []string // nil: our own
	Dir  string
}

// Opened is a connection object that lives in Python.
type Opened struct {
	h  *Host
	p  *process // that it lives in
	id int64
}

// Open makes a connection object of options that were read before.
func (h *Host) Open(ctx context.Context, w Way, options *value.Dict) (*Opened, error) {
	p, err := h.process(ctx)
	if err != nil {
		return nil, err
	}
	v, err := p.call(ctx, Request{Op: "connection.open", Args: w.args("options", options)})
	if err != nil {
		return nil, err
	}
	id, ok := value.AsInt(v)
	if !ok {
		return nil, errors.New("python gave no connection")
	}
	return &Opened{h: h, p: p, id: id}, nil
}

// Command says how the plugin would start a command line.
func (o *Opened) Command(ctx context.Context, command string) (*Command, error) {
	v, err := o.p.call(ctx, Request{Op: "connection.command", Args: value.DictOf("id", value.Int(o.id), "command", value.Str(command))})
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, errors.New("python gave no command")
	}
	c := &Command{File: textOf(d, "file"), Dir: textOf(d, "dir")}
	for _, part := range []struct {
		key string
		to  *[]string
	}{{"argv", &c.Argv}, {"env", &c.Env}} {
		v, _ := d.GetStr(part.key)
		l, ok := v.(*value.List)
		if !ok {
			continue
		}
		*part.to = []string{}
		for _, item := range l.Items {
			*part.to = append(*part.to, value.Text(item))
		}
	}
	if len(c.Argv) == 0 {
		return nil, errors.New("python gave a command without words")
	}
	return c, nil
}

// Close ends the connection object.
func (o *Opened) Close() error {
	if !o.p.alive() {
		return nil
	}
	_, err := o.p.call(context.Background(), Request{Op: "connection.close", Args: value.DictOf("id", value.Int(o.id))})
	return err
}

// Become is what a become plugin made: see strategy/remote.Plugin.
type Become struct {
	User, Line              string
	Password                *string
	Prompts, Wrong, Missing []string
	TTY                     bool
	// Judges says that what is meant by the method's words only the plugin knows.
	Judges bool
}

// Become asks a become plugin for its command line.
func (h *Host) Become(ctx context.Context, w Way) (*Become, error) {
	v, err := h.Call(ctx, Request{Op: "become.resolve", Args: w.args(), Serve: w.Serve})
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, errors.New("python gave no way to become someone")
	}
	b := &Become{User: textOf(d, "user"), Line: textOf(d, "line")}
	if p, _ := d.GetStr("password"); p != nil && p != value.Value(value.None) {
		text := value.Text(p)
		b.Password = &text
	}
	for _, part := range []struct {
		key string
		to  *[]string
	}{{"prompts", &b.Prompts}, {"wrong", &b.Wrong}, {"missing", &b.Missing}} {
		v, _ := d.GetStr(part.key)
		l, ok := v.(*value.List)
		if !ok {
			return nil, fmt.Errorf("python gave no list of %s", part.key)
		}
		for _, item := range l.Items {
			*part.to = append(*part.to, value.Text(item))
		}
	}
	tty, _ := d.GetStr("tty")
	judges, _ := d.GetStr("judges")
	b.TTY, b.Judges = tty == value.True, judges == value.True
	return b, nil
}

// Said is what a become plugin takes a method's words for.
type Said struct{ Prompt, Wrong, Missing bool }

// Judge asks a become plugin what is meant by what was said.
func (h *Host) Judge(ctx context.Context, w Way, said []byte) (Said, error) {
	v, err := h.Call(ctx, Request{Op: "become.judge", Args: w.args("said", value.Bytes(said)), Serve: w.Serve})
	d, ok := v.(*value.Dict)
	if err != nil || !ok {
		return Said{}, err
	}
	yes := func(key string) bool {
		v, _ := d.GetStr(key)
		return v == value.Value(value.True)
	}
	return Said{Prompt: yes("prompt"), Wrong: yes("wrong"), Missing: yes("missing")}, nil
}
