// Package controller is what an action may ask of the controller: its files,
// templates and terminal, and the host beyond modules.
//
// controller.go has the actions' side (module.ControllerAPI), search.go finds
// files as the reference does.
package controller

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/vault"
)

// Place is the host a task runs on, for what goes past modules.
type Place interface {
	Login(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error)
	Raw(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error)
	Fetch(ctx context.Context, path string, w interface{ Write([]byte) (int, error) }) (sha1 string, err error)
	Reset(ctx context.Context) error
	Way(ctx context.Context) (module.Way, error)
}

// Prompter asks a person.
type Prompter interface {
	Attended() bool
	Keys(ctx context.Context, echo bool, limit time.Duration) (line string, err error)
}

// Options are what one task's controller works with.
type Options struct {
	Env     *expr.Env
	Loader  *load.Loader
	Scope   expr.Scope
	Task    *plan.Task
	PlayDir string
	Host    string
	Prompt  Prompter
	Display func(line string)
	Place   Place
	// Ctx ends with the task.
	Ctx context.Context
	// Managed is DEFAULT_MANAGED_STR.
	Managed string
	// Render renders a template document with the variables in scope.
	Render func(ctx *expr.Ctx, path, text string, opts module.RenderOptions) (string, error)
}

// Controller serves the actions of one task on one host.
type Controller struct{ Options }

// New makes a Controller.
func New(o Options) *Controller { return &Controller{o} }

// ReadFile reads a local file, its vault opened unless decrypt is false.
func (c *Controller) ReadFile(path string, decrypt bool) ([]byte, error) {
	if err := expr.Turn(c.Ctx, expr.OnFiles); err != nil {
		return nil, err
	}
	if !decrypt {
		return os.ReadFile(path)
	}
	text, _, err := c.Loader.Bytes(path)
	if errors.Is(err, vault.ErrNoSecrets) {
		return nil, &module.Locked{Path: path, Err: err}
	}
	return text, err
}

// Render renders a template: the file at path, or text as if it stood there.
func (c *Controller) Render(path string, text []byte, opts module.RenderOptions) (string, error) {
	if err := expr.Turn(c.Ctx, expr.OnFiles); err != nil {
		return "", err
	}
	if text == nil {
		var err error
		if text, _, err = c.Loader.Bytes(path); err != nil {
			return "", err
		}
	}
	scope := c.Scope
	if opts.Vars != nil {
		scope = overlaid{vars: opts.Vars, below: c.Scope}
	}
	ctx := expr.NewCtx(c.Ctx, c.Env, scope)
	ctx.Notices = expr.Heard(c.Ctx)
	return c.Options.Render(ctx, path, string(text), opts)
}

// overlaid is a scope with a few variables on top.
type overlaid struct {
	vars  *value.Dict
	below expr.Scope
}

func (o overlaid) Lookup(name string) (value.Value, bool, error) {
	if v, ok := o.vars.GetStr(name); ok {
		return v, true, nil
	}
	return o.below.Lookup(name)
}

// LoadVars reads a file of variables.
func (c *Controller) LoadVars(path string) (*value.Dict, error) {
	vars, err := c.Loader.Vars(path)
	if errors.Is(err, vault.ErrNoSecrets) {
		err = &module.Locked{Path: path, Err: vault.ErrNoSecrets}
	}
	return vars, err
}

// Login runs a command line on the host as raw does.
func (c *Controller) Login(ctx context.Context, command, executable string) (int, []byte, []byte, error) {
	return c.Place.Login(ctx, command, executable)
}

// Raw runs a command line on the host.
func (c *Controller) Raw(ctx context.Context, command, executable string) (int, []byte, []byte, error) {
	return c.Place.Raw(ctx, command, executable)
}

// Fetch reads a file of the host into w.
func (c *Controller) Fetch(ctx context.Context, path string, w io.Writer) (string, error) {
	return c.Place.Fetch(ctx, path, w)
}

// Way tells how the host is reached.
func (c *Controller) Way(ctx context.Context) (module.Way, error) { return c.Place.Way(ctx) }

// Reset ends the connection to the host.
func (c *Controller) Reset(ctx context.Context) error { return c.Place.Reset(ctx) }

// Attended reports whether somebody can press keys.
func (c *Controller) Attended() bool { return c.Prompt.Attended() }

// Keys waits for a line, or for limit.
func (c *Controller) Keys(ctx context.Context, echo bool, limit time.Duration) (string, error) {
	return c.Prompt.Keys(ctx, echo, limit)
}

// Display prints a line on stdout.
func (c *Controller) Display(line string) { c.Options.Display(line) }

// Managed is the setting DEFAULT_MANAGED_STR.
func (c *Controller) Managed() string { return c.Options.Managed }

// BaseDir is the playbook's directory.
func (c *Controller) BaseDir() string { return c.PlayDir }

var _ module.ControllerAPI = (*Controller)(nil)
