package firewalld

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// feature is one thing that a zone has or has not.
type feature struct {
	words  string // behind --query-, --add- and --remove-
	add    string // the option that enables it, without words
	on     bool   // false where the argument wants it off when enabled
	timed  bool   // firewalld can end it after some time
	strict bool   // a query fails for what makes no sense
	parsed bool   // by the reference itself, so that D-Bus has no part in faults
	// What the result says: "Changed NAME to STATE", or else by zone.
	changed      string
	added, taken string // before the zone's name
}

// featureOf makes the feature that the argument called name asks for.
func (t *task) featureOf(name string) (*feature, error) {
	a := t.Args
	text := a.Str(name)
	f := &feature{add: "--add-", on: true}
	switch name {
	case "icmp_block":
		f.words, f.timed, f.changed = "icmp-block="+text, true, "icmp-block "+text
	case "icmp_block_inversion":
		f.words, f.on, f.changed = "icmp-block-inversion", a.Bool(name), "icmp-block-inversion "+value.Text(value.Bool(a.Bool(name)))
	case "service", "protocol":
		f.words, f.timed, f.changed = name+"="+text, true, name+" "+text
	case "port":
		if number, protocol, _ := strings.Cut(text, "/"); number == "" || protocol == "" {
			return nil, module.Failf("improper port format (missing protocol?)")
		} else if strings.Contains(protocol, "/") {
			return nil, module.Failf("improper port format: %s has two slashes, it has to be PORT/PROTOCOL or PORT-PORT/PROTOCOL", text)
		}
		f.words, f.timed, f.changed = "port="+text, true, "port "+text
	case "port_forward":
		to, err := t.forwarding()
		if err != nil {
			return nil, err
		}
		f.words, f.timed, f.strict, f.changed = "forward-port="+to, true, true, "port_forward "+to
	case "rich_rule":
		f.words, f.timed, f.strict, f.parsed, f.changed = "rich-rule="+text, true, true, true, "rich_rule "+text
	case "source":
		f.words, f.added, f.taken = "source="+text, "Added "+text+" to", "Removed "+text+" from"
	case "interface":
		f.words, f.add, f.added, f.taken = "interface="+text, "--change-", "Changed "+text+" to", "Removed "+text+" from"
	case "masquerade", "forward":
		f.words, f.on, f.timed, f.added, f.taken = name, a.Bool(name), name == "masquerade", "Added "+name+" to", "Removed "+name+" from"
	}
	return f, nil
}

// forwarding gives port_forward as firewall-cmd has it.
func (t *task) forwarding() (string, error) {
	items := t.Args.List("port_forward")
	if len(items) != 1 {
		if len(items) == 0 {
			return "", module.Failf("port_forward is empty: it has to be a list of one port with port, proto and toport")
		}
		return "", module.Failf("Only one port forward supported at a time")
	}
	var d *value.Dict
	if d, _ = items[0].(*value.Dict); d == nil {
		return "", module.Failf("port_forward has to be a list of dictionaries")
	}
	text := func(key string) string {
		v, ok := d.GetStr(key)
		if !ok || v == value.None {
			return ""
		}
		return value.Text(v)
	}
	for _, need := range []struct{ key, what string }{{"port", "port"}, {"proto", "proto udp/tcp"}, {"toport", "toport"}} {
		if text(need.key) == "" {
			return "", module.Failf("%s must be specified for port forward", need.what)
		}
	}
	for k := range d.All() {
		if name := value.Text(k); !slices.Contains([]string{"port", "proto", "toport", "toaddr"}, name) {
			t.Warn("port_forward has no '" + name + "': it has no effect")
		}
	}
	return "port=" + text("port") + ":proto=" + text("proto") + ":toport=" + text("toport") + ":toaddr=" + text("toaddr"), nil
}

// message tells what was done.
func (t *task) message(ctx context.Context, f *feature, wants bool) (string, error) {
	if f.changed != "" {
		return "Changed " + f.changed + " to " + t.state, nil
	}
	zone, err := t.zoneName(ctx)
	if wants {
		return f.added + " zone " + zone, err
	}
	return f.taken + " zone " + zone, err
}

// zoneName is the name of the zone, also of the default one.
func (t *task) zoneName(ctx context.Context) (string, error) {
	if t.zone != "" {
		return t.zone, nil
	}
	return t.answer(ctx, false, "--get-default-zone")
}
