package pacman

import (
	"context"
	"strings"
)

// remove takes the targets off the host.
func (j *job) remove(ctx context.Context, targets []target) error {
	installed, err := j.installed(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, t := range targets {
		if _, ok := installed[t.name]; ok {
			names = append(names, t.name)
		}
	}
	if len(names) == 0 {
		j.nothing("package(s) already absent")
		return nil
	}
	base := []string{"--remove", "--noconfirm", "--noprogressbar"}
	if j.Args.Bool("force") {
		base = append(base, "--nodeps", "--nodeps")
	}
	base = append(base, j.words.any...)
	words := append(append(base[:len(base):len(base)], "--print-format", "%n-%v"), names...)
	out, err := j.ask(ctx, words...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		j.hear(&out)
		return j.failure("failed to list package(s) to remove", words)
	}
	gone := strings.Split(strings.TrimSpace(out.Stdout), "\n")
	j.named(gone)
	j.changes(gone, nil)
	if j.Check {
		j.note(count("Would have removed %d packages", len(gone)))
		return nil
	}
	if j.Args.Bool("remove_nosave") {
		base = append(base, "--nosave")
	}
	if err := j.do(ctx, "failed to remove package(s)", append(base, names...)...); err != nil {
		return err
	}
	j.note(count("Removed %d package(s)", len(gone)))
	return nil
}
