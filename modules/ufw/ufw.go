// Package ufw manages the uncomplicated firewall by its own program.
//
// rule.go makes a rule's words and finds the place to insert it; this file runs
// what is asked for and tells, also beforehand, what changes.
//
// Source: documentation of community.general.ufw, ufw(8); results and messages
// seen on community.general 11.4 (testdata/cases.yml, testdata/twins.yml).
package ufw

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the ufw module.
var Module = module.Module{
	Name: "community.general.ufw", Aliases: []string{"ansible.builtin.ufw"}, Doc: "Manage the uncomplicated firewall.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "state", Choices: []string{"enabled", "disabled", "reloaded", "reset"}, Doc: "What becomes of the firewall; reset removes all rules."},
			{Name: "default", Aliases: []string{"policy"}, Choices: []string{"allow", "deny", "reject"}, Doc: "What happens to what no rule is for."},
			{Name: "logging", Choices: []string{"full", "high", "low", "medium", "off", "on"}, Doc: "What is logged."},
			{Name: "direction", Choices: []string{"in", "incoming", "out", "outgoing", "routed"}, Doc: "in or out of a rule, incoming, outgoing or routed of a default."},
			{Name: "delete", Type: module.Bool, Default: value.False, Doc: "Remove the rule."},
			{Name: "route", Type: module.Bool, Default: value.False, Doc: "The rule is for what is forwarded."},
			{Name: "insert", Type: module.Int, Doc: "Number of the rule before which to put it."},
			{Name: "insert_relative_to", Default: value.Str("zero"), Choices: []string{"zero", "first-ipv4", "last-ipv4", "first-ipv6", "last-ipv6"}, Doc: "The rule from which insert counts."},
			{Name: "rule", Choices: []string{"allow", "deny", "limit", "reject"}, Doc: "What the rule does."},
			{Name: "interface", Aliases: []string{"if"}, Doc: "Interface of the rule, in the direction given."},
			{Name: "interface_in", Aliases: []string{"if_in"}, Doc: "Interface by which it comes."},
			{Name: "interface_out", Aliases: []string{"if_out"}, Doc: "Interface by which it leaves."},
			{Name: "log", Type: module.Bool, Default: value.False, Doc: "Log new connections of the rule."},
			{Name: "from_ip", Aliases: []string{"from", "src"}, Default: value.Str("any"), Doc: "Address it comes from."},
			{Name: "from_port", Doc: "Port it comes from."},
			{Name: "to_ip", Aliases: []string{"dest", "to"}, Default: value.Str("any"), Doc: "Address it goes to."},
			{Name: "to_port", Aliases: []string{"port"}, Doc: "Port it goes to."},
			{Name: "proto", Aliases: []string{"protocol"}, Choices: []string{"ah", "any", "esp", "ipv6", "tcp", "udp", "gre", "igmp", "vrrp"}, Doc: "Protocol."},
			{Name: "name", Aliases: []string{"app"}, Doc: "Profile of an application in /etc/ufw/applications.d."},
			{Name: "comment", Doc: "Comment of the rule, from ufw 0.35 on."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"name", "proto", "logging"}, {"direction", "interface_in"}, {"direction", "interface_out"}},
			RequiredOneOf:     [][]string{{"state", "default", "rule", "logging"}},
			RequiredBy:        []module.RequiredBy{{Arg: "interface", Then: []string{"direction"}}},
		},
	},
	Run: run,
}

type task struct {
	*module.Call
	program, grep string
	commands      []string // all that were run, for the result
	before        status
	rules         []string
	changed       bool
}

// ruleFiles are where ufw keeps rules, or has kept them.
var ruleFiles = []string{
	"/lib/ufw/user.rules", "/lib/ufw/user6.rules", "/etc/ufw/user.rules", "/etc/ufw/user6.rules", "/var/lib/ufw/user.rules", "/var/lib/ufw/user6.rules",
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	t := &task{Call: c}
	if err := t.sensible(); err != nil {
		return nil, err
	}
	var err error
	if t.program, err = tool.Find(c, "ufw"); err != nil {
		return nil, err
	}
	if t.grep, err = tool.Find(c, "grep"); err != nil {
		return nil, err
	}
	text, err := t.ufw(ctx, "", "status", "verbose")
	if err != nil {
		return nil, err
	}
	t.before = status(text)
	if t.rules, err = t.tuples(ctx); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{t.state, t.policy, t.rule, t.logging} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if c.Check {
		return &module.Result{Changed: t.changed, Values: value.DictOf("changed", value.None, "commands", value.Strings(t.commands...))}, nil
	}
	after, err := t.ufw(ctx, "", "status", "verbose")
	if err != nil {
		return nil, err
	}
	if !t.changed {
		rules, err := t.tuples(ctx)
		if err != nil {
			return nil, err
		}
		t.changed = after != text || !slices.Equal(rules, t.rules)
	}
	return &module.Result{Changed: t.changed, Msg: strings.TrimRight(after, " \t\r\n"),
		Values: value.DictOf("changed", value.None, "commands", value.Strings(t.commands...), "msg", value.None)}, nil
}

// sensible refuses what does not go together.
func (t *task) sensible() error {
	a := t.Args
	direction := a.Str("direction")
	if a.Given("default") && (direction == "in" || direction == "out") {
		return module.Failf(`For default, direction must be one of "outgoing", "incoming" and "routed", or direction must not be specified.`)
	}
	if a.Given("rule") && direction != "" && direction != "in" && direction != "out" {
		return module.Failf(`For rules, direction must be one of "in" and "out", or direction must not be specified.`)
	}
	if a.Given("rule") && !a.Bool("route") && a.Str("interface_in") != "" && a.Str("interface_out") != "" {
		return module.Failf("Only route rules can combine interface_in and interface_out")
	}
	return nil
}

// ufw runs the program and gives what it prints. shown is its command line for
// the result where that is another.
func (t *task) ufw(ctx context.Context, shown string, args ...string) (string, error) {
	if shown == "" {
		shown = strings.Join(args, " ")
	}
	t.commands = append(t.commands, t.program+" "+shown)
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: []string{"LANG=C"}}, append([]string{t.program}, args...)...)
	if err != nil {
		return "", err
	}
	if out.RC != 0 {
		msg := out.Stderr
		if msg == "" {
			msg = out.Stdout
		}
		return "", module.Failf("%s", msg).With("commands", value.Strings(t.commands...))
	}
	return out.Stdout, nil
}

// tuples gives the lines by which ufw's files hold the rules.
func (t *task) tuples(ctx context.Context) ([]string, error) {
	argv := append([]string{t.grep, "-h", "^### tuple"}, ruleFiles...)
	t.commands = append(t.commands, t.grep+" -h '^### tuple' "+strings.Join(ruleFiles, " "))
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: []string{"LANG=C"}}, argv...)
	return tupleLines(out.Stdout), err
}

func (t *task) state(ctx context.Context) error {
	verb := map[string]string{"enabled": "enable", "disabled": "disable", "reloaded": "reload", "reset": "reset"}[t.Args.Str("state")]
	if verb == "" {
		return nil
	}
	switch {
	case verb == "reload" || verb == "reset":
		t.changed = true
	case t.Check && t.before.active() != (verb == "enable"):
		t.changed = true
	}
	return t.do(ctx, "-f", verb)
}

func (t *task) policy(ctx context.Context) error {
	if !t.Args.Given("default") {
		return nil
	}
	direction := t.Args.Str("direction")
	if t.Check {
		have := t.before.policy(direction)
		// What is disabled stays so, whatever the policy.
		t.changed = t.changed || !t.before.active() || have != t.Args.Str("default") && have != "disabled"
	}
	words := []string{"default", t.Args.Str("default")}
	if direction != "" {
		words = append(words, direction)
	}
	return t.do(ctx, words...)
}

func (t *task) logging(ctx context.Context) error {
	want := t.Args.Str("logging")
	if want == "" {
		return nil
	}
	have := t.before.logging()
	differs := have == "" || have != want
	if want == "on" && have != "" {
		differs = have == "off"
	}
	t.changed = t.changed || differs
	return t.do(ctx, "logging", want)
}

// do runs ufw unless in check mode.
func (t *task) do(ctx context.Context, words ...string) error {
	if t.Check {
		return nil
	}
	_, err := t.ufw(ctx, "", words...)
	return err
}

// rule adds or removes a rule; in check mode ufw itself tells what its files
// would have then.
func (t *task) rule(ctx context.Context) error {
	if !t.Args.Given("rule") {
		return nil
	}
	comments, place, err := t.circumstances(ctx)
	if err != nil {
		return err
	}
	words, shown := words(t.Args, t.Check, comments, place)
	text, err := t.ufw(ctx, shown, words...)
	if err != nil || !t.Check {
		return err
	}
	t.changed = t.changed || differs(text, t.rules)
	return nil
}

// circumstances finds whether this ufw knows comments, and the number at which
// the rule goes in, 0 for the end.
func (t *task) circumstances(ctx context.Context) (comments bool, place int64, err error) {
	a := t.Args
	zero := a.Str("insert_relative_to") == "zero"
	if a.Given("insert") && !a.Bool("delete") && !zero {
		out, err := tool.Run(ctx, t.Call, t.program, "status", "numbered")
		if err != nil {
			return false, 0, err
		}
		place = numbered(out.Stdout, a.Str("insert_relative_to"), a.Int("insert"))
	}
	text, err := t.ufw(ctx, "", "--version")
	if err != nil {
		return false, 0, err
	}
	major, minor, ok := version(text)
	if !ok {
		return false, 0, module.Failf("Failed to get ufw version.").With("rc", value.Int(0), "out", value.Str(text))
	}
	return major > 0 || minor >= 35, place, nil
}
