// Package template renders a template on the controller and puts the text on
// the host, as copy does and with one call.
//
// Source: documentation of ansible.builtin.template; results and messages seen
// on ansible-core 2.19 (testdata/cases.yml).
package template

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/copy"
	"github.com/churten/churten/modules/kit/edit"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/ship"
	"github.com/churten/churten/modules/kit/templatevars"
)

// Action is the template action.
var Action = module.Action{
	Name: "ansible.builtin.template", Doc: "Template a file out to a target host.",
	Where: module.Controller, Check: true, Diff: true, Ahead: true,
	// The arguments that are not the template's are copy's, which checks them.
	Spec: module.Spec{AnyArgs: true},
	Run:  run,
}

// own are the arguments that are not handed on to copy.
var own = []string{"newline_sequence", "block_start_string", "block_end_string", "variable_start_string", "variable_end_string",
	"comment_start_string", "comment_end_string", "trim_blocks", "lstrip_blocks", "output_encoding"}

func run(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	o := options(c.Args)
	if v := c.Args.Value("state"); v != value.Value(value.None) {
		return nil, module.Failf("'state' cannot be specified on a template")
	}
	src, dest := c.Args.Value("src"), c.Args.Value("dest")
	if src == value.Value(value.None) || dest == value.Value(value.None) {
		return nil, module.Failf("src and dest are required")
	}
	switch o.NewlineSequence {
	case "\n", "\r", "\r\n":
	default:
		return nil, module.Failf("newline_sequence needs to be one of: \n, \r or")
	}
	code, err := edit.CodecOf(o.OutputEncoding)
	if err != nil {
		return nil, err
	}
	o.OutputEncoding = "" // Render gives text; it is encoded here
	path, err := c.Controller.FindFile("templates", value.Text(src))
	if err != nil {
		return nil, module.Failf("%s", err.Error())
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	st := info.Sys().(*syscall.Stat_t)
	if o.Vars, err = variables(c, value.Text(src), path, value.Text(dest)); err != nil {
		return nil, err
	}
	text, err := render(c.Controller, path, o)
	if err != nil {
		return nil, err
	}
	if text, err = code.Encode(text); err != nil {
		return nil, err
	}
	if value.Text(dest) == "" {
		return module.Failed(module.Failf("dest is required")), nil
	}
	args := c.Args.Clone()
	for _, name := range own {
		args.Delete(value.Str(name))
	}
	blob := ship.Bytes("src", []byte(text))
	blob.Mode = st.Mode & 0o7777 // what mode: preserve means
	base := filepath.Base(path)
	return copy.One(ctx, c, args, copy.File{Blob: blob, Rel: base, Header: localName(base)})
}

// render leaves a text in which nothing is to be rendered as it is, its line
// ends too, whatever newline_sequence says: seen on ansible-core 2.19.
func render(c module.ControllerAPI, path string, o module.RenderOptions) (string, error) {
	data, err := c.ReadFile(path, true)
	if l := (*module.Locked)(nil); errors.As(err, &l) {
		return "", l.Err
	}
	if err != nil {
		return "", err
	}
	text := string(data)
	for _, mark := range []string{o.BlockStart, o.VariableStart, o.CommentStart, "#jinja2:"} {
		if strings.Contains(text, mark) {
			return c.Render(path, data, o)
		}
	}
	return text, nil
}

// localName is like the name of the file into which the reference renders,
// which its diffs show; none is made here.
func localName(base string) string {
	home, _ := os.UserHomeDir()
	now := time.Now().UnixNano()
	return fmt.Sprintf("%s/.ansible/tmp/ansible-local-%d%s/tmp%s/%s", home, os.Getpid(), letters(now), letters(now/7), base)
}

// letters gives eight letters made of n.
func letters(n int64) string {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte('a' + n%26)
		n /= 26
	}
	return string(b)
}

func options(a module.Args) module.RenderOptions {
	text := func(name, otherwise string) string {
		if a.Given(name) {
			return value.Text(a.Value(name))
		}
		return otherwise
	}
	o := module.RenderOptions{
		BlockStart: text("block_start_string", "{%"), BlockEnd: text("block_end_string", "%}"),
		VariableStart: text("variable_start_string", "{{"), VariableEnd: text("variable_end_string", "}}"),
		CommentStart: text("comment_start_string", "{#"), CommentEnd: text("comment_end_string", "#}"),
		OutputEncoding: text("output_encoding", "utf-8"), TrimBlocks: true,
	}
	o.NewlineSequence = text("newline_sequence", "\n")
	// Written in single quotes in YAML, the sequences are names.
	switch o.NewlineSequence {
	case `\n`:
		o.NewlineSequence = "\n"
	case `\r`:
		o.NewlineSequence = "\r"
	case `\r\n`:
		o.NewlineSequence = "\r\n"
	}
	for name, to := range map[string]*bool{"trim_blocks": &o.TrimBlocks, "lstrip_blocks": &o.LstripBlocks} {
		if !a.Given(name) {
			continue
		}
		b, ok := module.ToBool(a.Value(name))
		*to = ok && b // what is no boolean is false, as in the reference
	}
	return o
}

// variables are what a template may know of itself. A user's own
// ansible_managed goes before the setting's.
func variables(c *module.ActionCall, src, path, dest string) (*value.Dict, error) {
	v, err := templatevars.Of(src, path, c.Controller.Managed())
	if err != nil {
		return nil, err
	}
	v.SetStr("template_destpath", value.Str(dest))
	if c.Var == nil {
		return v, nil
	}
	_, defined, err := c.Var("ansible_managed")
	if err != nil {
		return nil, err
	}
	if defined {
		v.Delete(value.Str("ansible_managed"))
	}
	return v, nil
}
