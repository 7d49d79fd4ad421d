package lvg

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// create makes the group and its physical volumes.
func (t *task) create(ctx context.Context) error {
	options := t.words("vg_options")
	auto, err := t.knowsAutoactivation(ctx, "vgcreate")
	if err != nil {
		return err
	}
	if state := t.Args.Str("state"); auto && state != "present" && !strings.Contains(t.Args.Str("vg_options"), autoactivation) {
		options = append(options, autoactivation, yesNo(state == "active"))
	}
	t.changed = true
	if t.Check {
		return nil
	}
	for _, device := range t.devices {
		if err := t.physical(ctx, device); err != nil {
			return err
		}
	}
	args := append(append(options, "-s", t.Args.Str("pesize"), t.vg), t.devices...)
	return t.do(ctx, "Creating volume group '"+t.vg+"' failed", "vgcreate", args...)
}

// physical makes a physical volume.
func (t *task) physical(ctx context.Context, device string) error {
	return t.do(ctx, "Creating physical volume '"+device+"' failed", "pvcreate", append(t.words("pv_options"), "-f", device)...)
}

// change makes the group that is there what it should be.
func (t *task) change(ctx context.Context, all []physical) error {
	if state := t.Args.Str("state"); state != "present" {
		if err := t.activate(ctx, state == "active"); err != nil {
			return err
		}
	}
	if t.Args.Bool("reset_vg_uuid") {
		t.changed = true
		if !t.Check {
			if _, err := t.must(ctx, "vgchange", "-u", t.vg); err != nil {
				return err
			}
		}
	}
	if len(t.devices) == 0 {
		return nil
	}
	var have []string
	for _, p := range all {
		if p.group == t.vg {
			have = append(have, p.device)
		}
	}
	for _, device := range have {
		if err := t.refresh(ctx, device); err != nil {
			return err
		}
	}
	return t.members(ctx, have)
}

// members adds and removes physical volumes.
func (t *task) members(ctx context.Context, have []string) error {
	add := without(t.devices, have)
	var drop []string
	if t.Args.Bool("remove_extra_pvs") {
		drop = without(have, t.devices)
	}
	t.changed = t.changed || len(add)+len(drop) > 0
	if t.Check {
		return nil
	}
	if len(add) > 0 {
		for _, device := range add {
			if err := t.physical(ctx, device); err != nil {
				return err
			}
		}
		if err := t.do(ctx, "Unable to extend "+t.vg+" by "+strings.Join(add, " ")+".", "vgextend", append([]string{t.vg}, add...)...); err != nil {
			return err
		}
	}
	if len(drop) == 0 {
		return nil
	}
	return t.do(ctx, "Unable to reduce "+t.vg+" by "+strings.Join(drop, " ")+".", "vgreduce", append([]string{"--force", t.vg}, drop...)...)
}

// without gives what is in all and not in others, each once.
func without(all, others []string) []string {
	var out []string
	for _, s := range all {
		if !contains(others, s) && !contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func contains(all []string, s string) bool { return slices.Contains(all, s) }

// words parts an argument of options; they are handed on as they are, with ~ and
// variables expanded.
func (t *task) words(arg string) []string {
	words := strings.Fields(t.Args.Str(arg))
	for i, word := range words {
		words[i] = module.ExpandPath(word, t.Env)
	}
	return words
}
