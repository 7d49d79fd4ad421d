package executor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
)

// job is how a task with `async` runs: apart from the connection, for so long
// at most, asked about every so often; without poll nobody waits for it.
type job struct {
	limit, poll time.Duration
	dir         string
}

const (
	asyncStatus = "ansible.builtin.async_status"
	// defaultPoll is DEFAULT_POLL_INTERVAL of the reference.
	defaultPoll = 15
)

// job evaluates the keywords; nil for a task that runs as others do.
func (x *execution) job(ctx *expr.Ctx, scope Scope) (*job, error) {
	limit, err := x.wholeNumber(ctx, "async_val", x.task.Async, 0)
	if err != nil {
		return nil, err
	}
	def := x.PollInterval
	if def == 0 {
		def = defaultPoll
	}
	poll, err := x.wholeNumber(ctx, "poll", x.task.Poll, int64(def))
	if err != nil || limit <= 0 {
		return nil, err
	}
	dir, err := x.jobDir(ctx, scope)
	return &job{limit: time.Duration(limit) * time.Second, poll: time.Duration(poll) * time.Second, dir: dir}, err
}

// jobDir gives the folder where jobs keep their files, as it is set.
func (x *execution) jobDir(ctx *expr.Ctx, scope Scope) (string, error) {
	raw, ok, err := scope.Lookup("ansible_async_dir")
	if err != nil || !ok {
		return x.AsyncDir, err
	}
	v, err := eval(ctx, raw)
	if err != nil {
		return "", err
	}
	return value.Text(v), nil
}

func (x *execution) wholeNumber(ctx *expr.Ctx, keyword string, v value.Value, def int64) (int64, error) {
	if v == nil {
		return def, nil
	}
	r, err := evalKeyword(ctx, keyword, v)
	if err != nil {
		return 0, err
	}
	n, err := module.ToInt(r)
	if err != nil {
		return 0, chainError{&event.Failure{Msg: "Error processing keyword '" + keyword + "'", Pos: posOf(v),
			Cause: &event.Failure{Msg: fmt.Sprintf("The value %s could not be converted to 'int'.", value.Repr(r)), Pos: posOf(v)}}}
	}
	return n, nil
}

// polls reports whether somebody waits for the task's job.
func (x *execution) polls() bool {
	if x.task.Async == nil {
		return false
	}
	n, ok := value.AsInt(orZero(x.task.Poll))
	return x.task.Poll == nil || !ok || n != 0
}

func orZero(v value.Value) value.Value {
	if v == nil {
		return value.Int(0)
	}
	return v
}

// wait asks about a job until it is done, and gives what came out of it.
// Should its time be over, that is the result.
func (x *execution) wait(std context.Context, j *job, a *attempt, begun *module.Result, call moduleCall) (*module.Result, error) {
	id, _ := begun.Values.GetStr("ansible_job_id")
	args := value.DictOf("jid", id, "_async_dir", value.Str(j.dir))
	a.job, a.jobFailed = value.Text(id), true
	for left := j.limit; left > 0; {
		select {
		case <-std.Done():
			return nil, context.Cause(std)
		case <-time.After(j.poll):
		}
		r, err := call(std, asyncStatus, args)
		if err != nil || r.Unreachable {
			return r, err
		}
		if truthy(r.Values, "finished") || r.Failed || r.Skipped {
			_, err := call(std, asyncStatus, value.DictOf("jid", id, "_async_dir", value.Str(j.dir), "mode", value.Str("cleanup")))
			a.byModule, a.jobFailed = r.Failed, r.Failed
			told(begun, r)
			return r, err
		}
		if left -= j.poll; left > 0 {
			x.Sink(event.Async{Host: x.w.Host(), Task: x.shown, JobID: a.job, Status: event.Polled, Started: true, Value: r.Dict()})
		}
	}
	values := begun.Values.Clone()
	values.Delete(value.Str("changed"))
	return &module.Result{Failed: true, Values: values,
		Msg: fmt.Sprintf("async task did not complete within the requested time - %ds", int(j.limit.Seconds()))}, nil
}

// told adds to a job's result what was said when it began.
func told(begun, r *module.Result) {
	r.Warnings = append(begun.Warnings[:len(begun.Warnings):len(begun.Warnings)], r.Warnings...)
	r.Deprecated = append(begun.Deprecated[:len(begun.Deprecated):len(begun.Deprecated)], r.Deprecated...)
	for k, v := range begun.Values.All() {
		if name, ok := k.(value.Str); ok && strings.HasPrefix(string(name), "_ansible_") {
			if _, ok := r.Values.Get(k); !ok {
				r.Values.Set(k, v)
			}
		}
	}
}

// tellJob tells how a job that was waited for ended; again is set when the
// task is tried once more, whatever the job gave.
func (x *execution) tellJob(ctx *expr.Ctx, a *attempt, again bool) {
	if a.job == "" {
		return
	}
	e := event.Async{Host: x.w.Host(), Task: x.shown, JobID: a.job, Status: event.OK, Started: true, Finished: true, Value: a.dict}
	if a.jobFailed || again {
		e.Status = event.Failed
	}
	noLog, err := x.flag(ctx, "no_log", x.task.NoLog, x.NoLog)
	e.NoLog = noLog || err != nil
	x.Sink(e)
}
