package lvg

import (
	"context"
	"strings"
)

// autoactivation is the option of vgcreate and vgchange that says whether the
// group is activated by itself, as when the host starts. LVM has it since 2.03.12.
const autoactivation = "--setautoactivation"

func (t *task) knowsAutoactivation(ctx context.Context, program string) (bool, error) {
	out, err := t.must(ctx, program, "--help")
	return strings.Contains(out.Stdout, autoactivation), err
}

// activate makes the group's logical volumes active, or not, now and later.
func (t *task) activate(ctx context.Context, want bool) error {
	known, err := t.knowsAutoactivation(ctx, "vgchange")
	if err != nil {
		return err
	}
	columns := "lv_attr"
	if known {
		columns += ",autoactivation"
	}
	out, err := t.must(ctx, "vgs", "--noheadings", "-o", columns, "--separator", ";", t.vg)
	if err != nil {
		return err
	}
	volumes := rows(out.Stdout)
	itself := want
	if known {
		if itself, err = t.byItself(ctx, volumes); err != nil {
			return err
		}
	}
	if itself != want {
		if err := t.set(ctx, autoactivation, want); err != nil {
			return err
		}
	}
	for _, v := range volumes {
		if isActive(v[0]) != want {
			return t.set(ctx, "--activate", want)
		}
	}
	return nil
}

// byItself reports whether the group is activated by itself. Its logical volumes
// tell; where there are none it is asked for alone.
func (t *task) byItself(ctx context.Context, volumes [][]string) (bool, error) {
	if len(volumes) == 0 {
		out, err := t.must(ctx, "vgs", "--noheadings", "-o", "vg_autoactivation", "--separator", ";", t.vg)
		return strings.TrimSpace(out.Stdout) == "enabled", err
	}
	for _, v := range volumes {
		if len(v) > 1 && v[1] == "enabled" {
			return true, nil
		}
	}
	return false, nil
}

// isActive reads the state of lv_attr, lvs(8).
func isActive(attr string) bool { return len(attr) > 4 && attr[4] == 'a' }

func (t *task) set(ctx context.Context, option string, on bool) error {
	t.changed = true
	if t.Check {
		return nil
	}
	_, err := t.must(ctx, "vgchange", option, yesNo(on), t.vg)
	return err
}

func yesNo(on bool) string {
	if on {
		return "y"
	}
	return "n"
}
