package lvol

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// create makes the volume, snapshot or thin pool. lv is the volume that the task
// names; a snapshot is made of it.
func (t *task) create(ctx context.Context, lv string) (*module.Result, error) {
	pool := t.Args.Str("thinpool")
	thin := t.origin != nil && t.origin.kind() == 'V' // takes no room of its own
	if t.size == nil && !thin {
		return nil, module.Failf("No size given.")
	}
	if s := t.size; s != nil && (s.sign == "-" || s.sign == "+" && s.percent == "") {
		return nil, module.Failf("Bad size specification of '%s%s' for creating LV", s.sign, s.text)
	}
	args := t.test()
	if t.yes {
		args = append(args, "--yes")
	}
	var room []string
	if t.size != nil {
		room = t.size.words("")
	}
	pvs := t.Args.Strs("pvs")
	shown := lv
	switch {
	case t.origin != nil:
		args = append(append(args, room...), "-s", "-n", t.name)
		args = append(append(args, t.options...), t.vg+"/"+lv)
		thin = thin && t.size == nil
	case pool != "" && lv != "":
		if t.size.percent != "" {
			return nil, module.Failf("Thin volume sizing with percentage not supported.").With("changed", value.False)
		}
		thin = true
		args = append(args, "-n", lv, "-V", room[1])
		args = append(append(args, t.options...), "-T", t.vg+"/"+pool)
	case pool != "":
		shown = pool
		args = append(append(args, room...), t.options...)
		args = append(args, "-T", t.vg+"/"+pool)
	default:
		args = append(append(args, "-n", lv), room...)
		args = append(append(args, t.options...), t.vg)
	}
	if thin && len(pvs) > 0 {
		t.Warn("pvs has no meaning for " + t.name + ": it lies where its thin pool does")
		pvs = nil
	}
	out, err := t.run(ctx, "lvcreate", append(args, pvs...)...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failed("Creating logical volume '"+shown+"' failed", out)
	}
	switch {
	case t.Args.Bool("active"):
	case t.origin != nil && t.origin.kind() != 'V':
		t.Warn(t.name + " is active as long as " + lv + ", which it is a snapshot of")
	default:
		err = t.activate(ctx, t.name, false)
	}
	return quiet(true), err
}
