package module

import "github.com/churten/churten/jinja/value"

// FromDict is the way back from Dict; it also takes what Python modules give.
// Values keeps the dict's keys in their order (and is d itself: do not change
// d after), so that Dict gives it again.
func FromDict(d *value.Dict) *Result {
	r := &Result{Values: d}
	r.Changed = flag(d, "changed")
	r.Failed = flag(d, "failed")
	r.Skipped = flag(d, "skipped")
	r.Unreachable = flag(d, "unreachable")
	r.Msg = text(d, "msg")
	r.Exception = text(d, "exception")
	r.Cause = text(d, "_ansible_cause")
	if v, ok := d.GetStr("ansible_facts"); ok {
		r.Facts, _ = v.(*value.Dict)
	}
	if v, ok := d.GetStr("invocation"); ok {
		if inv, ok := v.(*value.Dict); ok {
			if args, ok := inv.GetStr("module_args"); ok {
				r.Invocation, _ = args.(*value.Dict)
			}
		}
	}
	r.fromWarnings(d)
	if v, ok := d.GetStr("diff"); ok {
		r.fromDiff(v)
	}
	return r
}

func flag(d *value.Dict, key string) bool {
	v, ok := d.GetStr(key)
	return ok && value.Truth(v)
}

func text(d *value.Dict, key string) string {
	if v, ok := d.GetStr(key); ok {
		if s, ok := v.(value.Str); ok {
			return string(s)
		}
	}
	return ""
}

func (r *Result) fromWarnings(d *value.Dict) {
	if v, ok := d.GetStr("warnings"); ok {
		if l, ok := v.(*value.List); ok {
			for _, w := range l.Items {
				r.Warnings = append(r.Warnings, value.Text(w))
			}
		}
	}
	if v, ok := d.GetStr("deprecations"); ok {
		l, _ := v.(*value.List)
		if l == nil {
			return
		}
		for _, item := range l.Items {
			if dep, ok := item.(*value.Dict); ok {
				r.Deprecated = append(r.Deprecated, Deprecation{Msg: text(dep, "msg"), Version: text(dep, "version"),
					Date: text(dep, "date"), Collection: text(dep, "collection_name"), Raw: dep})
			}
		}
	}
}

func (r *Result) fromDiff(v value.Value) {
	entries := []value.Value{v}
	if l, ok := v.(*value.List); ok {
		entries, r.DiffList = l.Items, true
	}
	for _, e := range entries {
		d, ok := e.(*value.Dict)
		if !ok {
			continue
		}
		diff := Diff{Raw: d, BeforeHeader: text(d, "before_header"), AfterHeader: text(d, "after_header"), Prepared: text(d, "prepared"),
			SrcBinary: flag(d, "src_binary"), DstBinary: flag(d, "dst_binary"), SrcLarger: number(d, "src_larger"), DstLarger: number(d, "dst_larger")}
		if v, ok := d.GetStr("before"); ok {
			diff.Before = v
		}
		if v, ok := d.GetStr("after"); ok {
			diff.After = v
		}
		r.Diff = append(r.Diff, diff)
	}
}

func number(d *value.Dict, key string) int64 {
	v, _ := d.GetStr(key)
	n, _ := v.(value.Int)
	return int64(n)
}
