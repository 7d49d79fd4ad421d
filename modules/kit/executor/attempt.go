package executor

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// attempt is a task (or one item of its loop) run to its end, with all tries.
type attempt struct {
	vars      *value.Dict // loop variables
	result    *module.Result
	dict      *value.Dict
	args      *value.Dict // evaluated
	skipped   bool
	noLog     bool
	ignored   bool
	diff      bool
	delegate  string
	address   string // of the delegate, see Target
	failure   *event.Failure
	started   time.Time
	ended     time.Time
	byModule  bool   // the failure is a module's own
	began     bool   // the action was started
	job       string // the job that was waited for
	jobFailed bool
	refused   bool  // the action's arguments were wrong
	early     bool  // over before ignore_errors was evaluated
	said      *bool // of a loop: what failed_when said of its items, nil where it was not asked
}

func (a *attempt) status() event.Status {
	switch {
	case truthy(a.dict, "unreachable"):
		return event.Unreachable
	case a.failed():
		return event.Failed
	case truthy(a.dict, "skipped"):
		return event.Skipped
	}
	return event.OK
}

// failed says whether the task failed: what failed_when said counts, also where
// a task that ran out of retries is marked as failed (seen on ansible-core 2.19).
func (a *attempt) failed() bool {
	if a.said != nil {
		return *a.said
	}
	if said, ok := a.dict.GetStr("failed_when_result"); ok {
		return said == value.Value(value.True) || said.Type() == "str" // why it could not be asked
	}
	return truthy(a.dict, "failed")
}

// failed is an attempt that an error of ours ended.
func (x *execution) failed(vars *value.Dict, f *event.Failure) *attempt {
	d := value.NewDict(4)
	d.SetStr("failed", value.True)
	d.SetStr("exception", value.Str(noTraceback))
	d.SetStr("msg", value.Str(Message(f)))
	if f.Msg == failedTask {
		d.SetStr("changed", value.False)
	}
	a := &attempt{vars: vars, dict: d, failure: f, result: &module.Result{Failed: true, Msg: Message(f)}}
	x.judgeIgnored(context.Background(), x.scope, a)
	return a
}

// failedEarly is an attempt that err ended before the task's keywords were all
// evaluated: what is written for ignore_errors counts then, where it is a
// template that is something, and so true (seen on ansible-core 2.19).
func (x *execution) failedEarly(vars *value.Dict, f *event.Failure) *attempt {
	a := x.failed(vars, f)
	a.early, a.ignored = true, x.ignoredAsWritten()
	return a
}

func (x *execution) ignoredAsWritten() bool {
	v := x.task.IgnoreErrors
	return v != nil && (isTemplate(v) || value.Truth(v))
}

// skips evaluates the conditions; it gives the skipped attempt when one is false.
func (x *execution) skips(std context.Context, scope Scope) (*attempt, error) {
	ctx := x.ctx(std, scope)
	for _, c := range x.task.When {
		if c.Value == value.Value(value.None) {
			continue // as in the reference, of this keyword alone
		}
		ok, err := Condition(ctx, c)
		if err != nil {
			return nil, err
		}
		if ok {
			continue
		}
		d := value.NewDict(4)
		d.SetStr("changed", value.False)
		d.SetStr("skipped", value.True)
		d.SetStr("skip_reason", value.Str("Conditional result was False"))
		d.SetStr("false_condition", asWritten(c))
		return &attempt{dict: d, skipped: true, result: &module.Result{Skipped: true}}, nil
	}
	return nil, nil
}

func asWritten(c plan.Cond) value.Value {
	switch {
	case c.Expr != nil:
		return value.Str(c.Expr.Source())
	default:
		if t, ok := c.Value.(*expr.Template); ok {
			return value.Str(t.Source())
		}
		return c.Value
	}
}

// Condition evaluates one condition.
func Condition(ctx *expr.Ctx, c plan.Cond) (bool, error) {
	ok, err := truth(ctx, c.Expr, c.Value)
	if err == nil {
		return ok, nil
	}
	return false, conditionFault(err, c.Pos)
}

// conditionFault tells why a condition at pos cannot be judged: what is wrong
// with a variable that it reads has the variable's place.
func conditionFault(err error, pos source.Pos) error {
	f := &event.Failure{Msg: err.Error(), Pos: pos}
	var broken *expr.ConditionError
	var undefined *expr.UndefinedError
	var failed *expr.TemplateError
	var unread *expr.SyntaxError
	switch {
	case errors.Is(err, expr.ErrOmitted):
		f.Help = omittedHelp
	case errors.As(err, &broken):
		if broken.Nowhere {
			f.Pos, f.Apart = source.Pos{}, true
		}
		f.Help = "Broken conditionals can be temporarily allowed with the `ALLOW_BROKEN_CONDITIONALS` configuration option."
	case errors.As(err, &undefined):
		msg, about := strings.CutPrefix(undefined.Msg, expr.InCondition+": ")
		if about && !undefined.Pos.IsZero() && undefined.Pos != pos {
			f.Msg, f.Cause = expr.InCondition, &event.Failure{Msg: msg, Pos: undefined.Pos}
		}
	case errors.As(err, &failed):
		if f.Help = failed.Help; !failed.Pos.IsZero() {
			f.Pos = failed.Pos
		}
	case errors.As(err, &unread) && !unread.Pos.IsZero():
		f.Pos = unread.Pos
	}
	return chainError{f}
}

// truth evaluates a compiled condition, or what stood in place of one.
func truth(ctx *expr.Ctx, e *expr.Expr, v value.Value) (bool, error) {
	if e != nil {
		return e.Truth(ctx)
	}
	v, err := value.Force(v) // what cannot be compiled says so when it is read
	if err != nil {
		return false, err
	}
	switch v := v.(type) {
	case value.Bool:
		return bool(v), nil
	case value.NoneType:
		return expr.TruthOfNone(ctx)
	}
	return false, &expr.ConditionError{Msg: "Conditional expressions must be strings."}
}

// attempts runs the task once, or until its condition holds. sent, if set, is
// called when the first module call is on its way.
func (x *execution) attempts(std context.Context, scope Scope, vars *value.Dict, sent ...func()) *attempt {
	started := time.Now()
	a := x.tries(std, scope, vars, sent)
	a.vars = vars
	a.started, a.ended = started, time.Now()
	x.judgeIgnored(std, scope, a)
	return a
}

// judgeIgnored evaluates the keywords that say how a result is taken.
func (x *execution) judgeIgnored(std context.Context, scope Scope, a *attempt) {
	if scope == nil {
		return
	}
	ctx := x.ctx(std, scope)
	noLog, err := x.flag(ctx, "no_log", x.task.NoLog, x.NoLog)
	a.noLog = noLog || err != nil || a.result != nil && a.result.Hidden
	a.diff, _ = x.flag(ctx, "diff", x.task.Diff, x.Diff)
	if a.result != nil && a.result.ShowDiff != nil {
		a.diff = *a.result.ShowDiff || x.Diff
	}
	switch a.status() {
	case event.Failed:
		if a.early {
			a.ignored = x.ignoredAsWritten()
			return
		}
		a.ignored, _ = x.flag(ctx, "ignore_errors", x.task.IgnoreErrors, false)
	case event.Unreachable:
		a.ignored, _ = x.flag(ctx, "ignore_unreachable", x.task.IgnoreUnreachable, false)
	}
}

func (x *execution) tries(std context.Context, scope Scope, vars *value.Dict, sent []func()) *attempt {
	delegate, err := x.w.DelegateTo(std, x.task, scope)
	if err != nil {
		a := x.failedEarly(vars, taskFailed(x.task, err))
		a.delegate = delegateWritten(x.task)
		return a
	}
	skip, err := x.skips(std, scope)
	if err != nil {
		a := x.failedEarly(vars, taskFailed(x.task, err))
		x.delegated(std, scope, a, delegate)
		return a
	}
	if skip != nil {
		return skip
	}
	ctx := x.ctx(std, scope)
	if err := x.keywords(ctx); err != nil {
		x.warnNoLog(ctx)
		a := x.failed(vars, taskFailed(x.task, err))
		var early earlyError
		if errors.As(err, &early) {
			a = x.failedEarly(vars, taskFailed(x.task, early.error))
		}
		x.delegated(std, scope, a, delegate)
		return a
	}
	if _, err := Debugger(ctx, x.task); err != nil {
		return x.failed(vars, taskFailed(x.task, err))
	}
	most, delay, err := x.retries(ctx)
	if err != nil {
		return x.failed(vars, taskFailed(x.task, err))
	}
	for n := 1; ; n++ {
		try := n
		if most <= 1 {
			try = 0
		}
		a, after := x.once(std, scope, vars, sent, try)
		if most <= 1 || a.status() == event.Unreachable {
			x.tellJob(ctx, a, false)
			return a
		}
		done, err := x.until(std, after, a)
		if err != nil {
			return x.broke(vars, err)
		}
		x.tellJob(ctx, a, !done && n != most)
		if done {
			a.dict.SetStr("attempts", value.Int(n))
			return a
		}
		if n == most {
			a.dict.SetStr("attempts", value.Int(most-1))
			a.dict.SetStr("failed", value.True)
			a.dict.SetStr("exception", value.Str(noTraceback))
			if a.failure == nil {
				a.failure = x.resultFailure(a)
			}
			return a
		}
		x.tellRetry(ctx, a, vars, n, most)
		select {
		case <-std.Done():
			return a
		case <-time.After(delay):
		}
	}
}

// delegated notes the delegate of an attempt that was over before it began.
func (x *execution) delegated(std context.Context, scope Scope, a *attempt, delegate string) {
	if a.delegate = delegate; delegate == "" {
		return
	}
	if target, err := x.w.Target(std, x.task, scope); err == nil {
		a.address = target.Address()
	}
}

// retries gives how often the task is run at most and the time between.
func (x *execution) retries(ctx *expr.Ctx) (most int, delay time.Duration, err error) {
	if len(x.task.Until) == 0 && x.task.Retries == nil {
		return 1, 0, nil
	}
	n, err := x.number(ctx, "retries", x.task.Retries, 3)
	if err != nil {
		return 0, 0, err
	}
	seconds, err := x.number(ctx, "delay", x.task.Delay, 5)
	if err != nil {
		return 0, 0, err
	}
	return max(1, int(n)+1), time.Duration(max(seconds, 0) * float64(time.Second)), nil
}

// until judges an attempt of a task that may be tried again.
func (x *execution) until(std context.Context, after Scope, a *attempt) (bool, error) {
	if len(x.task.Until) == 0 {
		return !truthy(a.dict, "failed"), nil
	}
	ctx := x.ctx(std, after)
	for _, c := range x.task.Until {
		ok, err := Condition(ctx, c)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (x *execution) tellRetry(ctx *expr.Ctx, a *attempt, vars *value.Dict, n, most int) {
	noLog, err := x.flag(ctx, "no_log", x.task.NoLog, x.NoLog)
	e := event.Retry{Host: x.w.Host(), Task: x.shown, Delegated: x.elsewhere(a), Left: most - n, Attempt: n, Retries: most,
		Value: a.dict, NoLog: noLog || err != nil}
	if vars != nil {
		e.Item = true
		e.Label, _ = vars.GetStr(x.task.LoopControl.LoopVar)
	}
	x.Sink(e)
}

// once runs the task a single time and judges the result. after is the scope
// with the result registered. try counts the attempts of a task that may be
// tried again, for its conditions; 0 where there is one only.
func (x *execution) once(std context.Context, scope Scope, vars *value.Dict, sent []func(), try int) (a *attempt, after Scope) {
	ctx := x.ctx(std, scope)
	a = &attempt{vars: vars}
	result, err := x.invoke(std, ctx, scope, a, sent)
	var f *module.Failure
	if errors.As(err, &f) && f.Result != nil && f.Result.Unreachable {
		result, err = f.Result, nil // an action's way to its host was cut
	}
	var lost *module.LostResult
	if errors.As(err, &lost) {
		failed := x.failed(vars, &event.Failure{Msg: lost.Msg})
		failed.dict.SetStr("exception", value.Str(noTraceback))
		return failed, scope
	}
	if err != nil {
		failed := x.failed(vars, taskFailed(x.task, err))
		var early earlyError
		switch {
		case errors.As(err, &early):
			failed = x.failedEarly(vars, taskFailed(x.task, early.error))
		case a.began:
			failed = x.broke(vars, err)
		}
		failed.delegate, failed.address = a.delegate, a.address
		return failed, scope
	}
	a.result = result
	a.dict = result.Dict()
	if msg, ok := result.Values.GetStr("msg"); ok && msg == value.Value(value.None) && x.act != nil && result.Msg == "" {
		a.dict.SetStr("msg", msg) // debug's message may be null
	}
	if truthy(a.dict, "unreachable") {
		a.failure = taskFailed(x.task, errors.New(result.Msg))
		a.dict = value.DictOf("unreachable", value.True, "exception", value.Str(noTraceback), "msg", value.Str(Message(a.failure)), "changed", value.False)
		return a, scope
	}
	if w, ok := x.w.(Applier); ok {
		w.Apply(result, a.dict)
	}
	x.complete(a)
	if try > 0 {
		a.dict.SetStr("attempts", value.Int(try))
	}
	after = scope.Overlay(x.left(a))
	x.judge(std, after, a)
	if truthy(a.dict, "failed") {
		// As the reference keeps it in what is registered.
		a.dict.SetStr("exception", value.Str(noTraceback))
		if a.failure == nil {
			a.failure = x.resultFailure(a)
		}
	}
	return a, after
}

// broke is an attempt that an error of ours ended once it was under way.
func (x *execution) broke(vars *value.Dict, err error) *attempt {
	a := x.failed(vars, taskFailed(x.task, err))
	var late *timeoutError
	if errors.As(err, &late) {
		d := value.DictOf("timedout", late.timedOut()) // it stands in front
		for k, v := range a.dict.All() {
			d.Set(k, v)
		}
		a.dict = d
	}
	return a
}

// noTraceback is what the reference registers where there is no traceback.
const noTraceback = module.NoTraceback

// left gives what an attempt leaves for conditions on it and for the items
// that follow: the result under its name, and facts.
func (x *execution) left(a *attempt) *value.Dict {
	own := value.NewDict(2)
	if x.task.Register != "" {
		own.SetStr(x.task.Register, a.dict)
	}
	for k, v := range a.result.Facts.All() {
		own.Set(k, v)
	}
	return own
}

// complete adds the keys every registered result has.
func (x *execution) complete(a *attempt) {
	if _, placed := a.result.Values.GetStr("changed"); !placed && x.act != nil && !a.byModule || x.mod != nil && x.mod.ChangedLast && !truthy(a.dict, "failed") {
		// What an action or module does not say is added behind what it says.
		changed := truthy(a.dict, "changed")
		a.dict.Delete(value.Str("changed"))
		defer a.dict.SetStr("changed", value.Bool(changed))
	} else if _, ok := a.dict.GetStr("changed"); !ok {
		a.dict.SetStr("changed", value.False)
	}
	if _, ok := a.dict.GetStr("failed"); !ok && !a.leftOut() && a.result.Include == nil {
		rc, ok := a.dict.GetStr("rc")
		n, isInt := rc.(value.Int)
		if ok && isInt && n != 0 {
			a.dict.SetStr("failed", value.True)
		} else {
			a.dict.SetStr("failed", value.False)
		}
	}
}

// addLines adds stdout_lines and stderr_lines to what a module gave.
func addLines(d *value.Dict) {
	for _, name := range []string{"stdout", "stderr"} {
		v, ok := d.GetStr(name)
		if _, has := d.GetStr(name + "_lines"); !ok || has {
			continue
		}
		if text, isText := v.(value.Str); isText {
			d.SetStr(name+"_lines", value.Strings(value.SplitLines(string(text), false)...))
		}
	}
}

// leftOut says that an action ended by leaving the task out, which in the
// reference is an exception: such a result has no "failed". Those that say
// "skipped" of what they did in check mode have one.
func (a *attempt) leftOut() bool {
	if !truthy(a.dict, "skipped") {
		return false
	}
	// Such a result gives the keys' places alone, by values that are null.
	place, raised := a.result.Values.GetStr("skipped")
	return raised && place == value.Value(value.None)
}

// judge applies changed_when and failed_when; of what was skipped, also by
// the module itself in check mode, they are not asked, nor of a result that
// says it was not skipped; nor of an action's own error, which is no result
// (seen on ansible-core 2.19).
func (x *execution) judge(std context.Context, scope Scope, a *attempt) {
	if _, ok := a.dict.GetStr("skipped"); ok || a.failure != nil {
		return
	}
	ctx := x.ctx(std, scope)
	if len(x.task.ChangedWhen) > 0 {
		changed, err := all(ctx, x.task.ChangedWhen)
		if err != nil {
			a.dict.SetStr("failed", value.True)
			a.dict.SetStr("changed_when_result", value.Str(err.Error()))
		} else {
			a.dict.SetStr("changed", value.Bool(changed))
		}
	}
	if len(x.task.FailedWhen) > 0 {
		failed, err := all(ctx, x.task.FailedWhen)
		switch {
		case err != nil:
			a.dict.SetStr("failed", value.True)
			a.dict.SetStr("failed_when_result", value.Str(err.Error()))
			a.byModule = false
		default:
			was := truthy(a.dict, "failed")
			a.dict.SetStr("failed", value.Bool(failed))
			a.dict.SetStr("failed_when_result", value.Bool(failed))
			if !failed {
				a.dict.Delete(value.Str("exception"))
			}
			if was && !failed && (a.byModule || a.result.Told != "") {
				a.dict.SetStr("failed_when_suppressed_exception", value.Str(noTraceback))
				a.byModule = false
			}
			if failed && !was {
				a.byModule = false
			}
		}
		if truthy(a.dict, "failed") && !a.byModule {
			a.failure = x.resultFailure(a)
		}
	}
}

func all(ctx *expr.Ctx, conds []plan.Cond) (bool, error) {
	for _, c := range conds {
		ok, err := Condition(ctx, c)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// resultFailure tells a failed result as links.
func (x *execution) resultFailure(a *attempt) *event.Failure {
	kind := "Action failed"
	told := a.result != nil && a.result.Told != "" && truthy(a.dict, "failed")
	if a.byModule || told {
		kind = "Module failed"
	}
	f := &event.Failure{Msg: kind}
	msg, ok := a.dict.GetStr("msg")
	if told {
		msg = value.Str(a.result.Told)
	}
	if !ok {
		msg = value.Str("Task failed: " + kind + ": Unknown error.")
		a.dict.SetStr("msg", msg)
	}
	if text := strings.TrimPrefix(value.Text(msg), "Task failed: "+kind+": "); text != "" {
		f.Cause = &event.Failure{Msg: text}
		if a.result != nil {
			f.Cause.Help, f.Cause.Apart = a.result.Help, a.result.Help != ""
		}
		if a.result != nil && a.result.Cause != "" {
			f.Cause.Msg = strings.TrimSuffix(f.Cause.Msg, ".")
			f.Cause.Cause = &event.Failure{Msg: a.result.Cause}
		}
	} else {
		f.Msg += "."
	}
	return &event.Failure{Msg: "Task failed", Pos: x.task.Pos, Cause: f}
}
