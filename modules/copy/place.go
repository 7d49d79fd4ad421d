package copy

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// placement puts one file's content at dest.
type placement struct {
	*module.Call
	dest string
	mode value.Value // as asked for; None leaves it
	sha1 string      // what the content must have; "" for any
	src  string      // what the result names as src
	made kit.Made    // how a new file is made
}

func (p *placement) attrs() kit.Attrs {
	a := kit.AttrsOf(p.Call)
	a.Mode = nil
	if p.mode != value.Value(value.None) {
		a.Mode = p.mode
	}
	return a
}

// parents makes the directories above dest; those made get directory_mode and
// the owner.
func (p *placement) parents(ctx context.Context) error {
	a := kit.AttrsOf(p.Call)
	a.Mode = nil
	if p.Args.Given("directory_mode") {
		a.Mode = p.Args.Value("directory_mode")
	}
	return makeDirs(ctx, filepath.Dir(p.dest), a)
}

// makeDirs makes dir and what is missing above it, with attributes.
func makeDirs(ctx context.Context, dir string, a kit.Attrs) error {
	var missing []string
	for d := filepath.Clean(dir); d != "/" && d != "." && !exists(d); d = filepath.Dir(d) {
		missing = append(missing, d)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], 0o777); err != nil && !errors.Is(err, os.ErrExist) {
			return module.Failf("Unable to create directory %s: %s", missing[i], kit.PyError(err, missing[i]))
		}
	}
	// Attributes last: a mode without x must not lock us out.
	for _, d := range missing {
		if _, err := a.Apply(ctx, d, false, nil); err != nil {
			return err
		}
	}
	return nil
}

// put writes content to dest and answers dest, src, md5sum, checksum, changed.
func (p *placement) put(ctx context.Context, content io.Reader) (*module.Result, error) {
	dir := filepath.Dir(p.dest)
	if !exists(dir) {
		if _, err := os.Lstat(dir); errors.Is(err, os.ErrPermission) {
			return nil, module.Failf("Destination directory %s is not accessible", dir)
		}
		return nil, module.Failf("Destination directory %s does not exist", dir)
	}
	out := p.dest
	info, err := os.Lstat(p.dest)
	link := err == nil && info.Mode()&os.ModeSymlink != 0
	if link && p.Args.Bool("follow") && exists(p.dest) {
		p.dest = kit.Real(p.dest)
		out, link = p.dest, false
	}
	backup, err := p.backup(ctx)
	if err != nil {
		return nil, err
	}
	sums, err := p.replace(ctx, content, out, link)
	if err != nil {
		return nil, err
	}
	a := p.attrs()
	if _, err := a.Apply(ctx, p.dest, false, nil); err != nil {
		return nil, err
	}
	v := value.DictOf("dest", value.Str(p.dest), "src", value.Str(p.src), "md5sum", value.Str(sums.md5), "checksum", value.Str(sums.sha1), "changed", value.None)
	if backup != "" {
		v.SetStr("backup_file", value.Str(backup))
	}
	return &module.Result{Changed: true, Values: v}, nil
}

func (p *placement) backup(ctx context.Context) (string, error) {
	if !p.Args.Bool("backup") {
		return "", nil
	}
	return kit.Backup(ctx, p.dest)
}

type sums struct{ sha1, md5 string }

// replace writes content to a temporary file, has it validated and puts it at
// out; a link there is replaced itself.
func (p *placement) replace(ctx context.Context, content io.Reader, out string, link bool) (sums, error) {
	create := kit.Create
	if link {
		create = kit.CreateOver
	}
	t, err := create(out, p.Tmp)
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			return sums{}, module.Failf("Destination %s not writable", filepath.Dir(out))
		}
		return sums{}, err
	}
	defer t.Discard()
	h1, h5 := sha1.New(), md5.New()
	if _, err := io.Copy(io.MultiWriter(t, h1, h5), withContext(ctx, content)); err != nil {
		if errors.As(err, new(*kit.Refused)) {
			return sums{}, err
		}
		return sums{}, fmt.Errorf("writing %s: %w", out, err)
	}
	s := sums{hex.EncodeToString(h1.Sum(nil)), hex.EncodeToString(h5.Sum(nil))}
	if p.sha1 != "" && s.sha1 != p.sha1 {
		return s, module.Failf("the content of %s did not arrive whole: checksum %s instead of %s", out, s.sha1, p.sha1)
	}
	if err := p.validate(ctx, t); err != nil {
		return s, err
	}
	a := p.attrs()
	err = t.Commit(ctx, kit.Options{Unsafe: p.Args.Bool("unsafe_writes"), New: &a, Made: p.made})
	if t.Elsewhere() && errors.As(err, new(*kit.Refused)) {
		return s, module.Failf("Destination %s not writable", filepath.Dir(out))
	}
	return s, err
}

func (p *placement) validate(ctx context.Context, t *kit.Temp) error {
	err := t.Validate(ctx, p.Call, p.Args.Str("validate"))
	var v *kit.ValidateError
	if errors.As(err, &v) {
		return (&module.Failure{Msg: "failed to validate"}).With("exit_status", value.Int(v.RC), "stdout", value.Str(v.Stdout), "stderr", value.Str(v.Stderr))
	}
	return err
}

// withContext makes reads fail once ctx has ended, so that a long copy can be
// cancelled.
func withContext(ctx context.Context, r io.Reader) io.Reader { return &contextReader{ctx, r} }

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

var counter atomic.Uint64

// uniqueName is like the middle of the reference's temporary names:
// TIME-PID-NUMBER.
func uniqueName() string {
	now := time.Now()
	digits := fmt.Sprintf("%d.%07d", now.Unix(), now.Nanosecond()/100)
	return fmt.Sprintf("%s-%d-%d", strings.TrimRight(digits, "0"), os.Getpid(), uint64(now.UnixNano())*1000+counter.Add(1))
}
