package iptables

import (
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// rule collects the words of a rule.
type rule struct {
	a     module.Args
	words []string
}

func (r *rule) add(words ...string) { r.words = append(r.words, words...) }

// option adds an option with the argument's value; "!" before the value
// negates the option.
func (r *rule) option(arg, flag string) {
	if r.a.Given(arg) {
		r.value(r.a.Str(arg), flag)
	}
}

func (r *rule) value(v, flag string) {
	if rest, ok := strings.CutPrefix(v, "!"); ok {
		r.add("!", flag, rest)
		return
	}
	r.add(flag, v)
}

func (r *rule) match(name string) {
	r.add("-m", name)
}

// matched says that an extension is among those of the argument match already.
func (r *rule) matched(name string) bool {
	for _, m := range r.a.Strs("match") {
		if m == name {
			return true
		}
	}
	return false
}

// words gives the rule, in the reference's order.
func words(a module.Args) []string {
	r := &rule{a: a}
	r.option("protocol", "-p")
	r.option("source", "-s")
	r.option("destination", "-d")
	for _, m := range a.Strs("match") {
		r.match(m)
	}
	if f := a.Sub("tcp_flags"); f != nil {
		s := module.Args{Dict: f}
		if s.Given("flags") && s.Given("flags_set") {
			r.add("--tcp-flags", strings.Join(s.Strs("flags"), ","), strings.Join(s.Strs("flags_set"), ","))
		}
	}
	r.option("jump", "-j")
	if strings.EqualFold(a.Str("jump"), "tee") {
		r.option("gateway", "--gateway")
	}
	r.option("log_prefix", "--log-prefix")
	r.option("log_level", "--log-level")
	r.option("to_destination", "--to-destination")
	if ports := a.Strs("destination_ports"); len(ports) > 0 {
		r.match("multiport")
		r.add("--dports", strings.Join(ports, ","))
	}
	r.option("to_source", "--to-source")
	r.option("goto", "-g")
	r.option("in_interface", "-i")
	r.option("out_interface", "-o")
	r.option("fragment", "-f")
	r.option("set_counters", "-c")
	r.option("source_port", "--source-port")
	r.option("destination_port", "--destination-port")
	r.option("to_ports", "--to-ports")
	r.option("set_dscp_mark", "--set-dscp")
	r.option("set_dscp_mark_class", "--set-dscp-class")
	switch a.Str("syn") {
	case "match":
		r.add("--syn")
	case "negate":
		r.add("!", "--syn")
	}
	r.connection()
	if a.Given("src_range") || a.Given("dst_range") {
		if !r.matched("iprange") {
			r.match("iprange")
		}
		r.option("src_range", "--src-range")
		r.option("dst_range", "--dst-range")
	}
	if a.Given("match_set") {
		if !r.matched("set") {
			r.match("set")
		}
		r.option("match_set", "--match-set")
		r.add(a.Str("match_set_flags"))
	}
	if a.Given("limit") || a.Given("limit_burst") {
		r.match("limit")
	}
	r.option("limit", "--limit")
	r.option("limit_burst", "--limit-burst")
	if a.Given("uid_owner") {
		r.match("owner")
		r.option("uid_owner", "--uid-owner")
	}
	if a.Given("gid_owner") {
		r.match("owner")
		r.option("gid_owner", "--gid-owner")
	}
	if !a.Given("jump") && a.Given("reject_with") {
		r.add("-j", "REJECT")
	}
	r.option("reject_with", "--reject-with")
	r.option("icmp_type", "--icmp-type")
	if a.Given("comment") {
		r.match("comment")
		r.add("--comment", a.Str("comment"))
	}
	return r.words
}

// connection adds the states of the connection, in the words of the extension
// that the task names.
func (r *rule) connection() {
	states := strings.Join(r.a.Strs("ctstate"), ",")
	switch {
	case states == "":
	case r.matched("conntrack"):
		r.add("--ctstate", states)
	case r.matched("state"):
		r.add("--state", states)
	default:
		r.match("conntrack")
		r.add("--ctstate", states)
	}
}
