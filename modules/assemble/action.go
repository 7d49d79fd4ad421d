package assemble

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/copy"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/ship"
)

// Action is the half of assemble that reads fragments on the controller.
var Action = module.Action{
	Name: "ansible.builtin.assemble", Doc: "Assemble configuration files from fragments.",
	Where: module.Controller, Check: true, Diff: true,
	Spec: module.Spec{AnyArgs: true},
	Run:  act,
}

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	src, dest := c.Args.Value("src"), c.Args.Value("dest")
	if src == value.Value(value.None) || dest == value.Value(value.None) {
		return nil, module.Failf("src and dest are required")
	}
	flags := map[string]bool{"remote_src": true, "ignore_hidden": false, "decrypt": true}
	for name := range flags {
		if v := c.Args.Value(name); v != value.Value(value.None) {
			b, ok := module.ToBool(v)
			if !ok {
				return nil, module.Failf("The value '%s' is not a valid boolean.", value.Text(v))
			}
			flags[name] = b
		}
	}
	if flags["remote_src"] {
		return c.Module(ctx, "ansible.legacy.assemble", c.Args.Dict)
	}
	path, err := c.Controller.FindFile("files", value.Text(src))
	if err != nil {
		return nil, err
	}
	if err := isDirectory(path); err != nil {
		return nil, err
	}
	re, err := pattern(value.Text(c.Args.Value("regexp")), c.Args.Given("regexp"))
	if err != nil {
		return nil, err
	}
	var delimiter *string
	if c.Args.Given("delimiter") {
		d := value.Text(c.Args.Value("delimiter"))
		delimiter = &d
	}
	text, err := join(path, delimiter, re, flags["ignore_hidden"], func(p string) ([]byte, error) {
		return c.Controller.ReadFile(p, flags["decrypt"])
	})
	if err != nil {
		return nil, err
	}
	args := c.Args.Clone()
	for _, name := range []string{"remote_src", "regexp", "delimiter", "ignore_hidden", "decrypt"} {
		args.Delete(value.Str(name))
	}
	local, info := localName(), value.NewDict(8)
	res, err := copy.One(ctx, c, args, copy.File{Blob: ship.Bytes("src", text), Rel: "src", Header: local, Info: info})
	if err != nil || res.Failed {
		return res, err
	}
	return reword(c, res, value.Text(dest), local, text, info), nil
}

// reword gives copy's answer in the form that assemble's has: that of the copy
// module alone, in check mode and where nothing changed too, and the
// difference last.
func reword(c *module.ActionCall, res *module.Result, dest, local string, text []byte, info *value.Dict) *module.Result {
	sum := md5.Sum(text)
	v := value.NewDict(14)
	get := func(key string, otherwise value.Value) {
		if item, ok := res.Values.GetStr(key); ok {
			otherwise = item
		}
		v.SetStr(key, otherwise)
	}
	get("dest", value.Str(dest))
	home, _ := os.UserHomeDir()
	v.SetStr("src", value.Str(copy.TempName(home, "src")))
	v.SetStr("md5sum", value.Str(hex.EncodeToString(sum[:])))
	v.SetStr("checksum", value.Str(ship.Bytes("", text).SHA1))
	v.SetStr("changed", value.None)
	for _, key := range []string{"uid", "gid", "owner", "group", "mode", "state", "size", "secontext"} {
		if item, ok := res.Values.GetStr(key); ok {
			v.SetStr(key, item)
		} else if item, ok := info.GetStr(key); ok {
			v.SetStr(key, item)
		}
	}
	v.SetStr("diff", value.None)
	out := &module.Result{Changed: res.Changed, Values: v, Warnings: res.Warnings, Invocation: res.Invocation}
	switch {
	case !c.Diff:
		v.Delete(value.Str("diff"))
	case len(res.Diff) == 1 && res.Diff[0].AfterHeader != "":
		out.Diff = res.Diff
	default:
		out.Diff = []module.Diff{{BeforeHeader: dest, Before: value.Str(text), AfterHeader: local, After: value.Str(text)}}
	}
	return out
}

// localName is like the name of the reference's temporary file, which its diffs
// show; none is made here.
func localName() string {
	home, _ := os.UserHomeDir()
	return fmt.Sprintf("%s/.ansible/tmp/ansible-local-%dabcdefgh/tmp%08x", home, os.Getpid(), uint32(time.Now().UnixNano()))
}
