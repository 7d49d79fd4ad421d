package pacman

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// install brings the targets, and what they need, onto the host.
func (j *job) install(ctx context.Context, targets []target) error {
	plan, err := j.plan(ctx, targets)
	if err != nil {
		return err
	}
	if len(plan.packages) == 0 {
		j.nothing("package(s) already installed")
		return nil
	}
	j.changes(plan.before, plan.after)
	if j.Check {
		j.named(plan.packages)
		j.note(count("Would have installed %d packages", len(plan.packages)))
		return nil
	}
	for _, part := range []struct {
		verb  string
		names []string
	}{{"--sync", plan.sync}, {"--upgrade", plan.files}} {
		if len(part.names) == 0 {
			continue
		}
		if err := j.do(ctx, "Failed to install package(s)", append(j.base(part.verb), part.names...)...); err != nil {
			return err
		}
	}
	if len(plan.reasons) > 0 {
		option := "--asexplicit"
		if j.Args.Str("reason") == "dependency" {
			option = "--asdeps"
		}
		words := append([]string{"--noconfirm", "--database", option}, plan.reasons...)
		if err := j.do(ctx, "Failed to install package(s)", words...); err != nil {
			return err
		}
	}
	j.named(plan.packages)
	j.note(count("Installed %d package(s)", len(plan.packages)))
	return nil
}

// nothing is the result where everything is as it shall be.
func (j *job) nothing(msg string) {
	j.named(nil)
	j.note(msg)
}

func (j *job) base(verb string) []string {
	return append(append([]string{"--noconfirm", "--noprogressbar", "--needed"}, j.words.any...), verb)
}

// plan is what an installation does.
type plan struct {
	sync, files   []string // what pacman is told to install
	reasons       []string // packages that get another reason
	packages      []string // all that change, sorted
	before, after []string // lines of the diff
}

func (j *job) plan(ctx context.Context, targets []target) (*plan, error) {
	installed, err := j.installed(ctx)
	if err != nil {
		return nil, err
	}
	newer := map[string]bool{}
	if j.state == "latest" {
		updates, err := j.updates(ctx)
		if err != nil {
			return nil, err
		}
		for _, u := range updates {
			newer[u.name] = true
		}
	}
	p := &plan{}
	var named, kept []string // with a reason of their own: to be installed, there already
	for _, t := range targets {
		_, have := installed[t.name]
		switch {
		case t.file:
			p.files = append(p.files, t.source)
		case !have || newer[t.name]:
			p.sync = append(p.sync, t.source)
		}
		other, err := j.otherReason(ctx, t.name, have)
		if err != nil {
			return nil, err
		}
		switch {
		case other && (!have || newer[t.name] || t.file):
			named = append(named, t.name)
		case other:
			kept = append(kept, t.name)
		}
	}
	p.reasons = append(named, kept...)
	var rows [][2]string
	for _, part := range []struct {
		verb  string
		names []string
	}{{"--sync", p.sync}, {"--upgrade", p.files}} {
		more, err := j.would(ctx, part.verb, part.names)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	slices.SortFunc(rows, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	p.packages = slices.Clone(p.reasons)
	for _, row := range rows {
		name, version := row[0], row[1]
		p.packages = append(p.packages, name)
		reason := ""
		if have, ok := installed[name]; ok {
			if reason, err = j.reason(ctx, name); err != nil {
				return nil, err
			}
			p.before = append(p.before, name+"-"+have+"-"+reason)
		}
		if slices.Contains(p.reasons, name) {
			reason = j.Args.Str("reason")
		}
		if reason != "" {
			reason = "-" + reason
		}
		p.after = append(p.after, name+"-"+version+reason)
	}
	slices.Sort(p.packages)
	p.packages = slices.Compact(p.packages)
	return p, nil
}

// otherReason tells whether a package is to get the reason that the task gives.
func (j *job) otherReason(ctx context.Context, name string, have bool) (bool, error) {
	want := j.Args.Str("reason")
	if want == "" || !have {
		return want != "", nil
	}
	if j.Args.Str("reason_for") != "all" {
		return false, nil
	}
	is, err := j.reason(ctx, name)
	return is != want, err
}

// would asks pacman what it would install: names and versions, dependencies too.
func (j *job) would(ctx context.Context, verb string, names []string) ([][2]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	words := append(append(j.base(verb), "--print-format", "%n %v"), names...)
	out, err := j.ask(ctx, words...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		j.hear(&out)
		return nil, j.failure("Failed to list package(s) to install", words)
	}
	return transaction(out.Stdout), nil
}

// transaction reads the names and versions that pacman prints by --print-format.
func transaction(text string) (rows [][2]string) {
	for line := range strings.Lines(text) {
		// Others are remarks: "loading packages...", "there is nothing to do".
		if words := strings.Fields(line); len(words) == 2 && !strings.HasSuffix(words[1], "...") {
			rows = append(rows, [2]string{words[0], words[1]})
		}
	}
	return rows
}

func count(format string, n int) string { return fmt.Sprintf(format, n) }
