package packagefacts

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/rpm"
)

func init() {
	register(manager{name: "rpm", as: []string{"dnf", "dnf5", "yum", "zypper"}, list: listRPM})
}

func listRPM(ctx context.Context, c *module.Call) ([]*value.Dict, error) {
	if _, err := process.Required("rpm", c.Env); err != nil {
		return nil, &missing{err.Error()}
	}
	db, err := rpm.Open(c, "")
	if err != nil {
		return nil, err
	}
	all, err := db.Everything(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]*value.Dict, 0, len(all))
	for i := range all {
		p := &all[i]
		epoch := p.Epoch
		if epoch == "" {
			epoch = "None" // the reference has a text
		}
		arch := p.Arch
		if arch == "(none)" { // a key
			arch = "None"
		}
		out = append(out, value.DictOf("name", value.Str(p.Name), "version", value.Str(p.Version), "release", value.Str(p.Release),
			"epoch", value.Str(epoch), "arch", value.Str(arch), "source", value.Str("rpm")))
	}
	return out, nil
}
