package lvol

import (
	"context"
	"math"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// change gives the volume that is there its size and state.
func (t *task) change(ctx context.Context, have *volume) (*module.Result, error) {
	res := &module.Result{Values: value.DictOf("changed", value.None, "vg", value.Str(t.vg), "lv", value.Str(have.name), "size", value.Float(have.size))}
	state := true
	if t.size != nil {
		grow, shrink, err := t.wanted(have)
		if err != nil {
			return nil, err
		}
		if grow || shrink {
			if state, err = t.resize(ctx, have, grow, res); err != nil {
				return nil, err
			}
		}
	}
	on := t.Args.Bool("active")
	if have.active() != on {
		res.Changed, state = true, true
	}
	if !state {
		return res, nil
	}
	return res, t.activate(ctx, have.name, on)
}

// wanted reports whether the volume is to grow or to shrink; an error where it may not.
func (t *task) wanted(have *volume) (grow, shrink bool, err error) {
	if t.size.percent != "" {
		return t.wantedPortion(have)
	}
	s := t.size
	switch {
	case s.sign == "+" || s.sign == "" && s.number > have.size:
		return true, false, nil
	case !t.Args.Bool("shrink"), s.sign == "" && s.number == have.size:
		return false, false, nil
	case s.number == 0, s.sign == "-" && s.number >= have.size:
		return false, false, module.Failf("Sorry, no shrinking of %s to 0 permitted.", have.name)
	case !t.Args.Bool("force"):
		return false, false, module.Failf("Sorry, no shrinking of %s without force=true.", have.name)
	}
	return false, true, nil
}

// wantedPortion reckons what the percentage comes to, in whole extents. A volume
// that is bigger by an extent is left alone: LVM may have rounded up.
func (t *task) wantedPortion(have *volume) (grow, shrink bool, err error) {
	whole := t.group.size
	switch t.size.percent {
	case "FREE":
		whole = t.group.free
	case "ORIGIN":
		whole = t.origin.size
	}
	want := t.size.number * whole / 100
	switch t.size.sign {
	case "+":
		want += have.size
	case "-":
		want = have.size - want
	}
	if t.group.extent > 0 {
		want -= math.Mod(want, t.group.extent)
	}
	switch {
	case want > have.size:
		if missing := want - have.size; missing > t.group.free {
			return false, false, module.Failf("Logical Volume %s could not be extended. Not enough free space left (%sm required / %sm available)",
				have.name, value.Repr(value.Float(missing)), value.Repr(value.Float(t.group.free)))
		}
		return true, false, nil
	case !t.Args.Bool("shrink"), have.size <= want+t.group.extent:
		return false, false, nil
	case want < 1:
		return false, false, module.Failf("Sorry, no shrinking of %s to 0 permitted.", have.name)
	case !t.Args.Bool("force"):
		return false, false, module.Failf("Sorry, no shrinking of %s without force=true", have.name)
	}
	return false, true, nil
}

// resize does it, and reports whether the volume's size changed. LVM reckons in
// extents: it may find that there is nothing to do.
func (t *task) resize(ctx context.Context, have *volume, grow bool, res *module.Result) (bool, error) {
	program, args := "lvreduce", []string{"--force"}
	if grow {
		program, args = "lvextend", nil
	}
	if t.Args.Bool("resizefs") {
		args = append(args, "--resizefs")
	}
	args = append(append(args, t.test()...), t.size.words(t.size.sign)...)
	out, err := t.run(ctx, program, append(append(args, t.vg+"/"+have.name), t.Args.Strs("pvs")...)...)
	if err != nil {
		return false, err
	}
	said := out.Stdout + out.Stderr
	lv := t.Args.Str("lv") // of a snapshot too
	if lv == "" {
		lv = have.name
	}
	failure := func() *module.Failure { return failed("Unable to resize "+lv+" to "+t.size.text+t.size.unit, out) }
	switch {
	case strings.Contains(out.Stdout, "Reached maximum COW size"): // a snapshot as big as its origin, which is not what was asked for
		f := failure()
		f.Values.SetStr("out", value.Str(out.Stdout))
		return false, f
	case out.RC == 0:
		res.Changed = true
		return true, nil
	case strings.Contains(said, "matches existing size"):
		return false, nil
	case strings.Contains(said, "not larger than existing size"):
		res.Msg = "Original size is larger than requested size"
		res.Values.SetStr("err", value.Str(out.Stderr))
		return false, nil
	}
	return false, failure()
}
