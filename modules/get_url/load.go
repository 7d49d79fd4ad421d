package geturl

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// load gets the file and puts it in its place.
func (t *task) load(ctx context.Context, dir bool) (*module.Result, error) {
	resp, got, err := t.get(ctx, t.url, t.Check)
	if err != nil {
		return nil, err
	}
	defer os.Remove(got.name)
	t.result.SetStr("elapsed", t.elapsed())
	if resp.Status == 304 {
		return &module.Result{Msg: resp.Message(), Values: value.DictOf("url", value.Str(web.Redact(t.url)), "dest", value.Str(t.dest),
			"changed", value.None, "msg", value.None, "status_code", value.Int(304), "elapsed", t.elapsed())}, nil
	}
	t.result.SetStr("src", value.Str(got.name))
	if dir {
		t.dest = filepath.Join(t.dest, web.FileName(resp, "index.html"))
		t.result.SetStr("dest", value.Str(t.dest))
	}
	src := digest(got.sha1)
	t.result.SetStr("checksum_src", value.Str(src))
	have, err := t.destination()
	if err != nil {
		return nil, err
	}
	t.changed = have != src
	if t.Check {
		return t.done(resp.Message()), nil
	}
	if t.want.algorithm != "" {
		if got.want == nil {
			return nil, t.want.unknown(got.name)
		}
		if sum := digest(got.want); sum != t.want.sum {
			return nil, t.fail(fmt.Sprintf("The checksum for %s did not match %s; it was %s.", got.name, t.want.sum, sum))
		}
	}
	return t.place(ctx, resp, got)
}

func digest(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// destination checks that the file can be written, and gives its checksum.
func (t *task) destination() (string, error) {
	if _, err := os.Stat(t.dest); err == nil {
		sum, err := kit.SHA1(t.dest)
		if errors.Is(err, os.ErrPermission) {
			return "", t.fail(fmt.Sprintf("Destination %s is not readable", t.dest))
		}
		if err != nil {
			return "", err
		}
		if !writable(t.dest) {
			return "", t.fail(fmt.Sprintf("Destination %s is not writable", t.dest))
		}
		t.result.SetStr("checksum_dest", value.Str(sum))
		return sum, nil
	}
	dir := parent(t.dest)
	if _, err := os.Stat(dir); err != nil {
		return "", t.fail(fmt.Sprintf("Destination %s does not exist", dir))
	}
	if !writable(dir) {
		return "", t.fail(fmt.Sprintf("Destination %s is not writable", dir))
	}
	return "", nil
}

// parent is Python's dirname: "a/b/" is in "a/b", "a" in "".
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i == 0 {
		return "/"
	}
	if i < 0 {
		return ""
	}
	return path[:i]
}

// place puts the file there, if it is another one, and sets its attributes.
func (t *task) place(ctx context.Context, resp *web.Response, got *loaded) (*module.Result, error) {
	backup := ""
	attrs := kit.AttrsOf(t.Call)
	if t.changed {
		var err error
		if t.Args.Bool("backup") {
			if backup, err = kit.Backup(ctx, t.dest); err != nil {
				return nil, err
			}
		}
		if err := web.Install(ctx, t.Call, got.name, t.dest, &attrs); err != nil {
			t.changed = false
			return nil, t.fail(fmt.Sprintf("failed to copy %s to %s: %s", got.name, t.dest, err))
		}
	}
	did, err := attrs.Apply(ctx, t.dest, false, nil)
	if err != nil {
		return nil, err
	}
	t.changed = t.changed || did
	res := t.done(resp.Message())
	status := value.Value(value.Int(resp.Status))
	if resp.Status == 0 {
		status = value.None // a file has none
	}
	v := value.DictOf("msg", value.None, "status_code", status)
	for k, item := range res.Values.All() {
		v.Set(k, item)
	}
	v.SetStr("md5sum", value.Str(digest(got.md5))) // what is there now is what was loaded
	if backup != "" {
		v.SetStr("backup_file", value.Str(backup))
	}
	res.Values = v
	return res, nil
}

// loaded is a file that was loaded. Its digests are made on the way: a big file need not be read again for each.
type loaded struct {
	name      string // "" for an answer that nothing has changed
	sha1, md5 hash.Hash
	want      hash.Hash // as the argument checksum has it; nil without, or for an algorithm that is none
}

// loadBuffer is how much is read, written and summed at a time.
const loadBuffer = 256 << 10

// get loads a URL into a temporary file. With head only the head is asked for.
func (t *task) get(ctx context.Context, url string, head bool) (*web.Response, *loaded, error) {
	got := &loaded{sha1: sha1.New(), md5: md5.New(), want: t.want.hash()}
	resp, err := t.open(ctx, url, head)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.Status == 304 {
		return resp, got, nil
	}
	if resp.Status != 200 && resp.Status != 0 {
		return nil, nil, (&module.Failure{Msg: "Request failed"}).With("status_code", value.Int(resp.Status), "response", value.Str(resp.Message()),
			"url", value.Str(web.Redact(url)), "dest", value.Str(t.dest), "elapsed", t.elapsed())
	}
	f, err := t.temporary()
	if err != nil {
		return nil, nil, err
	}
	into := []io.Writer{f, got.sha1, got.md5}
	if got.want != nil {
		into = append(into, got.want)
	}
	n, err := io.CopyBuffer(io.MultiWriter(into...), resp.Body, make([]byte, loadBuffer))
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		msg := "failed to create temporary content file: " + kit.PyError(err, "")
		if short := (*web.Incomplete)(nil); errors.As(err, &short) {
			msg = fmt.Sprintf("Incomplete read, (rsp.length=%d, cl=%d, st.st_size=%d) failed to read remaining %d bytes", short.Missing, n+short.Missing, n, short.Missing)
			return nil, nil, &module.Failure{Msg: msg, Err: err}
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			msg = fmt.Sprintf("failed to create temporary content file: IncompleteRead(%d bytes read)", n)
		}
		return nil, nil, (&module.Failure{Msg: msg, Err: err}).With("elapsed", t.elapsed())
	}
	got.name = f.Name()
	return resp, got, nil
}

func (t *task) open(ctx context.Context, url string, head bool) (*web.Response, error) {
	if path, ok := strings.CutPrefix(url, "file://"); ok {
		return t.local(path, url)
	}
	req := web.Request{Method: "GET", URL: url}
	if head {
		req.Method = "HEAD"
	}
	var err error
	if req.Header, err = web.Headers(t.Call, t.force, t.Args.Sub("headers")); err != nil {
		return nil, t.failed(err, url)
	}
	if !t.since.IsZero() {
		req.Header.Add("If-Modified-Since", t.since.UTC().Format("Mon, 02 Jan 2006 15:04:05")+" GMT")
	}
	resp, err := t.client.Do(ctx, req)
	if err != nil {
		return nil, t.failed(err, url)
	}
	return resp, nil
}

// local opens a file of the host by its URL.
func (t *task) local(path, url string) (*web.Response, error) {
	path = web.Unescape(strings.TrimPrefix(path, "localhost"))
	f, err := os.Open(path)
	if err != nil {
		return nil, t.failed(&web.Error{Kind: web.Refused, Msg: "Request failed: <urlopen error " + kit.PyErrorText(err, path) + ">", Err: err}, url)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	resp := &web.Response{URL: url, Body: f}
	resp.Header.Add("Content-Length", fmt.Sprint(info.Size()))
	return resp, nil
}

// temporary makes a file to load into, in tmp_dest if there is one.
func (t *task) temporary() (*os.File, error) {
	dir := t.Args.Str("tmp_dest")
	if dir == "" {
		tmp, err := t.Tmp()
		if err != nil {
			return nil, err
		}
		return os.CreateTemp(tmp, "tmp")
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return nil, module.Failf("%s is a file but should be a directory.", dir).With("elapsed", t.elapsed())
	}
	if err != nil {
		return nil, module.Failf("%s directory does not exist.", dir).With("elapsed", t.elapsed())
	}
	f, err := os.CreateTemp(dir, "tmp")
	if at := (*os.PathError)(nil); errors.As(err, &at) {
		return nil, errors.New(kit.PyErrorText(err, at.Path))
	}
	return f, err
}
