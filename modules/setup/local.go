package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
)

// local gives the facts of the files *.fact in fact_path: JSON or INI, or what
// a program there writes.
func local(ctx context.Context, h *host) *value.Dict {
	facts := value.NewDict(4)
	paths := h.glob(h.factPath + "/*.fact")
	slices.Sort(paths)
	for _, p := range paths {
		facts.SetStr(strings.TrimSuffix(path.Base(p), ".fact"), h.localFact(ctx, p))
	}
	return value.DictOf("local", facts)
}

func (h *host) localFact(ctx context.Context, p string) value.Value {
	problem := func(text string) value.Value {
		h.warn(text)
		return value.Str(text)
	}
	info, err := os.Stat(h.path(p))
	if err != nil {
		return problem(fmt.Sprintf("Could not stat fact (%s): %s: '%s'", p, file.PyError(err, ""), p))
	}
	text := ""
	if info.Mode()&0o100 != 0 {
		res, err := h.run(ctx, h.path(p))
		if err != nil {
			return problem(fmt.Sprintf("Could not execute fact script (%s): %v", p, err))
		}
		if res.RC != 0 {
			return problem(fmt.Sprintf("Failure executing fact script (%s), rc: %d, err: %s", p, res.RC, res.Stderr))
		}
		text = string(res.Stdout)
	} else {
		// The reference takes a file it cannot decode for an empty one.
		if text = h.data(p); !utf8.ValidString(text) {
			text = ""
		}
	}
	if v, err := value.ParseJSON(text); err == nil {
		return v
	}
	d, err := parseINI(text)
	var bad interpolationError
	if errors.As(err, &bad) {
		return problem(fmt.Sprintf("error loading facts as ini - please check content: %s (%s)", p, bad))
	}
	if err != nil {
		return problem(fmt.Sprintf("error loading facts as JSON or ini - please check content: %s", p))
	}
	return d
}

// facter gives the facts of Puppet's facter where it is installed.
func facter(ctx context.Context, h *host) *value.Dict {
	program := h.program("facter", "/opt/puppetlabs/bin")
	if cfacter := h.program("cfacter", "/opt/puppetlabs/bin"); cfacter != "" {
		program = cfacter
	}
	if program == "" {
		return nil
	}
	out, ok := h.output(ctx, program, "--puppet", "--json")
	if !ok {
		if out, ok = h.output(ctx, program, "--json"); !ok {
			return nil
		}
	}
	facts := prefixed("facter_", out)
	if facts == nil {
		h.warn("Failed to parse facter facts")
	}
	return facts
}

// ohai gives the facts of Chef's ohai where it is installed.
func ohai(ctx context.Context, h *host) *value.Dict {
	program := h.program("ohai")
	if program == "" {
		return nil
	}
	out, ok := h.output(ctx, program)
	if !ok {
		return nil
	}
	facts := prefixed("ohai_", out)
	if facts == nil {
		h.warn("Failed to gather ohai facts")
	}
	return facts
}

func prefixed(prefix, text string) *value.Dict {
	if !json.Valid([]byte(text)) {
		return nil
	}
	v, err := value.ParseJSON(text)
	d, ok := v.(*value.Dict)
	if err != nil || !ok {
		return nil
	}
	out := value.NewDict(d.Len())
	for k, v := range d.All() {
		out.SetStr(prefix+value.Text(k), v)
	}
	return out
}
