// Package consul registers services and their checks with Consul's agent.
//
// Source: documentation of community.general.consul; results seen on
// community.general of Ansible 12 with Consul 1.12 (testdata/recorded.json,
// written by testdata/consul/record.py): a service is registered each time, and
// is always a change; a check cannot be registered without one.
package consul

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the consul module.
var Module = module.Module{
	Name: "community.general.consul", Aliases: []string{"ansible.builtin.consul"}, Doc: "Add, modify and delete services within a Consul cluster.",
	Spec: module.Spec{
		Args: kit.ClassicArgs(
			module.Arg{Name: "check_host", Doc: "Host of the check."},
			module.Arg{Name: "check_id", Doc: "ID of a check to remove."},
			module.Arg{Name: "check_name", Doc: "Name of a check to remove."},
			module.Arg{Name: "check_node", Doc: "Node of the check."},
			module.Arg{Name: "http", Doc: "URL that has to answer with a success."},
			module.Arg{Name: "interval", Doc: "Time between two checks, seconds without a unit."},
			module.Arg{Name: "notes", Doc: "Notes of the check."},
			module.Arg{Name: "script", Doc: "Command line of the check."},
			module.Arg{Name: "service_address", Doc: "Address of the service."},
			module.Arg{Name: "service_id", Doc: "ID of the service, its name otherwise."},
			module.Arg{Name: "service_name", Doc: "Name of the service."},
			module.Arg{Name: "service_port", Type: module.Int, Doc: "Port of the service."},
			module.Arg{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent"}, Doc: "Whether it is registered."},
			module.Arg{Name: "tags", Type: module.List, Doc: "Tags of the service."},
			module.Arg{Name: "tcp", Doc: "host:port that has to accept connections."},
			module.Arg{Name: "timeout", Doc: "Time that a check may take."},
			module.Arg{Name: "ttl", Doc: "Time within which the service has to report."},
		),
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"script", "ttl", "tcp", "http"}},
			RequiredIf: []module.RequiredIf{
				{Arg: "state", Value: value.Str("present"), Then: []string{"service_name"}},
				{Arg: "state", Value: value.Str("absent"), Then: []string{"service_id", "service_name", "check_id", "check_name"}, Any: true},
			},
			RequiredBy: []module.RequiredBy{{Arg: "script", Then: []string{"interval"}}, {Arg: "http", Then: []string{"interval"}}, {Arg: "tcp", Then: []string{"interval"}}},
		},
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	client, err := kit.Classic(c)
	if err != nil {
		return nil, err
	}
	t := &task{Call: c, client: client}
	var res *module.Result
	if c.Args.Str("state") == "absent" {
		res, err = t.remove(ctx)
	} else {
		res, err = t.register(ctx)
	}
	if err != nil {
		return nil, kit.ClassicError(c, err)
	}
	return res, nil
}

type task struct {
	*module.Call
	client *kit.Client
}

// duration adds seconds to a number without a unit.
func duration(text string) string {
	for _, unit := range []string{"ns", "us", "ms", "s", "m", "h"} {
		if strings.HasSuffix(text, unit) {
			return text
		}
	}
	return text + "s"
}

// check gives the check as Consul takes it and as the result shows it; both
// are nil when the task has none.
func (t *task) check() (send map[string]any, shown *value.Dict, err error) {
	a := t.Args
	send = map[string]any{}
	times := map[string]value.Value{}
	for _, name := range []string{"interval", "ttl", "timeout"} {
		times[name] = value.None
		if a.Given(name) {
			times[name] = value.Str(duration(a.Str(name)))
		}
	}
	switch {
	case a.Given("ttl"):
		send["TTL"] = times["ttl"]
	case a.Given("http"):
		send["HTTP"], send["Interval"] = a.Str("http"), times["interval"]
	case a.Given("tcp"):
		host, port, ok := strings.Cut(a.Str("tcp"), ":")
		if !ok || host == "" || port == "" || strings.Trim(port, "0123456789") != "" {
			return nil, nil, module.Failf("tcp check must be in host:port format")
		}
		send["TCP"], send["Interval"] = a.Str("tcp"), times["interval"]
	case a.Given("script"):
		send["Args"], send["Interval"] = []string{"sh", "-c", a.Str("script")}, times["interval"]
	default:
		return nil, nil, nil
	}
	if a.Given("timeout") && !a.Given("ttl") {
		send["Timeout"] = times["timeout"]
	}
	shown = value.DictOf("id", a.Value("check_id"), "script", a.Value("script"), "node", a.Value("check_node"), "notes", a.Value("notes"), "host", a.Value("check_host"),
		"interval", times["interval"], "ttl", times["ttl"], "tcp", a.Value("tcp"), "http", a.Value("http"), "timeout", times["timeout"], "service_id", a.Value("service_id"))
	return send, shown, nil
}

func (t *task) register(ctx context.Context) (*module.Result, error) {
	a := t.Args
	name := a.Str("service_name")
	id := a.Str("service_id")
	if id == "" {
		id = name
	}
	check, shown, err := t.check()
	if err != nil {
		return nil, err
	}
	body := map[string]any{"ID": id, "Name": name}
	if a.Given("service_address") {
		body["Address"] = a.Str("service_address")
	}
	if a.Int("service_port") != 0 {
		body["Port"] = a.Int("service_port")
	}
	if a.Given("tags") {
		body["Tags"] = a.Strs("tags")
	}
	checks := value.NewList()
	if check != nil {
		body["Check"] = check
		checks.Items = append(checks.Items, shown)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("service: %w", err)
	}
	if _, _, err := t.client.Do(ctx, kit.Call{Method: "PUT", Path: "agent/service/register", Body: text, Right: "service:write"}, nil); err != nil {
		return nil, err
	}
	return &module.Result{Changed: true, Values: value.DictOf("changed", value.None, "service_id", value.Str(id), "service_name", value.Str(name),
		"service_port", value.Int(a.Int("service_port")), "checks", checks, "tags", value.Strings(a.Strs("tags")...))}, nil
}

// remove removes the service that is named, else the check. Whether there is
// one is judged by name or ID, what is removed is the ID.
func (t *task) remove(ctx context.Context) (*module.Result, error) {
	a := t.Args
	first := func(names ...string) string {
		i := slices.IndexFunc(names, func(n string) bool { return a.Str(n) != "" })
		if i < 0 {
			return ""
		}
		return a.Str(names[i])
	}
	found, path, right := false, "agent/service/deregister/", "service:write"
	id := first("service_id", "service_name")
	if id != "" {
		services, err := t.client.AgentServices(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range services {
			found = found || s.ID == id || s.Service == id
		}
	} else {
		id, path, right = first("check_id", "check_name"), "agent/check/deregister/", "node:write or service:write"
		checks, err := t.client.AgentChecks(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range checks {
			found = found || c.CheckID == id || c.Name == id
		}
	}
	if found {
		call := kit.Call{Method: "PUT", Path: path + url.PathEscape(id), Right: right, Absent: true}
		if _, _, err := t.client.Do(ctx, call, nil); err != nil {
			return nil, err
		}
	}
	return &module.Result{Changed: found, Values: value.DictOf("changed", value.None, "id", value.Str(id))}, nil
}
