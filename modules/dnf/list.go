package dnf

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/rpm"
	"github.com/churten/churten/modules/kit/tool"
)

// list gives packages or repositories.
func (j *job) list(ctx context.Context, what string) (*module.Result, error) {
	items := value.NewList()
	add := func(found []value.Value, err error) error {
		items.Items = append(items.Items, found...)
		return err
	}
	var err error
	switch what {
	case "repos", "repositories":
		err = add(j.repos(ctx))
	case "installed":
		err = add(j.have(ctx, ""))
	case "updates", "upgrades":
		err = add(j.offered(ctx, "--upgrades"))
	case "available":
		err = add(j.offered(ctx, "--available"))
	default:
		if err = add(j.have(ctx, what)); err == nil {
			err = add(j.offered(ctx, "--available", what))
		}
	}
	if err != nil {
		return nil, err
	}
	d := value.DictOf("msg", value.Str(""), "results", items)
	if j.five {
		d.SetStr("rc", value.Int(0))
	}
	return &module.Result{Values: d}, nil
}

// query runs a command that only tells.
func (j *job) query(ctx context.Context, words ...string) (tool.Output, error) {
	argv := append(append([]string{j.program, "-q"}, j.options(false)...), words...)
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C"}}, argv...)
	if err != nil {
		return out, err
	}
	j.warn(&out)
	if out.RC != 0 {
		return out, j.failure(&out)
	}
	return out, nil
}

func (j *job) repos(ctx context.Context) (out []value.Value, err error) {
	text, err := j.query(ctx, "repolist", "--enabled")
	if err != nil {
		return nil, err
	}
	if j.five {
		out = append(out, value.DictOf("repoid", value.Str("@System"), "state", value.Str("enabled")))
	}
	for line := range strings.Lines(text.Stdout) {
		if f := strings.Fields(line); len(f) > 1 && !(f[0] == "repo" && f[1] == "id") {
			out = append(out, value.DictOf("repoid", value.Str(f[0]), "state", value.Str("enabled")))
		}
	}
	return out, nil
}

// have lists installed packages that spec means, all for "".
func (j *job) have(ctx context.Context, spec string) (out []value.Value, err error) {
	all, err := j.db.All(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if spec == "" || all[i].Matches(spec) {
			out = append(out, j.entry(&all[i], "@System", "installed"))
		}
	}
	return out, nil
}

const queryFormat = `%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{repoid}`

// offered lists what repositories have.
func (j *job) offered(ctx context.Context, words ...string) (out []value.Value, err error) {
	format := queryFormat
	if j.five {
		format += "\\n" // dnf5 ends no line by itself
	}
	text, err := j.query(ctx, append([]string{"repoquery", "--qf", format}, words...)...)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(text.Stdout) {
		f := strings.Split(strings.TrimRight(line, "\n"), "|")
		if len(f) != 6 {
			continue
		}
		out = append(out, j.entry(&rpm.Package{Name: f[0], Epoch: f[1], Version: f[2], Release: f[3], Arch: f[4]}, f[5], "available"))
	}
	return out, nil
}

func (j *job) entry(p *rpm.Package, repo, state string) value.Value {
	epoch := p.Epoch
	if epoch == "" {
		epoch = "0"
	}
	nevra := value.Str(epoch + ":" + p.Name + "-" + p.Version + "-" + p.Release + "." + p.Arch)
	if j.five {
		nevra = value.Str(p.Name + "-" + strings.TrimPrefix(epoch+":", "0:") + p.Version + "-" + p.Release + "." + p.Arch)
		return value.DictOf("nevra", nevra, "envra", nevra, "name", value.Str(p.Name), "arch", value.Str(p.Arch), "epoch", value.Str(epoch),
			"release", value.Str(p.Release), "version", value.Str(p.Version), "repo", value.Str(repo), "yumstate", value.Str(state))
	}
	return value.DictOf("name", value.Str(p.Name), "arch", value.Str(p.Arch), "epoch", value.Str(epoch), "release", value.Str(p.Release),
		"version", value.Str(p.Version), "repo", value.Str(repo), "envra", nevra, "nevra", nevra, "yumstate", value.Str(state))
}
