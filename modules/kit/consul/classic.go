package consul

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// ClassicArgs are how community.general's modules are told where Consul is.
func ClassicArgs(more ...module.Arg) []module.Arg {
	return append([]module.Arg{
		{Name: "host", Default: value.Str("localhost"), Doc: "Host of the agent."},
		{Name: "port", Type: module.Int, Default: value.Int(8500), Doc: "Its port."},
		{Name: "scheme", Default: value.Str("http"), Doc: "http or https."},
		{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check the server's certificate."},
		{Name: "token", NoLog: true, Doc: "Token of the ACL."},
	}, more...)
}

// Classic gives the client that ClassicArgs ask for. CONSUL_HTTP_ADDR is not
// read, CONSUL_HTTP_TOKEN is, as by py-consul.
func Classic(c *module.Call) (*Client, error) {
	a := c.Args
	cfg := Config{
		Addr:  a.Str("scheme") + "://" + net.JoinHostPort(a.Str("host"), fmt.Sprint(a.Int("port"))),
		Token: a.Str("token"), Insecure: !a.Bool("validate_certs"), CAFile: a.Str("ca_path"), Datacenter: a.Str("datacenter"), Env: c.Env,
	}
	if cfg.Token == "" {
		if cfg.Token = getenv(c.Env, "CONSUL_HTTP_TOKEN"); cfg.Token != "" {
			c.Secret(value.Str(cfg.Token))
		}
	}
	client, err := New(cfg)
	if err != nil {
		return nil, module.Failf("%w", err)
	}
	return client, nil
}

// ClassicError words err as those modules do: what the server said with its
// status before it.
func ClassicError(c *module.Call, err error) error {
	var e *Error
	switch {
	case !errors.As(err, &e):
		return err
	case e.Status == 0:
		return module.Failf("Could not connect to consul agent at %s:%d, error was %s", c.Args.Str("host"), c.Args.Int("port"), e.Msg)
	}
	return module.Failf("%d %s", e.Status, strings.TrimSpace(e.Body))
}

// Raw gives an answer as values in the server's order; None where there is
// nothing.
func Raw(body []byte, found bool) (value.Value, error) {
	if !found {
		return value.None, nil
	}
	v, err := value.ParseJSON(string(body))
	if err != nil {
		return nil, fmt.Errorf("consul's answer is no JSON: %w", err)
	}
	return v, nil
}
