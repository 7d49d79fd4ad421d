// Package consulmaintmode takes a node out of service and back, after asking
// Consul whether it may go: never more are offline at once than allowed.
//
//   - consul_maintmode.go: arguments, and the three states.
//   - options.go: the arguments as they are used.
//   - decide.go: may this node go? A pure function; its question is filled in by look.go.
//   - record.go: what stands in Consul's store and how it is read.
//   - enable.go: the agreement: take a place, look again, act, make it durable;
//     claim.go: a place taken and given back; resume.go: go on with one from before.
//   - disable.go: come back: end the maintenance, get healthy, give the place back.
//   - wait.go: the queue, and waiting on blocking queries.
//   - lease.go: the session and how long it is certain to last.
//   - maintain.go: the maintenance itself, and whose it is.
//   - result.go: what the task gets.
//
// The module is churten's own: docs/rolling.md tells how it is used, and what
// becomes of a node that dies in between.
package consulmaintmode

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the consul_maintmode module.
var Module = module.Module{
	Name: "churten.gate.consul_maintmode", Aliases: []string{"ansible.builtin.consul_maintmode"},
	Doc: "Take a node out of service by agreement through Consul, and back.",
	Spec: module.Spec{Args: []module.Arg{
		{Name: "state", Required: true, Choices: []string{"enabled", "disabled", "status"}, Doc: "enabled asks to go offline, disabled comes back, status tells."},
		{Name: "services", Type: module.List, Elements: module.Raw, Doc: "Services that decide: names, or dicts with name, tags, max_offline, min_healthy, expected, count_warning, strict. Default: all that the node's agent has."},
		{Name: "mode", Choices: []string{"node", "service"}, Doc: "What is put in maintenance. Default: service where services or tags are given, else node."},
		{Name: "tags", Type: module.List, Doc: "Only instances with all these tags count."},
		{Name: "max_offline", Default: value.Str("1"), Doc: "How many instances may be offline, this node's among them: a number, or a percentage, rounded down."},
		{Name: "strict", Type: module.Bool, Default: value.False, Doc: "A percentage that comes to less than one instance allows none."},
		{Name: "min_healthy", Type: module.Int, Doc: "How many others have to be healthy."},
		{Name: "expected", Type: module.Int, Doc: "How many instances there should be; missing ones count as offline."},
		{Name: "count_warning", Type: module.Bool, Default: value.False, Doc: "A warning counts as offline."},
		{Name: "if_unhealthy", Default: value.Str("allow"), Choices: []string{"allow", "deny"}, Doc: "Whether a node that is unhealthy itself may ask."},
		{Name: "wait", Type: module.Float, Default: value.Float(0), Doc: "Seconds to wait for a place, first come, first served."},
		{Name: "wait_healthy", Type: module.Float, Default: value.Float(0), Doc: "With disabled: seconds within which all checks have to pass; 0 does not look."},
		{Name: "min_healthy_time", Type: module.Float, Default: value.Float(0), Doc: "With disabled: seconds for which they have to pass without a break."},
		{Name: "release_delay", Type: module.Float, Default: value.Float(0), Doc: "With disabled: seconds for which the place is held after that."},
		{Name: "reason", Default: value.Str(""), Doc: "Shown in the maintenance and to those who wait."},
		{Name: "run", Default: value.Str(""), Doc: "Name of the run. Another run's place is taken over, or refused (if_held)."},
		{Name: "by", Doc: "Who asks. Default: user and host of the module."},
		{Name: "if_held", Default: value.Str("resume"), Choices: []string{"resume", "refuse"}, Doc: "What to do when this node already is offline for another run."},
		{Name: "fence", Doc: "The number that enabled gave. disabled and status fail when it is out of date."},
		{Name: "force", Type: module.Bool, Default: value.False, Doc: "With disabled: end a maintenance that somebody else began."},
		{Name: "required", Type: module.Bool, Default: value.False, Doc: "A refusal is a failure."},
		{Name: "break_glass", Doc: "Why the limit and the stop key are to be passed. It is recorded."},
		{Name: "node", Doc: "The node, where the agent asked is not its own: a node of the catalogue without an agent."},
		{Name: "kv_prefix", Default: value.Str("churten/maintmode"), Doc: "Where the agreement lies in the key-value store."},
		{Name: "session_ttl", Type: module.Float, Default: value.Float(15), Doc: "Seconds after which a node that died while it asked has lost its place, 10 at least."},
		{Name: "lock_delay", Type: module.Float, Default: value.Float(15), Doc: "Seconds for which Consul keeps such a place from others after that."},
		{Name: "timeout", Type: module.Float, Default: value.Float(10), Doc: "Seconds for one request."},
		{Name: "consul_addr", Doc: "host:port, http://…, https://… or unix:///path. Default: CONSUL_HTTP_ADDR, 127.0.0.1:8500."},
		{Name: "token", NoLog: true, Doc: "Token. Default: CONSUL_HTTP_TOKEN."},
		{Name: "token_file", Type: module.Path, Doc: "File of the token. Default: CONSUL_HTTP_TOKEN_FILE."},
		{Name: "ca_cert", Type: module.Path, Doc: "Authorities to trust. Default: CONSUL_CACERT."},
		{Name: "ca_path", Type: module.Path, Doc: "Directory of such files. Default: CONSUL_CAPATH."},
		{Name: "client_cert", Type: module.Path, Doc: "Our certificate. Default: CONSUL_CLIENT_CERT."},
		{Name: "client_key", Type: module.Path, Doc: "Its key. Default: CONSUL_CLIENT_KEY."},
		{Name: "tls_server_name", Doc: "Name in the server's certificate. Default: CONSUL_TLS_SERVER_NAME."},
		{Name: "validate_certs", Type: module.Bool, Doc: "Check the server's certificate. Default: CONSUL_HTTP_SSL_VERIFY, yes."},
		{Name: "datacenter", Doc: "Datacenter whose catalogue and store are asked. Default: the agent's."},
		{Name: "namespace", Doc: "Namespace, where the server has them. Default: CONSUL_NAMESPACE."},
		{Name: "partition", Doc: "Partition, where the server has them. Default: CONSUL_PARTITION."},
	}},
	Check: true,
	Run: func(ctx context.Context, c *module.Call) (*module.Result, error) {
		t, err := newTask(c)
		if err != nil {
			return nil, err
		}
		return t.do(ctx)
	},
}

// task is one call.
type task struct {
	*options
	call   *module.Call
	client *consul.Client
	check  bool
	me     *member  // found by identify
	lease  *lease   // nil as long as there is no session
	began  []string // what this call has put in maintenance, or tried to
	// at is called at each step of the agreement; tests stop there.
	at func(step string)
}

func newTask(c *module.Call) (*task, error) {
	o, err := optionsOf(c)
	if err != nil {
		return nil, err
	}
	cfg, err := config(c, o.timeout)
	if err != nil {
		return nil, err
	}
	client, err := consul.New(cfg)
	if err != nil {
		return nil, module.Failf("%w", err)
	}
	return &task{options: o, call: c, client: client, check: c.Check, at: func(string) {}}, nil
}

func (t *task) do(ctx context.Context) (*module.Result, error) {
	res, err := t.state(ctx)
	if err == nil {
		return res, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var f *module.Failure
	if !errors.As(err, &f) {
		f = module.Failf("%w", err)
		f.Err = nil // the message has it all
	}
	if f.Values == nil { // so that "until: gate.granted" can look
		f.Values = value.DictOf("granted", value.False, "reason", value.Str(f.Msg))
	}
	return nil, f
}

func (t *task) state(ctx context.Context) (*module.Result, error) {
	me, err := t.identify(ctx)
	if err != nil {
		return nil, err
	}
	t.me = me
	switch t.options.state {
	case "enabled":
		return t.enable(ctx)
	case "disabled":
		return t.disable(ctx)
	}
	return t.status(ctx)
}
