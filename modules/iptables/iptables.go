// Package iptables manages rules, chains and policies of the kernel's packet
// filter, by way of iptables and ip6tables.
//
// rule.go makes the words of a rule; this file asks and acts.
//
// Source: documentation of ansible.builtin.iptables; iptables(8); order of
// words, results and messages seen on ansible-core 2.19 (testdata/twins.yml).
package iptables

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the iptables module.
var Module = module.Module{
	Name: "ansible.builtin.iptables", Doc: "Modify iptables rules.",
	Check: true,
	Differs: []string{
		"Half of tcp_flags, match_set without match_set_flags and empty arguments are refused; the reference stumbles over them.",
		"In jump=LOG that is there for log_level or log_prefix alone, the target stands first in the command line.",
	},
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "table", Default: value.Str("filter"), Choices: []string{"filter", "nat", "mangle", "raw", "security"}, Doc: "The table."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the rule shall be there."},
			{Name: "action", Default: value.Str("append"), Choices: []string{"append", "insert"}, Doc: "Where a new rule goes: the end or the beginning."},
			{Name: "ip_version", Default: value.Str("ipv4"), Choices: []string{"ipv4", "ipv6", "both"}, Doc: "Which protocol's filter."},
			{Name: "chain", Doc: "The chain."},
			{Name: "rule_num", Doc: "With action=insert: the number that the rule gets."},
			{Name: "protocol", Doc: "The protocol, ! before it for all others."},
			{Name: "wait", Doc: "How many seconds to wait for another iptables."},
			{Name: "source", Doc: "Where packets come from."},
			{Name: "to_source", Doc: "New source address (SNAT)."},
			{Name: "destination", Doc: "Where packets go."},
			{Name: "to_destination", Doc: "New destination address (DNAT)."},
			{Name: "match", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Extensions to match with."},
			{Name: "tcp_flags", Type: module.Dict, Options: []module.Arg{
				{Name: "flags", Type: module.List, Elements: module.Str, Doc: "The flags to look at."},
				{Name: "flags_set", Type: module.List, Elements: module.Str, Doc: "Those of them that have to be set."},
			}, Doc: "TCP flags."},
			{Name: "jump", Doc: "The target."},
			{Name: "gateway", Doc: "With jump=TEE: who gets a copy of the packets."},
			{Name: "log_prefix", Doc: "Text before what is logged."},
			{Name: "log_level", Choices: []string{"0", "1", "2", "3", "4", "5", "6", "7", "emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"}, Doc: "Level of what is logged."},
			{Name: "goto", Doc: "The chain to go on in, without coming back."},
			{Name: "in_interface", Doc: "Where packets come in."},
			{Name: "out_interface", Doc: "Where packets go out."},
			{Name: "fragment", Doc: "Second and later fragments only; ! for all others."},
			{Name: "set_counters", Doc: "Packets and bytes counted so far."},
			{Name: "source_port", Doc: "Port or range first:last packets come from."},
			{Name: "destination_port", Doc: "Port or range first:last packets go to."},
			{Name: "destination_ports", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Several of them."},
			{Name: "to_ports", Doc: "New destination port or range."},
			{Name: "set_dscp_mark", Doc: "DSCP value to set."},
			{Name: "set_dscp_mark_class", Doc: "DSCP class to set."},
			{Name: "comment", Doc: "A comment on the rule."},
			{Name: "ctstate", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "States of the connection."},
			{Name: "src_range", Doc: "Range of addresses packets come from."},
			{Name: "dst_range", Doc: "Range of addresses packets go to."},
			{Name: "match_set", Doc: "Name of a set of ipset."},
			{Name: "match_set_flags", Choices: []string{"src", "dst", "src,dst", "dst,src", "src,src", "dst,dst"}, Doc: "What the set holds."},
			{Name: "limit", Doc: "How many matches are let through: number/second, /minute …"},
			{Name: "limit_burst", Doc: "How many before limit acts."},
			{Name: "uid_owner", Doc: "The user whose packets are meant."},
			{Name: "gid_owner", Doc: "The group whose packets are meant."},
			{Name: "reject_with", Doc: "What to answer to what is refused."},
			{Name: "icmp_type", Doc: "Type of ICMP packets."},
			{Name: "syn", Default: value.Str("ignore"), Choices: []string{"ignore", "match", "negate"}, Doc: "Whether packets open a TCP connection."},
			{Name: "flush", Type: module.Bool, Default: value.False, Doc: "Remove all rules of the chain, or table."},
			{Name: "policy", Choices: []string{"ACCEPT", "DROP", "QUEUE", "RETURN"}, Doc: "The chain's policy."},
			{Name: "chain_management", Type: module.Bool, Default: value.False, Doc: "Make and remove the chain itself."},
			{Name: "numeric", Type: module.Bool, Default: value.False, Doc: "Never look up names when listing."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"set_dscp_mark", "set_dscp_mark_class"}, {"flush", "policy"}},
			RequiredBy:        []module.RequiredBy{{Arg: "set_dscp_mark", Then: []string{"jump"}}, {Arg: "set_dscp_mark_class", Then: []string{"jump"}}},
			RequiredIf: []module.RequiredIf{
				{Arg: "jump", Value: value.Str("TEE"), Then: []string{"gateway"}},
				{Arg: "jump", Value: value.Str("tee"), Then: []string{"gateway"}},
				{Arg: "flush", Value: value.False, Then: []string{"chain"}},
			},
		},
	},
	Run: run,
}

// job is one call.
type job struct {
	*module.Call
	chain, table string
	rule         []string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	j := &job{Call: c, chain: a.Str("chain"), table: a.Str("table"), rule: words(a)}
	v := value.DictOf("changed", value.None, "failed", value.False, "ip_version", a.Value("ip_version"), "table", a.Value("table"), "chain", a.Value("chain"),
		"flush", a.Value("flush"), "rule", value.Str(strings.Join(j.rule, " ")), "state", a.Value("state"), "chain_management", a.Value("chain_management"), "wait", a.Value("wait"))
	if err := j.checkArgs(); err != nil {
		return nil, err
	}
	programs := []string{"iptables"}
	switch a.Str("ip_version") {
	case "ipv6":
		programs = []string{"ip6tables"}
	case "both":
		programs = []string{"iptables", "ip6tables"}
	}
	res := &module.Result{Values: v}
	for _, name := range programs {
		path, err := tool.Find(c, name)
		if err != nil {
			return nil, err
		}
		changed, err := j.act(ctx, path)
		if err != nil {
			return nil, err
		}
		res.Changed = res.Changed || changed
	}
	return res, nil
}

// checkArgs refuses what makes no rule, and completes it: what is logged goes to LOG.
func (j *job) checkArgs() error {
	a := j.Args
	if a.Given("log_prefix") || a.Given("log_level") {
		if !a.Given("jump") {
			j.rule = append([]string{"-j", "LOG"}, j.rule...)
		} else if a.Str("jump") != "LOG" {
			return module.Failf("Logging options can only be used with the LOG jump target.")
		}
	}
	if f := a.Sub("tcp_flags"); f != nil {
		if s := (module.Args{Dict: f}); !s.Given("flags") || !s.Given("flags_set") {
			return module.Failf("tcp_flags needs both flags and flags_set")
		}
	}
	if a.Given("match_set") && !a.Given("match_set_flags") {
		return module.Failf("match_set needs match_set_flags")
	}
	for i := range j.Module.Args {
		if name := j.Module.Args[i].Name; a.Given(name) && a.Value(name) == value.Value(value.Str("")) && name != "comment" && name != "log_prefix" && name != "chain" && name != "wait" {
			return module.Failf("%s is empty", name)
		}
	}
	return nil
}

// act does what is asked for with one program.
func (j *job) act(ctx context.Context, path string) (changed bool, err error) {
	a := j.Args
	switch {
	case a.Bool("flush"):
		return true, j.change(ctx, path, "-F")
	case a.Given("policy"):
		return j.policy(ctx, path)
	case len(j.rule) == 0: // it is about the chain itself
		there, err := j.chainThere(ctx, path)
		if want := a.Str("state") == "present"; err != nil || there == want {
			return false, err
		}
		action := "-N"
		if there {
			action = "-X"
		}
		if !a.Bool("chain_management") {
			return true, nil
		}
		return true, j.change(ctx, path, action)
	}
	there, err := j.ruleThere(ctx, path)
	if err != nil {
		return false, err
	}
	want := a.Str("state") == "present"
	if there == want {
		return changed, nil
	}
	switch {
	case !want:
		return true, j.change(ctx, path, "-D", j.rule...)
	case a.Str("action") == "insert":
		rule := j.rule
		if a.Given("rule_num") {
			rule = append([]string{a.Str("rule_num")}, rule...)
		}
		return true, j.change(ctx, path, "-I", rule...)
	}
	return true, j.change(ctx, path, "-A", j.rule...)
}

func (j *job) argv(path, action string, rest ...string) []string {
	argv := []string{path, "-t", j.table, action}
	if j.chain != "" {
		argv = append(argv, j.chain)
	}
	argv = append(argv, rest...)
	if w := j.Args.Str("wait"); w != "" {
		argv = append(argv, "-w", w)
	}
	return argv
}

// change runs the program unless in check mode.
func (j *job) change(ctx context.Context, path, action string, rest ...string) error {
	if j.Check {
		return nil
	}
	_, err := tool.Check(ctx, j.Call, j.argv(path, action, rest...)...)
	return err
}

func (j *job) ruleThere(ctx context.Context, path string) (bool, error) {
	out, err := tool.Run(ctx, j.Call, j.argv(path, "-C", j.rule...)...)
	return err == nil && out.RC == 0, err
}

func (j *job) list(ctx context.Context, path string) (tool.Output, error) {
	var numeric []string
	if j.Args.Bool("numeric") {
		numeric = []string{"--numeric"}
	}
	return tool.Run(ctx, j.Call, j.argv(path, "-L", numeric...)...)
}

func (j *job) chainThere(ctx context.Context, path string) (bool, error) {
	out, err := j.list(ctx, path)
	return err == nil && out.RC == 0, err
}

// policy sets what becomes of packets that no rule of the chain decides on.
func (j *job) policy(ctx context.Context, path string) (bool, error) {
	out, err := j.list(ctx, path)
	if err != nil {
		return false, err
	}
	if out.RC != 0 {
		return false, out.Failure()
	}
	current := policyOf(out.Stdout)
	if current == "" {
		return false, module.Failf("Can't detect current policy")
	}
	want := j.Args.Str("policy")
	if current == want {
		return false, nil
	}
	return true, j.change(ctx, path, "-P", want)
}

// policyOf reads "Chain INPUT (policy ACCEPT)".
func policyOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	_, rest, ok := strings.Cut(line, "(policy ")
	if !ok {
		return ""
	}
	policy, _, _ := strings.Cut(strings.TrimRight(rest, ")"), " ")
	return policy
}
