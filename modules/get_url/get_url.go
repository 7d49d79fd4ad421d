// Package geturl loads files from web servers.
//
//   - get_url.go: arguments, and when a file is loaded at all.
//   - load.go: loading, and putting the file in its place.
//   - checksum.go: what a file shall have, given or at another URL.
//
// Source: documentation of ansible.builtin.get_url; results and messages seen
// on ansible-core 2.19.
package geturl

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the get_url module.
var Module = module.Module{
	Name: "ansible.builtin.get_url", Doc: "Download files from HTTP, HTTPS, or FTP to a host.",
	Check: true,
	Spec: module.Spec{
		FileArgs: true,
		Args: append(args(),
			module.Arg{Name: "dest", Type: module.Path, Required: true, Doc: "File or directory to store it in."},
			module.Arg{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old file under a name with the time."},
			module.Arg{Name: "checksum", Default: value.Str(""), Doc: "ALGORITHM:CHECKSUM that the file must have; or ALGORITHM:URL of a list of checksums."},
			module.Arg{Name: "timeout", Type: module.Int, Default: value.Int(10), Doc: "Seconds that one step may take."},
			module.Arg{Name: "headers", Type: module.Dict, Doc: "Headers to send."},
			module.Arg{Name: "tmp_dest", Type: module.Path, Doc: "Directory to load the file to before it is put in its place."},
		),
	},
	Run: run,
}

// args are those of the kit; the aliases of this module are others.
func args() []module.Arg {
	out := web.Args()
	for i := range out {
		switch out[i].Name {
		case "url_username":
			out[i].Aliases = []string{"username"}
		case "url_password":
			out[i].Aliases = []string{"password"}
		}
	}
	return out
}

// task is one call.
type task struct {
	*module.Call
	client  *web.Client
	url     string
	dest    string
	want    checksum
	started time.Time

	result  *value.Dict // changed, checksum_dest, checksum_src, dest, elapsed, url, src
	changed bool
	since   time.Time // of the file that is there
	force   bool      // load it, whatever is there
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, url: a.Str("url"), dest: a.Str("dest"), started: time.Now()}
	t.result = value.DictOf("changed", value.None, "checksum_dest", value.None, "checksum_src", value.None,
		"dest", a.Value("dest"), "elapsed", value.Int(0), "url", value.Str(web.Redact(t.url)))
	var err error
	if t.client, err = web.ClientOf(c); err != nil {
		return nil, err
	}
	info, err := os.Stat(t.dest)
	dir := err == nil && info.IsDir()
	if err := t.readChecksum(ctx); err != nil {
		return nil, err
	}
	t.force = a.Bool("force")
	if !dir && info != nil && !t.force {
		if t.want.algorithm != "" {
			sum, err := t.want.of(t.dest)
			if err != nil {
				return nil, err
			}
			if sum == t.want.sum {
				return t.there(ctx)
			}
			t.force = true
		} else {
			t.since = info.ModTime()
		}
	}
	return t.load(ctx, dir)
}

// there is for a file with the right checksum: nothing is loaded.
func (t *task) there(ctx context.Context) (*module.Result, error) {
	attrs := kit.AttrsOf(t.Call)
	changed, err := attrs.Apply(ctx, t.dest, t.Check, nil)
	if err != nil {
		return nil, err
	}
	msg := "file already exists"
	if changed {
		msg += " but file attributes changed"
	}
	t.changed = changed
	return t.done(msg), nil
}

// done gives the result of a call that went well.
func (t *task) done(msg string) *module.Result {
	v := value.DictOf("msg", value.None)
	for k, item := range t.result.All() {
		v.Set(k, item)
	}
	return &module.Result{Changed: t.changed, Msg: msg, Values: v}
}

// fail is a failure with what the result has by now.
func (t *task) fail(msg string) error { return &module.Failure{Msg: msg, Values: t.result} }

func (t *task) elapsed() value.Int { return value.Int(time.Since(t.started) / time.Second) }

// failed words an answer that never came. Where it is a URL that cannot be one,
// the reference's own code fails.
func (t *task) failed(err error, url string) error {
	var e *web.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Kind == web.Malformed {
		return (&module.Failure{Msg: e.Msg, Err: e}).With("url", value.Str(web.Redact(url)), "status", value.Int(-1))
	}
	return (&module.Failure{Msg: e.Msg, Err: e}).With("url", value.Str(web.Redact(url)), "dest", value.Str(t.dest), "elapsed", t.elapsed())
}
