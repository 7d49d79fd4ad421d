package test

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// The tests of what a task returned.
func init() {
	for _, name := range []string{"failed", "failure"} {
		addResult(name, "failed", "failed", func(c *expr.Call, r *value.Dict) (bool, error) { return flag(r, "failed") })
	}
	for _, name := range []string{"success", "succeeded", "successful"} {
		addResult(name, "success", "failed", func(c *expr.Call, r *value.Dict) (bool, error) {
			failed, err := flag(r, "failed")
			return !failed, err
		})
	}
	for _, name := range []string{"changed", "change"} {
		addResult(name, "changed", "changed", changed)
	}
	for _, name := range []string{"skipped", "skip"} {
		addResult(name, "skipped", "skipped", func(c *expr.Call, r *value.Dict) (bool, error) { return flag(r, "skipped") })
	}
	addResult("unreachable", "unreachable", "unreachable", func(c *expr.Call, r *value.Dict) (bool, error) { return flag(r, "unreachable") })
	addResult("reachable", "reachable", "unreachable", func(c *expr.Call, r *value.Dict) (bool, error) {
		bad, err := flag(r, "unreachable")
		return !bad, err
	})
	addResult("timedout", "timedout", "timedout", timedOut)
	for _, name := range []string{"started", "finished"} {
		addResult(name, name, name, func(c *expr.Call, r *value.Dict) (bool, error) { return async(c, r, name) })
	}
}

// addResult enters a test of a result. named is what the message about a value
// that is no result calls the test.
func addResult(name, py, named string, is func(*expr.Call, *value.Dict) (bool, error)) {
	addLazy(name, py, func(c *expr.Call) (bool, error) {
		v, err := one(c)
		if err != nil {
			return false, err
		}
		if m, ok := v.(value.Mapping); ok {
			if v, err = plain(m); err != nil {
				return false, err
			}
		}
		r, ok := v.(*value.Dict)
		if !ok {
			return false, fmt.Errorf("The '%s' test expects a dictionary", named)
		}
		return is(c, r)
	})
}

func plain(m value.Mapping) (value.Value, error) {
	keys, err := m.MapKeys()
	if err != nil {
		return nil, err
	}
	d := value.NewDict(len(keys))
	d.Lazy = true
	for _, k := range keys {
		item, ok, err := m.MapGet(k)
		if err != nil {
			return nil, err
		}
		if ok {
			d.Set(k, item)
		}
	}
	return d, nil
}

// flag reads a key that is false where it is missing.
func flag(r *value.Dict, key string) (bool, error) {
	v, ok := r.GetStr(key)
	if !ok {
		return false, nil
	}
	v, err := force(v)
	if err != nil {
		return false, err
	}
	return value.Truth(v), nil
}

// changed looks into the results of a loop where the result itself does not say.
func changed(_ *expr.Call, r *value.Dict) (bool, error) {
	_, has := r.GetStr("changed")
	results, _ := r.GetStr("results")
	if has || results == nil {
		return flag(r, "changed")
	}
	results, err := force(results)
	if err != nil {
		return false, err
	}
	l, ok := results.(*value.List)
	if !ok || len(l.Items) == 0 {
		return false, nil
	}
	for i, item := range l.Items {
		if item, err = force(item); err != nil {
			return false, err
		}
		d, ok := item.(*value.Dict)
		if !ok {
			if i == 0 {
				return false, nil
			}
			continue
		}
		if yes, err := flag(d, "changed"); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

func timedOut(_ *expr.Call, r *value.Dict) (bool, error) {
	v, _ := r.GetStr("timedout")
	if v == nil {
		return false, nil
	}
	v, err := force(v)
	if err != nil || !value.Truth(v) {
		return false, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return false, fmt.Errorf("'%s' object has no attribute 'get'", v.Type())
	}
	return flag(d, "period")
}

// async is true for tasks that are not asynchronous at all, with a warning.
func async(c *expr.Call, r *value.Dict, key string) (bool, error) {
	if _, ok := r.GetStr(key); ok {
		return flag(r, key)
	}
	c.Ctx.Notify(expr.Notice{Msg: "The '" + key + "' test expects an async task, but a non-async task was tested"})
	return true, nil
}
