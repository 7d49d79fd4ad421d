package playbook

import "slices"

// Selected reports whether a task with these tags runs under --tags only and
// --skip-tags skip. An empty only means "all".
//
// `always` runs unless it is skipped by name, `never` runs only when one of the
// task's tags is asked for; `all`, `tagged` and `untagged` in the lists stand
// for what they say (seen on ansible-core 2.19, testdata/cases/tags_*).
func Selected(tags, only, skip []string) bool {
	if len(tags) == 0 {
		tags = []string{"untagged"}
	}
	tagged := !slices.Contains(tags, "untagged")
	run := true
	if len(only) > 0 {
		switch {
		case slices.Contains(tags, "always"):
		case slices.Contains(only, "all") && !slices.Contains(tags, "never"):
		case overlap(tags, only):
		case slices.Contains(only, "tagged") && tagged && !slices.Contains(tags, "never"):
		default:
			run = false
		}
	} else if slices.Contains(tags, "never") {
		run = slices.Contains(tags, "always")
	}
	if !run || len(skip) == 0 {
		return run
	}
	switch {
	case slices.Contains(skip, "all"):
		return slices.Contains(tags, "always") && !slices.Contains(skip, "always")
	case overlap(tags, skip):
		return false
	case slices.Contains(skip, "tagged") && tagged:
		return false
	}
	return true
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
