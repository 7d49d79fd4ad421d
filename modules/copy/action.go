package copy

import (
	"context"
	"fmt"

	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/ship"
)

// Action is the half of copy that reads the controller's files.
var Action = module.Action{
	Name: "ansible.builtin.copy", Doc: "Copy files to remote locations.",
	Where: module.Controller, Check: true, Diff: true, Ahead: true,
	// The module checks the arguments; what concerns src and content is said here.
	Spec: module.Spec{AnyArgs: true},
	Run:  act,
}

// Remote is the module as the reference's action calls it, which its messages show.
const Remote = "ansible.legacy.copy"

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := c.Args.Clone()
	arg := func(name string) value.Value {
		if v, ok := args.GetStr(name); ok {
			return v
		}
		return value.None
	}
	src, content, dest := arg("src"), arg("content"), arg("dest")
	given := func(v value.Value) bool { return v != value.Value(value.None) }
	text := given(content)
	switch destText, ok := value.AsText(dest); {
	case !(given(src) && value.Truth(src)) && !text:
		return module.Failed(module.Failf("src (or content) is required")), nil
	case given(src) && value.Truth(src) && text:
		return module.Failed(module.Failf("src and content are mutually exclusive")), nil
	case !ok || destText == "":
		return module.Failed(module.Failf("dest is required")), nil
	case text && strings.HasSuffix(destText, "/"):
		return module.Failed(module.Failf(dirAsDest)), nil
	}
	for _, name := range []string{"content", "decrypt"} {
		args.Delete(value.Str(name))
	}
	if text {
		data, err := contentText(content)
		if err != nil {
			return nil, err
		}
		return One(ctx, c, args, File{Blob: ship.Bytes(blobName, data), Text: true})
	}
	if truth(arg("remote_src")) {
		return c.Final(ctx, Remote, args)
	}
	decrypt := true
	if v, ok := c.Args.GetStr("decrypt"); ok {
		decrypt = truth(v)
	}
	path, err := c.Controller.FindFile("files", value.Text(src))
	if err != nil {
		return nil, module.Failf("Unexpected AnsibleActionFail error: %s", err.Error())
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		if strings.HasSuffix(value.Text(src), "/") {
			path = strings.TrimSuffix(path, "/") + "/"
		}
		return sendTree(ctx, c, args, path, decrypt)
	}
	blob, err := ship.File(c.Controller, blobName, path, decrypt)
	if err != nil {
		return nil, err
	}
	return One(ctx, c, args, File{Blob: blob, Rel: filepath.Base(path), Header: path})
}

func truth(v value.Value) bool {
	b, ok := module.ToBool(v)
	return ok && b
}

// blobName is the name under which one file's content travels.
const blobName = "src"

// contentText is what content of any type is as a file: JSON for lists and
// dicts.
func contentText(v value.Value) ([]byte, error) {
	switch v.(type) {
	case *value.Dict, *value.List, *value.Tuple:
		text, err := value.Compact.Text(v)
		if err != nil {
			return nil, module.Failf("could not write content temp file: %s", err.Error())
		}
		return []byte(text), nil
	}
	return []byte(value.Text(v)), nil
}

// File is one file to ship, for actions that make content (template, assemble).
type File struct {
	Blob   module.Blob
	Rel    string // its name where dest is a directory
	Header string // how a diff names it; "" for dest
	Text   bool   // the task gave the content itself
	// Info, if set, takes in check mode what is known of the file there now.
	Info *value.Dict
}

// One ships one file with args as copy's and answers as the reference's action.
func One(ctx context.Context, c *module.ActionCall, args *value.Dict, f File) (*module.Result, error) {
	args = args.Clone()
	args.SetStr("_churten", (item{blob: f.Blob.Name, rel: f.Rel, sha1: f.Blob.SHA1, mode: f.Blob.Mode,
		size: f.Blob.Size, header: f.Header, text: f.Text}).dict())
	if f.Rel != "" {
		args.SetStr("_original_basename", value.Str(f.Rel))
	}
	args.Delete(value.Str("src"))
	res, err := c.Final(ctx, Remote, args, f.Blob)
	if err != nil {
		return nil, err
	}
	if info, ok := res.Values.GetStr("_info"); ok {
		if f.Info != nil {
			for k, v := range info.(*value.Dict).All() {
				f.Info.Set(k, v)
			}
		}
		res.Values.Delete(value.Str("_info"))
	}
	if dest, ok := res.Values.GetStr("_kept"); ok {
		src := f.Header
		if f.Text || src == "" {
			src = localName()
		}
		return &module.Result{Values: value.DictOf("dest", dest, "src", value.Str(src), "changed", value.None), Invocation: res.Invocation}, nil
	}
	if res.Failed && !has(res.Values, "checksum") && !has(res.Values, "_bare") && res.Msg != dirAsDest {
		res.Values.SetStr("_checksum", value.Str(f.Blob.SHA1))
	}
	return framed(res), nil
}

const dirAsDest = "can not use content with a dir as dest"

// localName is like the name of the file in which the reference keeps a task's
// content; none is made here.
func localName() string {
	home, _ := os.UserHomeDir()
	return fmt.Sprintf("%s/.ansible/tmp/ansible-local-%d%s/.%s", home, os.Getpid(), uniqueName()[:5], uniqueName()[:8])
}

// summed puts the checksum of a failure where the reference's action adds it: behind
// what its module said, to which the message of a crash is only added later.
func summed(res *module.Result, sum value.Value) {
	crash := strings.HasPrefix(res.Msg, "Task failed: ")
	keys := []string{"failed", "msg", "checksum", "changed"}
	res.Values.Delete(value.Str("changed"))
	if crash {
		res.Values.Delete(value.Str("msg"))
		keys = []string{"failed", "checksum", "changed", "exception", "msg"}
	}
	for _, key := range keys {
		if key == "checksum" {
			res.Values.SetStr(key, sum)
		} else if !has(res.Values, key) {
			res.Values.SetStr(key, value.None)
		}
	}
}

// framed puts diff before everything else, as the reference's action has it:
// an empty list where there is none.
func framed(res *module.Result) *module.Result {
	if sum, ok := res.Values.GetStr("_checksum"); ok {
		res.Values.Delete(value.Str("_checksum"))
		summed(res, sum)
	}
	if has(res.Values, "_bare") {
		res.Values.Delete(value.Str("_bare"))
		return res
	}
	v := value.DictOf("diff", value.None)
	for k, item := range res.Values.All() {
		v.Set(k, item)
	}
	v.SetStr("diff", value.None)
	if len(res.Diff) == 0 {
		res.DiffList = true
	}
	res.Values = v
	return res
}

// atOnce is how much content of a tree travels with the first call; more is
// sent when the host has said what it lacks.
const atOnce = 128 << 10

func sendTree(ctx context.Context, c *module.ActionCall, args *value.Dict, root string, decrypt bool) (*module.Result, error) {
	follow := true
	if v, ok := args.GetStr("local_follow"); ok {
		follow = truth(v)
	}
	l, err := list(c, root, follow, decrypt)
	if err != nil {
		return nil, err
	}
	src, _ := c.Args.GetStr("src")
	destText, _ := value.AsText(c.Args.Value("dest"))
	dest := strings.TrimSuffix(destText, "/") + "/"
	args.Delete(value.Str("src"))
	args.SetStr("dest", value.Str(dest))
	res, err := l.send(ctx, c, args)
	if err != nil {
		return nil, err
	}
	if res.Failed {
		return framed(res), nil
	}
	if len(l.files.Items) == 1 && has(res.Values, "dest") {
		if has(res.Values, "checksum") {
			return framed(res), nil
		}
		return res, nil
	}
	res.Values.Delete(value.Str("_info"))
	if len(l.files.Items) == 1 && has(res.Values, "diff") {
		return framed(res), nil // check mode
	}
	res.Values = value.DictOf("dest", value.Str(dest), "src", src, "changed", value.None)
	res.Diff = nil
	return res, nil
}

// listing is a directory of the controller, ready to be sent.
type listing struct {
	files, dirs, links *value.List
	blobs              []module.Blob
	size               int64
}

// send makes one call for a small tree, two for one of which more than a bit
// differs.
func (l *listing) send(ctx context.Context, c *module.ActionCall, args *value.Dict) (*module.Result, error) {
	shipped := value.DictOf("files", l.files, "dirs", l.dirs, "links", l.links)
	args.SetStr("_churten", shipped)
	if l.size <= atOnce {
		return c.Final(ctx, Remote, args, l.blobs...)
	}
	probe := shipped.Clone()
	probe.SetStr("probe", value.True)
	first := args.Clone()
	first.SetStr("_churten", probe)
	res, err := c.Module(ctx, Remote, first)
	if err != nil || res.Failed {
		return res, err
	}
	need, ok := res.Values.GetStr("need")
	if !ok {
		return res, nil
	}
	wanted := map[string]bool{}
	for _, name := range need.(*value.List).Items {
		wanted[value.Text(name)] = true
	}
	var blobs []module.Blob
	for _, b := range l.blobs {
		if wanted[b.Name] {
			blobs = append(blobs, b)
		}
	}
	return c.Final(ctx, Remote, args, blobs...)
}

// list walks root. What it has is named below root's parent, or below root when
// that ends in a slash.
func list(c *module.ActionCall, root string, follow, decrypt bool) (*listing, error) {
	l := &listing{files: value.NewList(), dirs: value.NewList(), links: value.NewList()}
	base := filepath.Dir(strings.TrimSuffix(root, "/"))
	if strings.HasSuffix(root, "/") {
		base = filepath.Clean(root)
	}
	w := walker{listing: l, base: base, follow: follow, decrypt: decrypt, c: c}
	return l, w.walk(filepath.Clean(root))
}

type walker struct {
	*listing
	base            string
	follow, decrypt bool
	c               *module.ActionCall
	above           []string // real directories from the root to where it is, against link loops
}

func (w *walker) walk(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	w.above = append(w.above, real)
	defer func() { w.above = w.above[:len(w.above)-1] }()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var below []fs.DirEntry // directories come last, as the reference walks: its first error is that of a file above
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			below = append(below, e)
		} else if err := w.entry(path, e); err != nil {
			return err
		}
	}
	for _, e := range below {
		if err := w.entry(filepath.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

// loops reports whether path leads to a directory that it is in.
func (w *walker) loops(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	return err == nil && slices.Contains(w.above, real)
}

func (w *walker) entry(path string, e fs.DirEntry) error {
	rel, err := filepath.Rel(w.base, path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if e.Type()&fs.ModeSymlink != 0 && (!w.follow || err != nil || w.loops(path)) { // a link that leads nowhere, or up, is one there too
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		w.links.Items = append(w.links.Items, value.DictOf("rel", value.Str(rel), "target", value.Str(target)))
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		w.dirs.Items = append(w.dirs.Items, value.Str(rel))
		return w.walk(path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file nor a directory", path)
	}
	b, err := ship.File(w.c.Controller, fmt.Sprintf("f%d", len(w.blobs)), path, w.decrypt)
	if err != nil {
		return err
	}
	w.blobs = append(w.blobs, b)
	w.size += b.Size
	w.files.Items = append(w.files.Items, (item{blob: b.Name, rel: rel, sha1: b.SHA1, mode: b.Mode, size: b.Size, header: path}).dict())
	return nil
}
