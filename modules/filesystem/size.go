package filesystem

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// grow gives the file system the size of its device.
func (t *task) grow(ctx context.Context) (*module.Result, error) {
	room, err := t.deviceSize(ctx)
	if err != nil {
		return nil, err
	}
	has, err := t.kind.size(ctx, t)
	if err != nil {
		return nil, err
	}
	values := func(msg string) *value.Dict { return value.DictOf("changed", value.None, "msg", value.Str(msg)) }
	switch {
	case has+t.kind.slack >= room:
		return &module.Result{Values: values(t.kind.label + " filesystem is using the whole device " + t.dev)}, nil
	case t.Check:
		return &module.Result{Changed: true, Values: values("resizing filesystem " + t.kind.label + " on device " + t.dev)}, nil
	}
	at := t.dev
	if t.kind.mounted {
		if at, err = t.mountedOrFail(ctx); err != nil {
			return nil, err
		}
	}
	out, err := t.must(ctx, t.kind.grow[0], append(append([]string{}, t.kind.grow[1:]...), at)...)
	return told(out), err
}

// deviceSize is how many bytes the device or image has.
func (t *task) deviceSize(ctx context.Context) (int64, error) {
	info, err := os.Stat(t.dev)
	if err != nil {
		return 0, err
	}
	switch {
	case info.Mode().IsRegular():
		return info.Size(), nil
	case info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) != fs.ModeDevice:
		return 0, module.Failf("Target device not supported: %s", t.dev).With("changed", value.False)
	}
	out, err := t.must(ctx, "blockdev", "--getsize64", t.dev)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(out), 10, 64)
}

// mountPoint is where the device is mounted first, "" for nowhere.
func (t *task) mountPoint(ctx context.Context) (string, error) {
	findmnt, err := tool.Find(t.Call, "findmnt")
	if err != nil {
		return "", err
	}
	out, err := tool.Run(ctx, t.Call, findmnt, "--mtab", "--noheadings", "--output", "TARGET", "--source", t.dev)
	if err != nil || out.RC != 0 {
		return "", err
	}
	first, _, _ := strings.Cut(out.Stdout, "\n")
	return strings.TrimSpace(first), nil
}

func (t *task) mountedOrFail(ctx context.Context) (string, error) {
	at, err := t.mountPoint(ctx)
	if err == nil && at == "" {
		err = module.Failf("%s needs to be mounted for %s operations", t.dev, t.kind.label)
	}
	return at, err
}

// misread says that a program's output was not understood.
func (t *task) misread(program, why string) error {
	t.Warn("unable to process " + program + " output '" + why + "'")
	return module.Failf("unable to process %s output for %s", program, t.dev)
}

func pyText(s string) string { return value.Repr(value.Str(s)) }

// number reads a number of a program's output.
func (t *task) number(program, text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, t.misread(program, "invalid literal for int() with base 10: "+pyText(text))
	}
	return n, nil
}

// field gives what is behind the first line that begins with name, "" for none.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), name); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// times multiplies two fields of a program's output.
func (t *task) times(program, out, one, other string) (int64, error) {
	a, b := field(out, one), field(out, other)
	if a == "" || b == "" {
		return 0, t.misread(program, pyText(out))
	}
	n, err := t.number(program, firstWord(a))
	if err != nil {
		return 0, err
	}
	m, err := t.number(program, firstWord(b))
	return n * m, err
}

func firstWord(s string) string {
	if words := strings.Fields(s); len(words) > 0 {
		return words[0]
	}
	return ""
}

func extSize(ctx context.Context, t *task) (int64, error) {
	out, err := t.must(ctx, "tune2fs", "-l", t.dev)
	if err != nil {
		return 0, err
	}
	return t.times("tune2fs", out, "Block count:", "Block size:")
}

func xfsSize(ctx context.Context, t *task) (int64, error) {
	at, err := t.mountPoint(ctx)
	if err != nil {
		return 0, err
	}
	if at == "" {
		at = t.dev
	}
	out, err := t.must(ctx, "xfs_info", at)
	if err != nil {
		return 0, err
	}
	// data     =                       bsize=4096   blocks=81920, imaxpct=25
	for line := range strings.Lines(out) {
		name, rest, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) != "data" {
			continue
		}
		var size, blocks string
		for _, word := range strings.Fields(rest) {
			if v, ok := strings.CutPrefix(word, "bsize="); ok {
				size = v
			} else if v, ok := strings.CutPrefix(word, "blocks="); ok {
				blocks = strings.TrimSuffix(v, ",")
			}
		}
		n, err := strconv.ParseInt(size, 10, 64)
		m, err2 := strconv.ParseInt(blocks, 10, 64)
		if errors.Join(err, err2) == nil {
			return n * m, nil
		}
	}
	return 0, t.misread("xfs_info", pyText(out))
}

func btrfsSize(ctx context.Context, t *task) (int64, error) {
	at, err := t.mountedOrFail(ctx)
	if err != nil {
		return 0, err
	}
	out, err := t.must(ctx, "btrfs", "filesystem", "usage", "-b", at)
	if err != nil {
		return 0, err
	}
	size := field(out, "Device size:")
	if size == "" {
		return 0, t.misread("btrfs", pyText(out))
	}
	return t.number("btrfs", size)
}

func f2fsSize(ctx context.Context, t *task) (int64, error) {
	out, err := t.must(ctx, "dump.f2fs", t.dev)
	if err != nil {
		return 0, err
	}
	return t.times("dump.f2fs", out, "Info: sector size =", "Info: total FS sectors =")
}

func vfatSize(ctx context.Context, t *task) (int64, error) {
	out, err := t.must(ctx, "fatresize", "--info", t.dev)
	if err != nil {
		return 0, err
	}
	_, lines, _ := strings.Cut(out, "\n") // the first is who speaks
	for line := range strings.Lines(lines) {
		name, size, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); ok && (name == "Size" || name == "Cur size") {
			return t.number("fatresize", strings.TrimSpace(size))
		}
	}
	return 0, t.misread("fatresize", pyText(out))
}

func lvmSize(ctx context.Context, t *task) (int64, error) {
	out, err := t.must(ctx, "pvs", "--noheadings", "-o", "pv_size", "--units", "b", "--nosuffix", t.dev)
	if err != nil {
		return 0, err
	}
	return t.number("pvs", out)
}

func bcachefsSize(ctx context.Context, t *task) (int64, error) {
	out, err := t.must(ctx, "bcachefs", "show-super", t.dev)
	if err != nil {
		return 0, err
	}
	words := strings.Fields(field(out, "Size:"))
	if len(words) == 0 {
		return 0, t.misread("bcachefs", pyText(out))
	}
	n, err := strconv.ParseFloat(words[0], 64)
	if err != nil || n < 0 || n > math.MaxInt64 {
		return 0, t.misread("bcachefs", pyText(out))
	}
	if len(words) > 1 {
		n *= math.Pow(1024, float64(strings.IndexByte("BKMGTPE", words[1][0])))
	}
	return int64(n), nil
}
