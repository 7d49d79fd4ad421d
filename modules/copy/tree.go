package copy

import (
	"context"
	"os"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// receiveTree takes the files of a directory, then its directories and links.
// With "probe" no content came along: what is missing is named in "need", and
// nothing is done, unless nothing is.
func receiveTree(ctx context.Context, c *module.Call, shipped *value.Dict, files value.Value) (*module.Result, error) {
	list, _ := files.(*value.List)
	s := module.Args{Dict: shipped}
	if s.Bool("probe") && !c.Check {
		if need := missing(c, list); len(need) > 0 {
			return &module.Result{Values: value.DictOf("need", value.NewList(need...))}, nil
		}
	}
	t := arrival{Call: c, plain: *c}
	if len(list.Items) != 1 {
		t.plain.Diff = false
	}
	for _, f := range list.Items {
		if done, err := t.file(ctx, f); done || err != nil {
			return t.last, err
		}
	}
	for _, d := range s.List("dirs") {
		if done, err := t.directory(ctx, value.Text(d)); done || err != nil {
			return t.last, err
		}
	}
	for _, l := range s.List("links") {
		if done, err := t.link(ctx, module.Args{Dict: l.(*value.Dict)}); done || err != nil {
			return t.last, err
		}
	}
	if t.last != nil && len(list.Items) == 1 {
		t.last.Changed = t.changed
		return t.last, nil
	}
	return &module.Result{Changed: t.changed, Values: value.DictOf("changed", value.None)}, nil
}

// missing lists the blobs of files whose content differs.
func missing(c *module.Call, list *value.List) []value.Value {
	var need []value.Value
	for _, f := range list.Items {
		i := itemOf(f.(*value.Dict))
		dest, err := target(c, i)
		if err != nil {
			continue
		}
		if c.Args.Bool("follow") {
			dest = kit.Real(dest)
		}
		info, err := os.Lstat(dest)
		if err == nil && !c.Args.Bool("force") {
			continue
		}
		if err == nil && info.Mode().IsRegular() {
			if sum, err := kit.SHA1(dest); err == nil && sum == i.sha1 {
				continue
			}
		}
		need = append(need, value.Str(i.blob))
	}
	return need
}

// arrival collects what became of a tree.
type arrival struct {
	*module.Call
	plain   module.Call // for the files
	last    *module.Result
	changed bool
}

func (t *arrival) note(res *module.Result, err error) (done bool, _ error) {
	if err != nil {
		res = module.Failed(err)
	}
	t.changed = t.changed || res.Changed
	t.last = res
	return res.Failed, nil
}

func (t *arrival) file(ctx context.Context, f value.Value) (bool, error) {
	i := itemOf(f.(*value.Dict))
	before := t.last
	done, err := t.note(receiveOne(ctx, &t.plain, i))
	if !done && !t.last.Changed {
		if has(t.last.Values, "_kept") {
			t.last = before // nothing was run for it
		}
	}
	return done, err
}

func (t *arrival) path(rel string) value.Str { return value.Str(t.Args.Str("dest") + rel) }

func (t *arrival) directory(ctx context.Context, rel string) (bool, error) {
	args := value.DictOf("path", t.path(rel), "state", value.Str("directory"), "recurse", value.False)
	fileArgs(t.Call, args, t.Args.Value("directory_mode"))
	return t.sub(ctx, args)
}

func (t *arrival) link(ctx context.Context, l module.Args) (bool, error) {
	args := value.DictOf("path", t.path(l.Str("rel")), "src", l.Value("target"), "state", value.Str("link"), "force", value.True)
	mode := t.Args.Value("mode")
	if mode == value.Value(value.Str("preserve")) {
		mode = value.None
	}
	fileArgs(t.Call, args, mode)
	return t.sub(ctx, args)
}

func (t *arrival) sub(ctx context.Context, args *value.Dict) (bool, error) {
	res, err := t.Sub(ctx, "ansible.legacy.file", args)
	if err == nil {
		if path, ok := res.Values.GetStr("path"); ok && !has(res.Values, "dest") {
			res.Values.SetStr("dest", path)
		}
	}
	return t.note(res, err)
}

func has(d *value.Dict, key string) bool {
	_, ok := d.GetStr(key)
	return ok
}
