package firewalld

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// lasting refuses what firewalld has only in what it keeps.
func (t *task) lasting(ctx context.Context) error {
	if t.immediate {
		return t.complain(ctx, module.Failf("Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the 'immediate' flag to 'true'."))
	}
	if t.Args.Int("timeout") != 0 {
		t.Warn("timeout has no effect on zones")
	}
	return nil
}

// zones makes or removes a zone.
func (t *task) zones(ctx context.Context) (bool, error) {
	if err := t.lasting(ctx); err != nil {
		return false, err
	}
	have, err := t.answer(ctx, false, "--permanent", "--get-zones")
	if err != nil {
		return false, err
	}
	zone, err := t.zoneName(ctx)
	if err != nil {
		return false, err
	}
	wants := t.wants()
	if slices.Contains(strings.Fields(have), zone) == wants {
		return false, nil
	}
	if t.Check {
		return true, nil
	}
	option, word := "--new-zone=", "Added"
	if !wants {
		option, word = "--delete-zone=", "Removed"
	}
	if err := t.must(ctx, false, "--permanent", option+zone); err != nil {
		return false, err
	}
	t.told = append(t.told, word+" zone "+zone, "Changed zone "+zone+" to "+t.state)
	return true, nil
}

// target sets what becomes of packets that nothing is for, or sets it back.
func (t *task) target(ctx context.Context) (bool, error) {
	if err := t.lasting(ctx); err != nil {
		return false, err
	}
	have, err := t.answer(ctx, true, "--permanent", "--get-target")
	if err != nil {
		return false, err
	}
	want, text := t.Args.Str("target"), ""
	same := strings.Trim(have, "%") == strings.Trim(want, "%")
	if t.wants() {
		text = "Set zone " + t.zone + " target to " + want
	} else {
		same = !same || want == "default"
		want, text = "default", "Reset zone "+t.zone+" target to default"
	}
	if same {
		return false, nil
	}
	if t.Check {
		return true, nil
	}
	if err := t.do(ctx, "--permanent", "--set-target="+want); err != nil {
		return false, err
	}
	t.told = append(t.told, text)
	return true, nil
}
