package consulmaintmode

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// options are the arguments.
type options struct {
	state      string
	mode       string // node, service
	node       string
	named      []named
	tags       []string
	limits     limits
	reason     string
	run, by    string
	fence      uint64
	resume     bool
	force      bool
	required   bool
	breakGlass string
	prefix     string

	wait, waitHealthy, minHealthyTime, releaseDelay time.Duration
	sessionTTL, lockDelay, timeout                  time.Duration
}

// named is a service that the task names, with limits of its own.
type named struct {
	name   string
	tags   []string
	limits limits
}

func optionsOf(c *module.Call) (*options, error) {
	a := c.Args
	o := &options{
		state: a.Str("state"), mode: a.Str("mode"), node: a.Str("node"), tags: a.Strs("tags"), reason: a.Str("reason"),
		run: a.Str("run"), by: a.Str("by"), resume: a.Str("if_held") != "refuse", force: a.Bool("force"), required: a.Bool("required"),
		breakGlass: strings.TrimSpace(a.Str("break_glass")), prefix: strings.Trim(a.Str("kv_prefix"), "/"),
		wait: seconds(a, "wait"), waitHealthy: seconds(a, "wait_healthy"), minHealthyTime: seconds(a, "min_healthy_time"),
		releaseDelay: seconds(a, "release_delay"), sessionTTL: seconds(a, "session_ttl"), lockDelay: seconds(a, "lock_delay"), timeout: seconds(a, "timeout"),
	}
	for _, name := range []string{"wait", "wait_healthy", "min_healthy_time", "release_delay", "lock_delay"} {
		if a.Float(name) < 0 {
			return nil, module.Failf("%s is less than nothing: %v", name, a.Value(name))
		}
	}
	switch {
	case o.sessionTTL < 10*time.Second || o.sessionTTL > 24*time.Hour:
		return nil, module.Failf("session_ttl has to be between 10 and 86400 seconds, as Consul wants it")
	case o.lockDelay > time.Minute:
		return nil, module.Failf("lock_delay can be 60 seconds at most, as Consul wants it")
	case o.timeout <= 0:
		return nil, module.Failf("timeout has to be more than nothing")
	case a.Given("break_glass") && o.breakGlass == "":
		return nil, module.Failf("break_glass has to say why")
	case o.minHealthyTime > 0 && o.minHealthyTime > o.waitHealthy:
		return nil, module.Failf("min_healthy_time is longer than wait_healthy, so the node could never be healthy for that long")
	case o.prefix == "":
		return nil, module.Failf("kv_prefix is empty")
	}
	if a.Given("fence") {
		n, err := strconv.ParseUint(strings.TrimSpace(a.Str("fence")), 10, 64)
		if err != nil {
			return nil, module.Failf("fence is %q, and not the number that state=enabled gave", a.Str("fence"))
		}
		o.fence = n
	}
	if err := o.limits.read(a, limits{MaxOffline: 1}); err != nil {
		return nil, err
	}
	o.limits.DenyUnwell = a.Str("if_unhealthy") == "deny"
	for _, item := range a.List("services") {
		n, err := o.service(item)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(o.named, func(m named) bool { return m.name == n.name }) {
			return nil, module.Failf("services names %s twice", n.name)
		}
		o.named = append(o.named, n)
	}
	if o.mode == "" {
		o.mode = "node"
		if len(o.named) > 0 || len(o.tags) > 0 {
			o.mode = "service"
		}
	}
	if o.by == "" {
		o.by = whoami()
	}
	return o, nil
}

// serviceArgs are what one of services may say.
var serviceArgs = module.Spec{Args: []module.Arg{
	{Name: "name", Required: true},
	{Name: "tags", Type: module.List},
	{Name: "max_offline"},
	{Name: "min_healthy", Type: module.Int},
	{Name: "expected", Type: module.Int},
	{Name: "count_warning", Type: module.Bool},
	{Name: "strict", Type: module.Bool},
}}

func (o *options) service(item value.Value) (named, error) {
	d, ok := item.(*value.Dict)
	if !ok {
		name := value.Text(item)
		if name == "" {
			return named{}, module.Failf("services has a name that is empty")
		}
		return named{name: name, tags: o.tags, limits: o.limits}, nil
	}
	checked, err := module.Check(&serviceArgs, "consul_maintmode services", d, nil)
	if err != nil {
		return named{}, module.Failf("services: %w", err)
	}
	n := named{name: checked.Args.Str("name"), tags: o.tags}
	if checked.Args.Given("tags") {
		n.tags = checked.Args.Strs("tags")
	}
	err = n.limits.read(checked.Args, o.limits)
	return n, err
}

// read takes what is given and the rest from def.
func (l *limits) read(a module.Args, def limits) error {
	*l = def
	if a.Given("max_offline") {
		text, percent := strings.CutSuffix(strings.TrimSpace(a.Str("max_offline")), "%")
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || percent && n > 100 {
			return module.Failf("max_offline is %q: it is a number, or a percentage from 0%% to 100%%", a.Str("max_offline"))
		}
		l.MaxOffline, l.Percent = n, percent
	}
	for _, f := range []struct {
		name string
		to   *int
	}{{"min_healthy", &l.MinHealthy}, {"expected", &l.Expected}} {
		if a.Given(f.name) {
			if *f.to = int(a.Int(f.name)); *f.to < 0 {
				return module.Failf("%s is less than nothing: %d", f.name, *f.to)
			}
		}
	}
	if a.Given("count_warning") {
		l.CountWarning = a.Bool("count_warning")
	}
	if a.Given("strict") {
		l.Strict = a.Bool("strict")
	}
	return nil
}

func seconds(a module.Args, name string) time.Duration {
	return time.Duration(a.Float(name) * float64(time.Second))
}

func whoami() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if u, err := user.Current(); err == nil {
		return u.Username + "@" + host
	}
	return fmt.Sprintf("%d@%s", os.Getuid(), host)
}

// config reads how to reach Consul: the environment, then the arguments over it.
func config(c *module.Call, timeout time.Duration) (consul.Config, error) {
	cfg, err := consul.FromEnv(c.Env)
	if err != nil {
		return cfg, module.Failf("%w", err)
	}
	a := c.Args
	for name, to := range map[string]*string{
		"consul_addr": &cfg.Addr, "ca_cert": &cfg.CAFile, "ca_path": &cfg.CADir, "client_cert": &cfg.ClientCert,
		"client_key": &cfg.ClientKey, "tls_server_name": &cfg.ServerName,
		"datacenter": &cfg.Datacenter, "namespace": &cfg.Namespace, "partition": &cfg.Partition,
	} {
		if a.Given(name) {
			*to = a.Str(name)
		}
	}
	switch { // what the task says goes before all of the environment's
	case a.Given("token"):
		cfg.Token = a.Str("token")
	case a.Given("token_file"):
		cfg.Token, cfg.TokenFile = "", a.Str("token_file")
	}
	if a.Given("validate_certs") {
		cfg.Insecure = !a.Bool("validate_certs")
	}
	cfg.Timeout, cfg.Patience = timeout, timeout
	if cfg.Token != "" {
		c.Secret(value.Str(cfg.Token))
	}
	return cfg, nil
}
