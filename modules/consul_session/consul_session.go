// Package consulsession makes, lists and removes sessions of Consul.
//
// Source: documentation of community.general.consul_session; results seen on
// community.general of Ansible 12 with Consul 1.12 (testdata/recorded.json,
// written by testdata/consul/record.py). With them: "list" gives the first
// session only, "node" asks for the argument node.
package consulsession

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the consul_session module.
var Module = module.Module{
	Name: "community.general.consul_session", Aliases: []string{"ansible.builtin.consul_session"}, Doc: "Manipulate Consul sessions.",
	Spec: module.Spec{
		Args: consul.ClassicArgs(
			module.Arg{Name: "behavior", Default: value.Str("release"), Choices: []string{"delete", "release"}, Doc: "What becomes of keys that it has locked, when it ends."},
			module.Arg{Name: "ca_path", Doc: "Authorities to trust."},
			module.Arg{Name: "checks", Type: module.List, Doc: "Checks whose failure ends it."},
			module.Arg{Name: "datacenter", Doc: "Datacenter to ask."},
			module.Arg{Name: "delay", Type: module.Int, Default: value.Int(15), Doc: "Lock delay in seconds."},
			module.Arg{Name: "id", Doc: "ID of the session."},
			module.Arg{Name: "name", Doc: "Name of the session."},
			module.Arg{Name: "node", Doc: "Node that it belongs to."},
			module.Arg{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "info", "list", "node", "present"}, Doc: "What to do."},
			module.Arg{Name: "ttl", Type: module.Int, Doc: "Seconds after which it ends when it is not renewed."},
		),
		Rules: module.Rules{RequiredIf: []module.RequiredIf{
			{Arg: "state", Value: value.Str("node"), Then: []string{"name"}},
			{Arg: "state", Value: value.Str("info"), Then: []string{"id"}},
		}},
	},
	Run: run,
}

// missing is what the reference says of an argument that a path is made of.
const missing = "sequence item 3: expected str instance, NoneType found"

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	client, err := consul.Classic(c)
	if err != nil {
		return nil, err
	}
	t := &task{Call: c, client: client}
	var d *value.Dict
	switch c.Args.Str("state") {
	case "present":
		d, err = t.create(ctx)
	case "absent":
		d, err = t.remove(ctx)
	default:
		d, err = t.show(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: true, Values: d}, nil
}

type task struct {
	*module.Call
	client *consul.Client
}

// failed words err; what says what was tried.
func (t *task) failed(what string, err error) error {
	var e *consul.Error
	if !errors.As(err, &e) {
		return module.Failf("%s %w", what, err)
	}
	if e.Status > 0 {
		return module.Failf("%s HTTP %d: b%s", what, e.Status, value.QuoteRepr(e.Body))
	}
	reason := e.Msg
	var w *web.Error
	if errors.As(err, &w) {
		reason = strings.TrimPrefix(w.Msg, "Request failed: ")
	}
	return module.Failf("Could not connect to consul agent at %s:%d, error was %s", t.Args.Str("host"), t.Args.Int("port"), reason)
}

func (t *task) create(ctx context.Context) (*value.Dict, error) {
	a := t.Args
	body := map[string]any{"LockDelay": fmt.Sprintf("%ds", a.Int("delay")), "Behavior": a.Str("behavior")}
	for key, name := range map[string]string{"Name": "name", "Node": "node"} {
		if a.Given(name) {
			body[key] = a.Str(name)
		}
	}
	if a.Given("checks") {
		body["Checks"] = a.Strs("checks")
	}
	if a.Given("ttl") {
		body["TTL"] = fmt.Sprintf("%ds", a.Int("ttl"))
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	var made struct{ ID string }
	if _, _, err := t.client.Do(ctx, consul.Call{Method: "PUT", Path: "session/create", Body: text, Right: "session:write"}, &made); err != nil {
		return nil, t.failed("Could not create/update session", err)
	}
	d := value.DictOf("session_id", value.Str(made.ID))
	for _, name := range []string{"name", "behavior", "ttl", "delay", "checks", "node"} {
		d.SetStr(name, a.Value(name))
	}
	return d, nil
}

func (t *task) remove(ctx context.Context) (*value.Dict, error) {
	id := t.Args.Value("id")
	what := "Could not remove session with id '" + value.Text(id) + "'"
	if id == value.Value(value.None) {
		return nil, module.Failf("%s %s", what, missing)
	}
	if _, _, err := t.client.Do(ctx, consul.Call{Method: "PUT", Path: "session/destroy/" + url.PathEscape(value.Text(id)), Right: "session:write"}, nil); err != nil {
		return nil, t.failed(what, err)
	}
	return value.DictOf("session_id", id), nil
}

func (t *task) show(ctx context.Context) (*value.Dict, error) {
	const what = "Could not retrieve session info"
	state, path := t.Args.Str("state"), "session/list"
	switch state {
	case "info":
		path = "session/info/" + url.PathEscape(t.Args.Str("id"))
	case "node":
		if !t.Args.Given("node") {
			return nil, module.Failf("%s %s", what, missing)
		}
		path = "session/node/" + url.PathEscape(t.Args.Str("node"))
	}
	var body []byte
	_, found, err := t.client.Do(ctx, consul.Call{Method: "GET", Path: path, Right: "session:read"}, &body)
	if err != nil {
		return nil, t.failed(what, err)
	}
	v, err := consul.Raw(body, found)
	if err != nil {
		return nil, module.Failf("%s %w", what, err)
	}
	switch state {
	case "info":
		return value.DictOf("session_id", t.Args.Value("id"), "sessions", v), nil
	case "node":
		return value.DictOf("node", t.Args.Value("node"), "sessions", v), nil
	}
	if list, ok := v.(*value.List); ok && len(list.Items) > 0 {
		v = list.Items[0]
	}
	return value.DictOf("sessions", v), nil
}
