package strategy

import (
	"fmt"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

// Refuse names what a playbook asks for that this version cannot do, before
// anything is connected to. A keyword is done or refused, never passed over.
func (r *Run) Refuse(pb *plan.Playbook) error {
	var errs source.Errors
	refuse := func(pos source.Pos, format string, args ...any) {
		errs = append(errs, &source.Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
	}
	for _, p := range pb.Plays {
		for _, t := range append(plan.Tasks(p.Blocks), plan.Tasks(p.Handlers)...) {
			refuseTask(t, refuse)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

func refuseTask(t *plan.Task, refuse func(source.Pos, string, ...any)) {
	if what, _ := t.Args.GetStr("_raw_params"); isMeta(t) && what == value.Value(value.Str("end_role")) && t.Role == nil {
		refuse(t.Pos, "Cannot execute 'end_role' from outside of a role")
	}
}

// refuseBlocks is Refuse for what an include brought in.
func refuseBlocks(blocks []*plan.Block) error {
	var errs source.Errors
	for _, t := range plan.Tasks(blocks) {
		refuseTask(t, func(pos source.Pos, format string, args ...any) {
			errs = append(errs, &source.Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
		})
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
