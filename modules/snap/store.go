package snap

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// installed is what snap list says of a snap.
type installed struct {
	tracking string // "-" of one that follows no channel
	disabled bool
}

// version puts what snap version says into the results.
func (j *job) version(ctx context.Context) error {
	out, err := j.snap(ctx, "version")
	if err != nil {
		return err
	}
	v := value.DictOf()
	if out.RC == 0 {
		for line := range strings.Lines(out.Stdout) {
			if f := strings.Fields(line); len(f) == 2 {
				v.SetStr(f[0], value.Str(f[1]))
			}
		}
	}
	j.vars.SetStr("version", v)
	return nil
}

// list gives the installed snaps.
func (j *job) list(ctx context.Context) (map[string]installed, error) {
	out, err := j.snap(ctx, "list")
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, j.fail("", "snap list failed: %s", strings.TrimSpace(out.Stderr))
	}
	return table(out.Stdout), nil
}

// table reads Name, Version, Rev, Tracking, Publisher and Notes. No column but
// Publisher can hold blanks, hence Notes is the last word.
func table(text string) map[string]installed {
	have := map[string]installed{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 5 || f[0] == "Name" {
			continue
		}
		s := installed{tracking: f[3]}
		for note := range strings.SplitSeq(f[len(f)-1], ",") {
			s.disabled = s.disabled || note == "disabled"
		}
		if s.tracking != "-" {
			s.tracking = full(s.tracking)
		}
		have[f[0]] = s
	}
	return have
}

// full gives a channel as TRACK/RISK, with a branch where it has one. snap list
// shortens the end of a long one to "…", which equals no channel.
func full(channel string) string {
	first, _, slash := strings.Cut(channel, "/")
	switch first {
	case "stable", "candidate", "beta", "edge":
		return "latest/" + channel
	}
	if !slash {
		return channel + "/stable"
	}
	return channel
}

// resolve gives the names of snaps, which for files are other than those of the task.
func (j *job) resolve(ctx context.Context, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	out, err := j.snap(ctx, append([]string{"info"}, names...)...)
	if err != nil {
		return nil, err
	}
	found, unknown := named(out.Stdout + "\n" + out.Stderr)
	if len(unknown) > 0 || len(found) != len(names) {
		if len(unknown) > 0 {
			return nil, j.fail("", "Snaps not found: %s.", value.Repr(value.Strings(unknown...)))
		}
		return nil, j.fail(out.Stderr, "snap info names %d snaps of %d asked for", len(found), len(names))
	}
	return found, nil
}

// named reads the names out of what snap info says, and those it does not know,
// with their quotes.
func named(text string) (found, unknown []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if name, ok := strings.CutPrefix(line, "name:"); ok {
			found = append(found, strings.TrimSpace(name))
		}
		for _, prefix := range []string{"warning: ", "error: "} {
			if name, ok := strings.CutPrefix(line, prefix+"no snap found for "); ok {
				unknown = append(unknown, name)
			}
		}
	}
	return found, unknown
}
