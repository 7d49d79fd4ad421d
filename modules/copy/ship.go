package copy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// item is one file that the controller has for us. Its content is the blob of
// that name; it may be missing when the controller first wants to know what
// differs.
type item struct {
	blob string
	// rel is its name inside dest, when dest is a directory.
	rel    string
	sha1   string
	mode   uint32
	size   int64
	header string // name of the new side of a diff; "" means dest
	// text says that the task gave the content itself.
	text bool
}

func itemOf(d *value.Dict) item {
	a := module.Args{Dict: d}
	return item{blob: a.Str("blob"), rel: a.Str("rel"), sha1: a.Str("sha1"), mode: uint32(a.Int("mode")),
		size: a.Int("size"), header: a.Str("header"), text: a.Bool("text")}
}

func (i item) dict() *value.Dict {
	return value.DictOf("blob", value.Str(i.blob), "rel", value.Str(i.rel), "sha1", value.Str(i.sha1), "mode", value.Int(i.mode),
		"size", value.Int(i.size), "header", value.Str(i.header), "text", value.Bool(i.text))
}

// receive takes one file, or a tree of them.
func receive(ctx context.Context, c *module.Call, shipped *value.Dict) (*module.Result, error) {
	if files, ok := shipped.GetStr("files"); ok {
		return receiveTree(ctx, c, shipped, files)
	}
	return receiveOne(ctx, c, itemOf(shipped))
}

// target is the file that i becomes.
func target(c *module.Call, i item) (string, error) {
	dest := c.Args.Str("dest")
	if strings.HasSuffix(dest, "/") {
		dest = dest + i.rel
	}
	if isDir(dest) {
		if i.text {
			return "", &module.Failure{Msg: dirAsDest}
		}
		dest = filepath.Join(dest, i.rel)
	}
	return dest, nil
}

func receiveOne(ctx context.Context, c *module.Call, i item) (*module.Result, error) {
	dest, err := target(c, i)
	if err != nil {
		return nil, err
	}
	path := dest
	if c.Args.Bool("follow") {
		path = kit.Real(dest)
	}
	info, err := os.Lstat(path)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, module.Failf("Task failed: Failed to get information on remote file (%s): Not a directory", dest).With("_bare", value.True)
	}
	there := err == nil
	if there && !c.Args.Bool("force") {
		return &module.Result{Values: value.DictOf("_kept", value.Str(dest))}, nil
	}
	if there && info.Mode().IsRegular() {
		sum, err := kit.SHA1(path)
		if err == nil && sum == i.sha1 {
			return same(ctx, c, dest, i)
		}
	}
	var diff []module.Diff
	if c.Diff {
		d, err := difference(ctx, c, dest, i)
		if err != nil {
			return nil, err
		}
		diff = []module.Diff{d}
	}
	if c.Check {
		// What is there now is for actions that show it (assemble).
		info := value.DictOf("dest", value.Str(dest))
		module.AddPathInfo(info)
		info.Delete(value.Str("dest"))
		return &module.Result{Changed: true, Diff: diff, DiffList: true, Values: value.DictOf("diff", value.None, "changed", value.None, "_info", info)}, nil
	}
	res, err := write(ctx, c, dest, i)
	if err != nil {
		res = module.Failed(err)
	}
	res.Diff, res.DiffList = diff, true
	if _, ok := res.Values.GetStr("checksum"); !ok {
		if res.Values == nil {
			res.Values = value.NewDict(2)
		}
		key := "checksum"
		if res.Failed {
			key = "_checksum" // the reference's action adds it last, to failures: summed
		} else {
			module.AddPathInfo(res.Values)
		}
		res.Values.SetStr(key, value.Str(i.sha1))
	}
	return res, nil
}

// ofFile are the keys that AddPathInfo adds to a result.
var ofFile = []string{"uid", "gid", "owner", "group", "mode", "state", "size", "secontext"}

// same is the answer for content that is there: what the file module makes of
// the attributes.
func same(ctx context.Context, c *module.Call, dest string, i item) (*module.Result, error) {
	args := value.DictOf("path", value.Str(dest), "state", value.Str("file"), "follow", value.Bool(c.Args.Bool("follow")))
	fileArgs(c, args, preserved(c, i))
	res, err := c.Sub(ctx, "ansible.legacy.file", args)
	if err != nil {
		return nil, err
	}
	v := value.DictOf("diff", value.None)
	for k, item := range res.Values.All() {
		name, _ := k.(value.Str)
		// What is known of a file stands behind a failure's message.
		if name != "diff" && name != "invocation" && !(res.Failed && slices.Contains(ofFile, string(name))) {
			v.Set(k, item)
		}
	}
	if res.Failed {
		v.SetStr("_checksum", value.Str(i.sha1)) // last, as in receiveOne
	} else {
		v.SetStr("checksum", value.Str(i.sha1))
	}
	if path, ok := v.GetStr("path"); ok && !res.Failed {
		v.SetStr("dest", path)
	}
	res.Values = v
	return res, nil
}

// fileArgs hands on the attributes asked for.
func fileArgs(c *module.Call, to *value.Dict, mode value.Value) {
	for _, name := range []string{"owner", "group", "seuser", "serole", "selevel", "setype", "attributes", "unsafe_writes"} {
		if c.Args.Given(name) {
			to.SetStr(name, c.Args.Value(name))
		}
	}
	if mode != value.Value(value.None) {
		to.SetStr("mode", mode)
	}
}

// preserved is the mode asked for, "preserve" resolved.
func preserved(c *module.Call, i item) value.Value {
	mode := c.Args.Value("mode")
	if mode == value.Value(value.Str("preserve")) {
		return value.Int(i.mode)
	}
	return mode
}

// write puts content in place and answers as the copy module of the reference.
func write(ctx context.Context, c *module.Call, dest string, i item) (*module.Result, error) {
	if want := c.Args.Str("checksum"); want != "" && want != i.sha1 {
		return nil, (&module.Failure{Msg: "Copied file does not match the expected checksum. Transfer failed."}).With(
			"checksum", value.Str(i.sha1), "expected_checksum", value.Str(want))
	}
	content, blob, err := c.Blob(ctx, i.blob)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if blob.SHA1 != "" && blob.SHA1 != i.sha1 {
		return nil, module.Failf("the content that came has checksum %s instead of %s", blob.SHA1, i.sha1)
	}
	p := placement{Call: c, dest: dest, mode: preserved(c, i), sha1: i.sha1, src: sourceName(c, dest)}
	if strings.HasSuffix(c.Args.Str("dest"), "/") {
		if err := p.parents(ctx); err != nil {
			return nil, err
		}
	}
	return p.put(ctx, content)
}

// sourceName is what "src" of the result is: the reference names the temporary
// file that it sent, which by then is gone. No such file is ever made here.
func sourceName(c *module.Call, dest string) string {
	home := ""
	for _, kv := range c.Env {
		if v, ok := strings.CutPrefix(kv, "HOME="); ok {
			home = v
		}
	}
	return TempName(home, ".source"+filepath.Ext(dest))
}

// TempName is the name of a file as the reference would make one below home.
func TempName(home, file string) string {
	return home + "/.ansible/tmp/ansible-tmp-" + uniqueName() + "/" + file
}

// maxDiff is the size from which the reference shows no difference.
const maxDiff = 104448

// difference shows what is there and what will be.
func difference(ctx context.Context, c *module.Call, dest string, i item) (module.Diff, error) {
	var d module.Diff
	switch old, size, err := head(dest); {
	case err != nil:
		d.Before = value.Str("")
	case bytes.IndexByte(old[:min(len(old), 8192)], 0) >= 0:
		d.DstBinary = true
	case size > maxDiff:
		d.DstLarger = maxDiff
	default:
		d.BeforeHeader, d.Before = dest, value.Str(old)
	}
	if i.size > maxDiff {
		d.SrcLarger = maxDiff
		return d, nil
	}
	content, _, err := c.Blob(ctx, i.blob)
	if err != nil {
		return d, err
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	if err != nil {
		return d, err
	}
	if bytes.IndexByte(text, 0) >= 0 {
		d.SrcBinary = true
		return d, nil
	}
	if d.AfterHeader = i.header; d.AfterHeader == "" {
		d.AfterHeader = dest
	}
	d.After = value.Str(text)
	return d, nil
}

// head reads a regular file, no more of it than can be shown.
func head(path string) ([]byte, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, os.ErrInvalid
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDiff+1))
	return data, info.Size(), err
}
