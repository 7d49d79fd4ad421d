package inventory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
)

// script runs an executable source with --list, and with --host for each host
// unless the answer has _meta.
//
// Source: documentation of ansible.builtin.script; messages seen on
// ansible-core 2.19 (testdata/loading/inventory/script-*).
var _ = register(&plugin{name: "script", read: readScript, fits: func(_ *Inventory, path string, st os.FileInfo) bool {
	return st != nil && st.Mode()&0o111 != 0
}})

// maxAnswer bounds what a script may print, in bytes.
const maxAnswer = 1 << 30

type script struct {
	inv  *Inventory
	path string
}

func readScript(ctx context.Context, inv *Inventory, path string) error {
	s := script{inv, path}
	out, err := s.run(ctx, "--list")
	if err != nil {
		return err
	}
	data, err := s.list(out)
	if err != nil {
		return err
	}
	meta, hasMeta := data.GetStr("_meta")
	for k, v := range data.All() {
		if name := value.Text(k); name != "_meta" {
			if err := s.group(name, v); err != nil {
				return err
			}
		}
	}
	if !hasMeta {
		s.deprecated("Inventory scripts should always provide 'meta.hostvars'. Host variables will be collected by running the inventory script with the '--host' option for each host.")
		return s.askEach(ctx)
	}
	hostvars, ok := meta.(*value.Dict).GetStr("hostvars")
	if !ok {
		hostvars = value.None
	}
	vars, ok := hostvars.(*value.Dict)
	if !ok {
		return fmt.Errorf("Value contains '_meta.hostvars' which is '%s' instead of 'dict'.", plainType(hostvars))
	}
	for _, h := range inv.order {
		if v, ok := vars.GetStr(h.Name); ok {
			if err := s.setHost(h, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// askEach asks the script for the variables of each host.
func (s script) askEach(ctx context.Context) error {
	for _, h := range s.inv.order {
		out, err := s.run(ctx, "--host", h.Name)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(out)) == 0 {
			continue
		}
		v, err := value.ParseJSON(string(out))
		if err != nil {
			// the reference counts from the line's beginning in the error's place too
			place := fmt.Sprintf("%s for host '%s':%s", s.origin(), h.Name, lineOf(err))
			return &sourceError{doing: fmt.Sprintf("Inventory script result for host '%s' could not be parsed as JSON", h.Name),
				err: &wrapped{err: &source.Error{Pos: source.Pos{File: place}, Msg: "JSON parsing failed: " + err.Error()}}}
		}
		if v, err = s.marked(v); err != nil {
			return &sourceError{doing: fmt.Sprintf("Inventory script result for host '%s' could not be parsed as JSON", h.Name),
				err: s.unmarked(fmt.Sprintf(" for host '%s'", h.Name), err)}
		}
		if err := s.setHost(h, v); err != nil {
			return err
		}
	}
	return nil
}

// lineOf gives line:column of a JSON error.
func lineOf(err error) string {
	var line, col, at int
	text := err.Error()
	if i := strings.LastIndex(text, ": line "); i >= 0 {
		if _, scan := fmt.Sscanf(text[i:], ": line %d column %d (char %d)", &line, &col, &at); scan == nil {
			return fmt.Sprintf("%d:%d", line, col)
		}
	}
	return "1:1"
}

func (s script) origin() string { return fmt.Sprintf("<inventory script output from '%s'>", s.path) }

func (s script) deprecated(msg string) {
	s.inv.tell(Warning{Deprecated: true, Msg: msg + " This feature will be removed from inventory plugin 'script' in ansible-core version 2.23.",
		Err: &source.Error{Pos: source.Pos{File: s.origin()}}})
}

// setHost sets a host's variables over those it has.
func (s script) setHost(h *Host, v value.Value) error {
	vars, ok := v.(*value.Dict)
	if !ok {
		return notVars(v)
	}
	for k, v := range vars.All() {
		s.inv.checkVarName(k, source.Inline("<unknown>", value.Text(k)))
		s.inv.note(h.vars, value.Text(k), source.Inline("<unknown>", value.Text(k)))
		setVar(h.vars, value.Text(k), templates(v, source.Pos{}))
	}
	return nil
}

func notVars(v value.Value) error {
	return fmt.Errorf("Invalid data from file, expected dictionary and got:\n\n%s", value.Text(v))
}

// run runs the script and gives what it prints.
func (s script) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.path, args...)
	cmd.Dir = filepath.Dir(s.path)
	stdout, stderr := &limited{}, &limited{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if stdout.over || stderr.over {
		return nil, fmt.Errorf("Inventory script prints more than %d bytes", maxAnswer)
	}
	said := strings.ToValidUTF8(stderr.b.String(), "\ufffd")
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code := exit.ExitCode()
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			code = -int(ws.Signal())
		}
		e := &source.Error{Msg: fmt.Sprintf("Inventory script returned non-zero exit code %d.", code)}
		if strings.TrimSpace(said) != "" {
			e.Hint = "Standard error from inventory script:\n" + strings.TrimRight(said, "\n")
		}
		return nil, e
	case err != nil:
		return nil, fmt.Errorf("Failed to execute inventory script command '%s': %s", strings.Join(append([]string{s.path}, args...), " "), pyError(err, s.path))
	}
	if said != "" && !s.inv.options.HideScriptErrors && s.inv.options.Err != nil {
		s.inv.options.Err(said)
	}
	return stdout.b.Bytes(), nil
}

// limited keeps what is written to it, up to maxAnswer.
type limited struct {
	b    bytes.Buffer
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.b.Len()+len(p) > maxAnswer {
		l.over = true
		return 0, errors.New("too much output")
	}
	return l.b.Write(p)
}

// pyError is a system's error about a path in Python's words.
func pyError(err error, path string) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	return fmt.Sprintf("[Errno %d] %s: %s", int(errno), file.Strerror(errno), value.QuoteRepr(path))
}

// list judges the answer to --list.
func (s script) list(out []byte) (*value.Dict, error) {
	const what = "Unable to get JSON decoder for inventory script result: "
	text, err := value.DecodeText(string(out), "utf-8", "strict")
	if err != nil {
		return nil, fmt.Errorf("Inventory script result contained characters that cannot be interpreted as UTF-8: %w", err)
	}
	v, err := value.ParseJSON(text)
	if err != nil {
		return nil, errors.New(what + "Value could not be parsed as JSON: " + err.Error())
	}
	data, ok := v.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf(what+"Value is '%s' instead of 'dict'.", plainType(v))
	}
	if meta, ok := data.GetStr("_meta"); ok {
		m, isDict := meta.(*value.Dict)
		if !isDict {
			return nil, fmt.Errorf(what+"Value contains '_meta' which is '%s' instead of 'dict'.", plainType(meta))
		}
		if err := profile(m); err != nil {
			return nil, fmt.Errorf(what+"%w", err)
		}
	}
	marked, err := s.marked(data)
	if err != nil {
		return nil, &sourceError{doing: "Inventory script result could not be parsed as JSON", err: s.unmarked("", err)}
	}
	if data, ok = marked.(*value.Dict); !ok {
		return nil, fmt.Errorf(what+"Value is '%s' instead of 'dict'.", plainType(marked))
	}
	return data, nil
}

// group reads one group of a script's answer: a list of hosts, or hosts,
// children and vars; or, the oldest form, the variables of a host.
func (s script) group(name string, v value.Value) error {
	g := s.inv.group(name)
	data, ok := v.(*value.Dict)
	read := func(v value.Value) value.Value { return templates(v, source.Pos{}) }
	switch {
	case !ok:
		s.deprecated(fmt.Sprintf("Group '%s' was converted to 'dict' from '%s'.", name, plainType(v)))
		data = value.DictOf("hosts", v)
	case !hasAny(data, "hosts", "vars", "children"):
		s.deprecated(fmt.Sprintf("Treating malformed group '%s' as the sole host of that group. Variables provided in this manner cannot be templated.", name))
		data = value.DictOf("hosts", value.Strings(name), "vars", data)
		read = unsafeTexts
	}
	if err := s.hosts(g, name, data); err != nil {
		return err
	}
	if vars, ok := data.GetStr("vars"); ok {
		dict, isDict := vars.(*value.Dict)
		if !isDict {
			return fmt.Errorf("Value contains '%s.vars' which is '%s' instead of 'dict'.", name, plainType(vars))
		}
		for k, v := range dict.All() {
			s.inv.checkVarName(k, source.Inline("<unknown>", value.Text(k)))
			if err := g.setVar(value.Text(k), read(v)); err != nil {
				return err
			}
		}
	}
	children, ok := data.GetStr("children")
	if !ok || name == "_meta" {
		return nil
	}
	if text, ok := children.(value.Str); ok { // Python goes through its characters
		l := &value.List{}
		for _, c := range string(text) {
			l.Items = append(l.Items, value.Str(string(c)))
		}
		children = l
	}
	list, isList := children.(*value.List)
	if !isList {
		return fmt.Errorf("Value contains '%s.children' which is '%s' instead of 'list'.", name, plainType(children))
	}
	for _, c := range list.Items {
		if err := s.inv.adopt(g, s.inv.group(value.Text(c))); err != nil {
			return err
		}
	}
	return nil
}

func (s script) hosts(g *Group, name string, data *value.Dict) error {
	hosts, ok := data.GetStr("hosts")
	if !ok {
		return nil
	}
	list, isList := hosts.(*value.List)
	if !isList {
		return fmt.Errorf("Value contains '%s.hosts' which is '%s' instead of 'list'.", name, plainType(hosts))
	}
	for _, h := range list.Items {
		name, ok := h.(value.Str)
		if !ok {
			return fmt.Errorf("Invalid host name supplied, expected a string but got <class '%s'> for %s", className(h), value.Text(h))
		}
		s.inv.addLoaded(string(name), g, 0)
	}
	return nil
}

// plainType is a value's type without the reference's tags.
func plainType(v value.Value) string { return v.Type() }

func hasAny(d *value.Dict, keys ...string) bool {
	for _, k := range keys {
		if _, ok := d.GetStr(k); ok {
			return true
		}
	}
	return false
}
