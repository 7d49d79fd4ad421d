package parted

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// disk is what parted tells of one.
type disk struct {
	dev, unit, table, model string
	size                    value.Value
	logical, physical       int64
	chs                     *value.Dict
	partitions              []partition
}

// partition is one of a disk.
type partition struct {
	number             int64
	begin, end, size   value.Value
	fstype, name, unit string
	flags              []string
}

func (d *disk) find(number int64) *partition {
	for i := range d.partitions {
		if d.partitions[i].number == number {
			return &d.partitions[i]
		}
	}
	return nil
}

func (d *disk) dict() *value.Dict {
	out := value.DictOf("dev", value.Str(d.dev), "size", d.size, "unit", value.Str(d.unit), "table", value.Str(d.table), "model", value.Str(d.model),
		"logical_block", value.Int(d.logical), "physical_block", value.Int(d.physical))
	if d.chs != nil {
		out.SetStr("chs_info", d.chs)
	}
	return out
}

func (d *disk) list() *value.List {
	out := value.NewList()
	for _, p := range d.partitions {
		out.Items = append(out.Items, value.DictOf("num", value.Int(p.number), "begin", p.begin, "end", p.end, "size", p.size, "fstype", value.Str(p.fstype),
			"name", value.Str(p.name), "flags", value.Strings(p.flags...), "unit", value.Str(p.unit)))
	}
	return out
}

// version asks parted which one it is: since 3.4.64 -f takes all questions as answered.
func (t *task) version(ctx context.Context) error {
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv()}, t.program, "--version")
	if err != nil {
		return err
	}
	v := versionIn(out.Stdout)
	if out.RC != 0 || v == nil {
		return module.Failf("Failed to get parted version.").With("rc", value.Int(out.RC), "out", value.Str(out.Stdout))
	}
	if before(v, 3, 1, 0) {
		return module.Failf("parted 3.1 or later is needed, not %s", strings.TrimSpace(out.Stdout))
	}
	t.forced = !before(v, 3, 4, 64)
	return nil
}

// versionIn finds a version of two numbers at least in the first line.
func versionIn(text string) []int {
	line, _, _ := strings.Cut(text, "\n")
	words := strings.Fields(line)
	if len(words) == 0 || !strings.HasPrefix(line, "parted") {
		return nil
	}
	var v []int
	for part := range strings.SplitSeq(words[len(words)-1], ".") {
		end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		if end >= 0 {
			part = part[:end]
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		v = append(v, n)
	}
	if len(v) < 2 {
		return nil
	}
	return append(v, 0, 0)
}

func before(v []int, than ...int) bool {
	for i, n := range than {
		if v[i] != n {
			return v[i] < n
		}
	}
	return false
}

// look reads the disk's table. A disk without one is no failure.
func (t *task) look(ctx context.Context) error {
	argv := []string{t.program, "-s", "-m", t.device, "--", "unit", t.unit, "print"}
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv()}, argv...)
	if err != nil {
		return err
	}
	if out.RC != 0 && !strings.Contains(out.Stderr, "unrecognised disk label") {
		return failed(out, "Error while getting device information with parted script: '"+strings.Join(argv, " ")+"'")
	}
	t.disk, err = parse(out.Stdout, t.unit)
	return err
}

var errShort = errors.New("list index out of range")

// parse reads the form that programs read: BYT, the disk, where the unit is one
// of cylinders their geometry, the partitions.
func parse(text, unit string) (*disk, error) {
	var lines [][]string
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			lines = append(lines, strings.Split(strings.TrimRight(line, ";"), ":"))
		}
	}
	if len(lines) < 2 || len(lines[1]) < 7 {
		return nil, errShort
	}
	f := lines[1]
	d := &disk{dev: f[0], table: f[5], model: f[6]}
	var err error
	if d.size, d.unit, err = parseSize(f[1]); err != nil {
		return nil, err
	}
	d.unit = strings.ToLower(d.unit)
	if d.logical, err = strconv.ParseInt(f[3], 10, 64); err == nil {
		d.physical, err = strconv.ParseInt(f[4], 10, 64)
	}
	if err != nil {
		return nil, err
	}
	rest := lines[2:]
	if unit == "cyl" || unit == "chs" {
		if len(rest) == 0 {
			return nil, errShort
		}
		if d.chs, err = geometry(rest[0]); err != nil {
			return nil, err
		}
		rest = rest[1:]
	}
	if unit == "chs" || unit == "cyl" {
		d.unit = unit
	}
	for _, f := range rest {
		p, err := parsePartition(f, unit == "chs")
		if err != nil {
			return nil, err
		}
		p.unit = d.unit
		d.partitions = append(d.partitions, *p)
	}
	return d, nil
}

// parsePartition reads a line of a partition; in cylinders, heads and sectors
// it has no size.
func parsePartition(f []string, chs bool) (*partition, error) {
	want := 7
	if chs {
		want = 6
	}
	if len(f) < want {
		return nil, errShort
	}
	p := &partition{size: value.Str("")}
	var err error
	if p.number, err = strconv.ParseInt(f[0], 10, 64); err != nil {
		return nil, err
	}
	if p.begin, _, err = parseSize(f[1]); err != nil {
		return nil, err
	}
	if p.end, _, err = parseSize(f[2]); err != nil {
		return nil, err
	}
	f = f[3:]
	if !chs {
		if p.size, _, err = parseSize(f[0]); err != nil {
			return nil, err
		}
		f = f[1:]
	}
	p.fstype, p.name = f[0], f[1]
	for flag := range strings.SplitSeq(f[2], ",") {
		if flag = strings.TrimSpace(flag); flag != "" {
			p.flags = append(p.flags, flag)
		}
	}
	return p, nil
}

func geometry(f []string) (*value.Dict, error) {
	if len(f) < 4 {
		return nil, errShort
	}
	out := value.NewDict(5)
	for i, name := range []string{"cylinders", "heads", "sectors"} {
		n, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			return nil, err
		}
		out.SetStr(name, value.Int(n))
	}
	size, unit, err := parseSize(f[3])
	out.SetStr("cyl_size", size)
	out.SetStr("cyl_size_unit", value.Str(strings.ToLower(unit)))
	return out, err
}
