package lvol

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// group is the volume group; sizes are in the unit of the size that is wanted.
type group struct{ size, free, extent float64 }

// volume is a logical volume; attr is as lvs(8) has it.
type volume struct {
	name string
	size float64
	attr string
}

// kind is the first sign of attr: t a thin pool, V a thin volume.
func (v *volume) kind() byte {
	if v.attr == "" {
		return '-'
	}
	return v.attr[0]
}

func (v *volume) active() bool { return len(v.attr) > 4 && v.attr[4] == 'a' }

func find(volumes []volume, name string) *volume {
	for i := range volumes {
		if volumes[i].name == name {
			return &volumes[i]
		}
	}
	return nil
}

// ask reads the group and its volumes. It gives what the program said where
// there is no such group.
func (t *task) ask(ctx context.Context) (none *tool.Output, err error) {
	unit := "m"
	if t.size != nil && t.size.unit != "" {
		unit = strings.ToLower(t.size.unit)
	}
	out, err := t.run(ctx, "vgs", "--noheadings", "--nosuffix", "-o", "vg_name,size,free,vg_extent_size", "--units", unit, "--separator", ";", t.vg)
	if err != nil || out.RC != 0 {
		return &out, err
	}
	row := strings.Split(strings.TrimSpace(out.Stdout), ";")
	if len(row) < 4 {
		return nil, fmt.Errorf("vgs lists no volume group %s: %s", t.vg, value.Repr(value.Str(out.Stdout)))
	}
	for i, to := range []*float64{&t.group.size, &t.group.free, &t.group.extent} {
		if *to, err = number(row[i+1]); err != nil {
			return nil, err
		}
	}
	out, err = t.run(ctx, "lvs", "-a", "--noheadings", "--nosuffix", "-o", "lv_name,size,lv_attr", "--units", unit, "--separator", ";", t.vg)
	if err != nil || out.RC != 0 {
		return &out, err
	}
	t.volumes, err = volumes(out.Stdout)
	return nil, err
}

// volumes reads what lvs lists; names of hidden volumes stand in brackets.
func volumes(text string) ([]volume, error) {
	var all []volume
	for line := range strings.Lines(text) {
		row := strings.Split(strings.TrimSpace(line), ";")
		if len(row) < 3 {
			continue
		}
		size, err := number(row[1])
		if err != nil {
			return nil, err
		}
		all = append(all, volume{strings.Trim(row[0], "[]"), size, row[2]})
	}
	return all, nil
}

func number(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("could not convert string to float: %s", value.Repr(value.Str(text)))
	}
	return n, nil
}

// knowsYes reports whether lvcreate has --yes: since LVM 2.02.99.
func (t *task) knowsYes(ctx context.Context) (bool, error) {
	out, err := t.run(ctx, "lvm", "version")
	if err != nil {
		return false, err
	}
	v, ok := version(out.Stdout)
	if !ok || out.RC != 0 {
		return false, module.Failf("Failed to get LVM version number")
	}
	for i, n := range [3]int{2, 2, 99} {
		if v[i] != n {
			return v[i] > n, nil
		}
	}
	return true, nil
}

// version reads "LVM version:     2.03.16(2) (2022-05-18)".
func version(text string) (v [3]int, ok bool) {
	_, rest, ok := strings.Cut(text, "LVM version:")
	if !ok {
		return v, false
	}
	rest, _, _ = strings.Cut(rest, "\n")
	rest = strings.TrimSpace(rest)
	if end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); end >= 0 {
		rest = rest[:end]
	}
	parts := strings.Split(rest, ".")
	if len(parts) < 3 {
		return v, false
	}
	for i := range v {
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return v, false
		}
		v[i] = n
	}
	return v, true
}
