// Package slurp gives a file's content, in base64.
//
// Source: documentation of ansible.builtin.slurp; results seen on ansible-core 2.19.
package slurp

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"syscall"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the slurp module.
var Module = module.Module{
	Name: "ansible.builtin.slurp", Doc: "Slurps a file from remote nodes.",
	Check: true, ChangedLast: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "src", Type: module.Path, Required: true, Aliases: []string{"path"}, Doc: "The file to read."},
	}},
	Run: run,
}

func run(_ context.Context, c *module.Call) (*module.Result, error) {
	src := c.Args.Str("src")
	data, err := os.ReadFile(src)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, told("File not found: %s", src, err)
	case errors.Is(err, os.ErrPermission):
		return nil, told("File is not readable: %s", src, err)
	case errors.Is(err, syscall.EISDIR):
		return nil, told("Source is a directory and must be a file: %s", src, err)
	case err != nil:
		return nil, module.Failf("Unable to slurp file: %s: %s", src, kit.PyError(err, ""))
	}
	return &module.Result{Values: value.DictOf(
		"content", value.Str(base64.StdEncoding.EncodeToString(data)), "source", value.Str(src), "encoding", value.Str("base64"))}, nil
}

// told is a fault with what the system said as its cause.
func told(format, src string, err error) error {
	f := module.Failf(format, src)
	f.Err = errors.New(kit.PyErrorText(err, src))
	return f
}
