// Package dnf5 is dnf for hosts that have dnf5: the same module with another
// program (modules/dnf).
//
// Source: documentation of ansible.builtin.dnf5, dnf5(8); results and messages
// seen on ansible-core 2.19 with dnf5 5.4 (testdata/twins.yml, on the hosts that
// testdata/hosts makes).
package dnf5

import (
	"context"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/dnf"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the dnf5 module.
var Module = module.Module{
	Name: "ansible.builtin.dnf5", Doc: "Manages packages with the dnf5 package manager.",
	Check: true, Diff: true,
	Spec: dnf.Spec(module.Arg{Name: "auto_install_module_deps", Type: module.Bool, Default: value.True, Doc: "The reference's module needs python3-libdnf5 and may install it; this one needs nothing."}),
	Run: func(ctx context.Context, c *module.Call) (*module.Result, error) {
		return dnf.Run(ctx, c, "dnf5")
	},
}
