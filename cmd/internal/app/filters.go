package app

import (
	"slices"
	"strings"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/jinja/expr"
)

// netFilters are the short names that ansible-core leads to ansible.netcommon,
// which led them on to ansible.utils before its version 8.
var netFilters = []string{"cidr_merge", "hwaddr", "ip4_hex", "ipaddr", "ipmath", "ipsubnet", "ipv4", "ipv6", "ipwrap", "network_in_network",
	"network_in_usable", "next_nth_usable", "nthhost", "previous_nth_usable", "reduce_on_network", "slaac"}

// missingPlugin gives the filters and tests that an installed collection's
// routing leads to a native one, and those that only Python has.
func (s *session) missingPlugin() func(kind, name string) *expr.Func {
	finder := collection.New(s.set.List("COLLECTIONS_PATHS"), s.o.dir())
	return func(kind, name string) *expr.Func {
		k, native := collection.Filters, s.env.Filters
		if kind == "test" {
			k, native = collection.Tests, s.env.Tests
		} else if slices.Contains(netFilters, strings.TrimPrefix(name, "ansible.builtin.")) {
			name = "ansible.netcommon." + strings.TrimPrefix(name, "ansible.builtin.")
		}
		found, ok, err := finder.Find(k, name, nil, func(fqcn string) bool { return native[fqcn] != nil })
		if err != nil || !ok || found.Path != "" {
			fn, _ := s.python.find(kind, name)
			return fn
		}
		for _, d := range found.Deprecations {
			s.display.Deprecated(strings.ToUpper(kind[:1]) + kind[1:] + ` "` + d.Name + `"` + strings.TrimPrefix(d.Message(), d.Name))
		}
		return native[found.FQCN]
	}
}
