package module

import (
	"github.com/churten/churten/jinja/value"
)

// Dict gives the result as one dict, as the reference has it when the module
// has run: the module's own keys in their order, "failed" and "msg" after
// them, then warnings and invocation. What only the executor adds (stdout_lines,
// exception, "failed": False) is not there. The dict is new, its values shared.
func (r *Result) Dict() *value.Dict {
	d := value.NewDict(8)
	put := func(key string, v value.Value, ok bool) {
		if ok {
			d.SetStr(key, v)
		}
	}
	_, placed := r.Values.GetStr("changed")
	if !placed && !r.Failed && !r.Skipped {
		d.SetStr("changed", value.Bool(r.Changed))
	}
	for k, v := range r.Values.All() {
		if s, ok := k.(value.Str); ok {
			if shared, ok := r.shared(string(s), v); ok {
				v = shared
			}
		}
		d.Set(k, v)
	}
	put("ansible_facts", r.Facts, r.Facts != nil && !has(d, "ansible_facts"))
	put("diff", r.diff(), len(r.Diff) > 0 && !has(d, "diff"))
	put("failed", value.True, r.Failed && !has(d, "failed"))
	put("unreachable", value.True, r.Unreachable && !has(d, "unreachable"))
	put("skipped", value.True, r.Skipped && !has(d, "skipped"))
	put("msg", value.Str(r.Msg), r.Msg != "" && !has(d, "msg"))
	put("changed", value.Bool(r.Changed), !has(d, "changed"))
	put("exception", value.Str(r.Exception), r.Exception != "" && !has(d, "exception"))
	put("_ansible_cause", value.Str(r.Cause), r.Cause != "")
	put("invocation", value.DictOf("module_args", orEmpty(r.Invocation)), r.Invocation != nil && !has(d, "invocation"))
	put("warnings", value.Strings(r.Warnings...), len(r.Warnings) > 0 && !has(d, "warnings"))
	put("deprecations", r.deprecations(), len(r.Deprecated) > 0 && !has(d, "deprecations"))
	return d
}

// LeftOut is the result of an action that leaves its task out, which the
// reference's actions do by an exception. Its Values give the places of keys alone.
func LeftOut(msg string) *Result {
	return &Result{Skipped: true, Msg: msg, Values: value.DictOf("skipped", value.None, "msg", value.None)}
}

func orEmpty(d *value.Dict) *value.Dict {
	if d == nil {
		return value.NewDict(0)
	}
	return d
}

// shared gives the value of a shared key that Values has as v.
func (r *Result) shared(key string, v value.Value) (value.Value, bool) {
	none := isNone(v)
	switch key {
	case "changed":
		return value.Bool(r.Changed), none || r.Changed
	case "failed":
		return value.Bool(r.Failed), none || r.Failed
	case "skipped":
		return value.Bool(r.Skipped), none || r.Skipped
	case "unreachable":
		return value.Bool(r.Unreachable), none || r.Unreachable
	case "msg":
		return value.Str(r.Msg), none || r.Msg != ""
	case "exception":
		return value.Str(r.Exception), r.Exception != ""
	case "diff":
		return r.diff(), none || len(r.Diff) > 0
	case "ansible_facts":
		return orEmpty(r.Facts), none || r.Facts != nil
	case "warnings":
		return value.Strings(r.Warnings...), none || len(r.Warnings) > 0
	case "deprecations":
		return r.deprecations(), none || len(r.Deprecated) > 0
	case "invocation":
		return value.DictOf("module_args", orEmpty(r.Invocation)), r.Invocation != nil
	}
	return nil, false
}

func (r *Result) deprecations() value.Value {
	l := value.NewList()
	for _, dep := range r.Deprecated {
		if dep.Raw != nil {
			l.Items = append(l.Items, dep.Raw)
			continue
		}
		d := value.DictOf("msg", value.Str(dep.Msg))
		for _, f := range []struct{ k, v string }{{"version", dep.Version}, {"date", dep.Date}, {"collection_name", dep.Collection}} {
			if f.v != "" {
				d.SetStr(f.k, value.Str(f.v))
			}
		}
		l.Items = append(l.Items, d)
	}
	return l
}

func (r *Result) diff() value.Value {
	if len(r.Diff) == 1 && !r.DiffList {
		return r.Diff[0].Dict()
	}
	l := value.NewList()
	for i := range r.Diff {
		l.Items = append(l.Items, r.Diff[i].Dict())
	}
	return l
}

// Dict gives d in the reference's form.
func (d *Diff) Dict() *value.Dict {
	if d.Raw != nil {
		return d.Raw
	}
	out := value.NewDict(4)
	if d.Before != nil {
		out.SetStr("before", d.Before)
	}
	if d.After != nil {
		out.SetStr("after", d.After)
	}
	for _, f := range []struct{ k, v string }{{"before_header", d.BeforeHeader}, {"after_header", d.AfterHeader}, {"prepared", d.Prepared}} {
		if f.v != "" {
			out.SetStr(f.k, value.Str(f.v))
		}
	}
	if d.SrcBinary {
		out.SetStr("src_binary", value.Int(1))
	}
	if d.DstBinary {
		out.SetStr("dst_binary", value.Int(1))
	}
	if d.SrcLarger > 0 {
		out.SetStr("src_larger", value.Int(d.SrcLarger))
	}
	if d.DstLarger > 0 {
		out.SetStr("dst_larger", value.Int(d.DstLarger))
	}
	return out
}

func has(d *value.Dict, key string) bool {
	_, ok := d.GetStr(key)
	return ok
}
