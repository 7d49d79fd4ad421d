// Package firewalld opens, closes and shapes the zones of firewalld, by its own
// programs: firewall-cmd where the daemon runs, else firewall-offline-cmd.
//
// feature.go says of each argument what it is to the programs and in messages,
// command.go runs them and reads their errors, zone.go makes zones and sets
// their targets; this file tells what has to change, and where.
//
// Source: documentation of ansible.posix.firewalld, firewall-cmd(1),
// firewall-offline-cmd(1); results and messages seen on ansible.posix 2.1 with
// firewalld 1.3 (testdata/twins.yml).
package firewalld

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// what are the arguments of which a task has one.
var what = []string{"icmp_block", "icmp_block_inversion", "service", "protocol", "port", "port_forward", "rich_rule", "interface", "forward", "masquerade", "source", "target"}

// Module is the firewalld module.
var Module = module.Module{
	Name: "ansible.posix.firewalld", Aliases: []string{"ansible.builtin.firewalld"}, Doc: "Manage ports, services and the like of firewalld's zones.",
	Check: true,
	Differs: []string{
		"Works by firewall-cmd, or by firewall-offline-cmd where firewalld does not run, without Python of the module's own.",
		"A kept port is there when a range has it, and goes by cutting the range, as among those that are running (the reference looks for the very words).",
		"forward is read right where firewalld does not run, and stays when something else of the zone changes (the reference drops it).",
		"target default that is to be disabled changes nothing.",
		"Warns where timeout has no effect (interface, source, forward, icmp_block_inversion, target, zones, with permanent alone), and of keys that port_forward does not have.",
		"Rules and forwarded ports that make no sense fail in check mode too.",
	},
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "forward", Type: module.Bool, Doc: "Whether the zone forwards packets among its interfaces and sources."},
			{Name: "icmp_block", Doc: "Type of ICMP to block."},
			{Name: "icmp_block_inversion", Type: module.Bool, Doc: "Whether what is not blocked is, and the other way round."},
			{Name: "immediate", Type: module.Bool, Default: value.False, Doc: "Change what is running; so it is without permanent."},
			{Name: "interface", Doc: "Interface that belongs to the zone."},
			{Name: "masquerade", Type: module.Bool, Doc: "Whether the zone masquerades."},
			{Name: "offline", Type: module.Bool, Default: value.False, Doc: "With permanent: do without immediate where firewalld does not run."},
			{Name: "permanent", Type: module.Bool, Default: value.False, Doc: "Change what is kept."},
			{Name: "port", Doc: "PORT/PROTOCOL or PORT-PORT/PROTOCOL."},
			{Name: "port_forward", Type: module.List, Elements: module.Dict, Doc: "One port that goes elsewhere: port, proto, toport, toaddr."},
			{Name: "protocol", Doc: "Protocol by name or number."},
			{Name: "rich_rule", Doc: "Rule in firewalld's rich language."},
			{Name: "service", Doc: "Service that firewalld knows."},
			{Name: "source", Doc: "Address, network, MAC or ipset:NAME that belongs to the zone."},
			{Name: "state", Required: true, Choices: []string{"absent", "disabled", "enabled", "present"}, Doc: "enabled or disabled; present or absent of zones and targets."},
			{Name: "target", Choices: []string{"default", "ACCEPT", "DROP", "%%REJECT%%"}, Doc: "What becomes of packets that nothing in the zone is for."},
			{Name: "timeout", Type: module.Int, Default: value.Int(0), Doc: "Seconds for which what is running changes; 0 for ever."},
			{Name: "zone", Doc: "The zone; firewalld's default zone when not given."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{what},
			RequiredBy:        []module.RequiredBy{{Arg: "interface", Then: []string{"zone"}}, {Arg: "target", Then: []string{"zone"}}},
		},
	},
	Run: run,
}

type task struct {
	*module.Call
	program   string // firewall-cmd, or firewall-offline-cmd
	offline   bool   // firewalld does not run
	state     string // enabled, disabled, present or absent
	permanent bool   // what is kept changes
	immediate bool   // what is running changes
	zone      string // "" for the default one
	told      []string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, state: a.Str("state"), permanent: a.Bool("permanent"), zone: a.Str("zone")}
	t.immediate = a.Bool("immediate") || !t.permanent
	if a.Bool("offline") && !t.permanent {
		return nil, module.Failf("offline cannot be enabled unless permanent changes are allowed")
	}
	var err error
	if t.program, err = tool.Find(c, "firewall-cmd"); err != nil {
		return nil, err
	}
	changed, err := t.act(ctx)
	if errors.Is(err, errStopped) { // as the first call of the program says
		if a.Bool("offline") {
			t.immediate = false
		}
		if t.immediate {
			return nil, module.Failf("firewall is not currently running, unable to perform immediate actions without a running firewall daemon")
		}
		if t.program, err = tool.Find(c, "firewall-offline-cmd"); err != nil {
			return nil, err
		}
		t.offline = true
		changed, err = t.act(ctx)
	}
	if err != nil {
		return nil, err
	}
	if changed && c.Check {
		return &module.Result{Changed: true}, nil
	}
	if t.offline {
		t.told = append(t.told, "(offline operation: only on-disk configs were altered)")
	}
	return &module.Result{Changed: changed, Msg: strings.Join(t.told, ", "), Values: value.DictOf("changed", value.None, "msg", value.None)}, nil
}

// act does what the task says, and tells whether that changed something.
func (t *task) act(ctx context.Context) (bool, error) {
	asked := ""
	for _, name := range what {
		if t.Args.Given(name) {
			asked = name
		}
	}
	level := t.state == "present" || t.state == "absent"
	switch {
	case asked == "" && !level: // the reference takes it, and does nothing
		t.told = nil
		return false, t.awake(ctx)
	case asked != "" && asked != "target" && level:
		return false, t.complain(ctx, module.Failf("absent and present state can only be used in zone level operations"))
	}
	switch {
	case t.permanent && t.immediate:
		t.told = []string{"Permanent and Non-Permanent(immediate) operation"}
	case t.permanent:
		t.told = []string{"Permanent operation"}
	default:
		t.told = []string{"Non-permanent operation"}
	}
	switch asked {
	case "":
		return t.zones(ctx)
	case "target":
		return t.target(ctx)
	}
	f, err := t.featureOf(asked)
	if err != nil {
		return false, t.complain(ctx, err)
	}
	return t.enable(ctx, f)
}

// wants tells whether it shall be there.
func (t *task) wants() bool { return t.state == "enabled" || t.state == "present" }

// enable enables or disables one thing in the zone.
func (t *task) enable(ctx context.Context, f *feature) (bool, error) {
	wants := t.wants() == f.on
	var toKeep, toRun bool
	if t.permanent {
		there, err := t.query(ctx, f, "--permanent")
		if err != nil {
			return false, err
		}
		toKeep = there != wants
	}
	if t.immediate {
		there, err := t.query(ctx, f)
		if err != nil {
			return false, err
		}
		toRun = there != wants
	}
	seconds := t.Args.Int("timeout")
	if seconds != 0 && !(f.timed && t.immediate) {
		t.Warn("timeout has no effect here: firewalld bounds only what is running, of ports, services, protocols, blocks of ICMP, rich rules, forwarded ports and masquerading")
	}
	if !toKeep && !toRun || t.Check {
		return toKeep || toRun, nil
	}
	verb := "--remove-"
	if wants {
		verb = f.add
	}
	if toKeep {
		if err := t.do(ctx, "--permanent", verb+f.words); err != nil {
			return false, err
		}
	}
	if toRun {
		words := []string{verb + f.words}
		if f.timed && wants && seconds < 0 {
			return false, t.failure("INVALID_VALUE: timeout '" + strconv.FormatInt(seconds, 10) + "' is not positive number")
		} else if f.timed && wants && seconds > 0 {
			words = append(words, "--timeout="+strconv.FormatInt(seconds, 10))
		}
		if err := t.do(ctx, words...); err != nil {
			return false, err
		}
	}
	text, err := t.message(ctx, f, wants)
	t.told = append(t.told, text)
	return true, err
}
