package agent

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/python"
	"github.com/churten/churten/modules/kit/wire"
)

// runModule runs a module of ours, or one that is not native.
func runModule(ctx context.Context, pool *python.Pool, m *module.Module, c *wire.Call, mc *module.Call) *module.Result {
	if m != nil {
		return module.Run(ctx, m, c.Args, mc)
	}
	d, err := pool.Run(ctx, c.Args, mc)
	if err != nil {
		return &module.Result{Failed: true, Msg: err.Error()}
	}
	return module.FromDict(d)
}

// find finds the module of a call: nil for one that is not native.
func (o *Options) find(c *wire.Call) (m *module.Module, ok bool) {
	if c.Module == python.Name {
		return nil, true
	}
	return o.Lookup(c.Module)
}

// cacheDir is where bundles of modules stay: beside the agent if that lies in a
// cache, else where one would lie; "" if there is no place of the user's own.
func cacheDir(home string) string {
	if exe, err := os.Executable(); err == nil && strings.HasPrefix(filepath.Base(exe), "agent-") && ownDir(filepath.Dir(exe)) {
		return filepath.Dir(exe)
	}
	dir := filepath.Join(home, ".cache", "churten")
	if home == "" || os.MkdirAll(dir, 0o700) != nil || !ownDir(dir) {
		return ""
	}
	return dir
}

// carry puts the content of a call that is not native into it, for a job that
// cannot ask the controller for it.
func (x *exchange) carry(c *wire.Call) error {
	for i := range c.Blobs {
		b := &c.Blobs[i]
		if b.Inline {
			continue
		}
		content, err := x.a.python.Store.Get(x.ctx, b.SHA256, func(ctx context.Context) (io.ReadCloser, error) {
			r, _, err := x.blob(ctx, c, b.Name)
			return r, err
		})
		if err != nil {
			return err
		}
		if len(content) > maxJob/4 {
			return errors.New("the module's code is too large to be handed to a job")
		}
		b.Inline, b.Content, b.Size = true, content, int64(len(content))
	}
	return nil
}
