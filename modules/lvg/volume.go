package lvg

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// refresh gives a physical volume of the group all that its device has, and
// another UUID, as asked for.
func (t *task) refresh(ctx context.Context, device string) error {
	if t.Args.Bool("pvresize") {
		if err := t.grow(ctx, device); err != nil {
			return err
		}
	}
	if t.Args.Bool("reset_pv_uuid") {
		return t.renew(ctx, device)
	}
	return nil
}

func (t *task) grow(ctx context.Context, device string) error {
	room, err := t.growable(ctx, device)
	if err != nil || !room {
		return err
	}
	t.changed = true
	if t.Check {
		return nil
	}
	out, err := t.run(ctx, "pvresize", device)
	if err != nil {
		return err
	}
	if room, err = t.growable(ctx, device); err != nil {
		return err
	}
	if room || out.RC != 0 {
		return failedAll("Failed executing pvresize command.", out)
	}
	return nil
}

// growable reports whether a device has more than an extent that LVM does not use.
func (t *task) growable(ctx context.Context, device string) (bool, error) {
	out, err := t.must(ctx, "pvdisplay", device, "--units", "b", "--columns", "--noheadings", "--nosuffix", "--separator", ";", "-o", "dev_size,pv_size,pe_start,vg_extent_size")
	if err != nil {
		return false, err
	}
	var n [4]int64 // device, volume, where extents begin, an extent
	fields := strings.Split(strings.TrimSpace(out.Stdout), ";")
	for i := range n {
		field := ""
		if i < len(fields) {
			field = fields[i]
		}
		if n[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return false, fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(value.Str(field)))
		}
	}
	return n[0]-n[2]-n[1] > n[3], nil
}

// renew gives a physical volume another UUID.
func (t *task) renew(ctx context.Context, device string) error {
	before, err := t.uuid(ctx, device)
	if err != nil {
		return err
	}
	t.changed = true
	if t.Check {
		return nil
	}
	out, err := t.run(ctx, "pvchange", "-u", device)
	if err != nil {
		return err
	}
	after, err := t.uuid(ctx, device)
	if err != nil {
		return err
	}
	if after == before || out.RC != 0 {
		return failedAll("PV ("+device+") UUID change failed", out)
	}
	return nil
}

func (t *task) uuid(ctx context.Context, device string) (string, error) {
	out, err := t.must(ctx, "pvs", "--noheadings", "-o", "uuid", device)
	return strings.TrimSpace(out.Stdout), err
}

func failedAll(msg string, out tool.Output) *module.Failure {
	f := failed(msg, out)
	f.Values.SetStr("out", value.Str(out.Stdout))
	return f
}
