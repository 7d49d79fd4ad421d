package consul

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/web"
)

// Config is where Consul is and how to get in. FromEnv reads what the consul
// command reads; fields may be set over it.
type Config struct {
	Addr       string // host:port, http://…, https://…, unix:///path
	Token      string
	TokenFile  string // read when Token is empty
	CAFile     string
	CADir      string
	ClientCert string
	ClientKey  string
	ServerName string // expected in the server's certificate
	Insecure   bool   // any certificate will do
	User       string // HTTP basic authentication
	Password   string

	Datacenter string
	Namespace  string
	Partition  string

	Timeout time.Duration // of one request without its blocking; 0: 10 s
	// Patience is how long reads are repeated while there is no leader.
	Patience time.Duration
	Env      []string // NAME=value, for proxies

	base *url.URL
	unix string
}

// FromEnv reads CONSUL_HTTP_ADDR and its kin.
//
// Source: "Environment variables" in the documentation of the consul command.
func FromEnv(env []string) (Config, error) {
	c := Config{Env: env}
	tls := ""
	verify := ""
	auth := ""
	for name, to := range map[string]*string{
		"CONSUL_HTTP_ADDR": &c.Addr, "CONSUL_HTTP_TOKEN": &c.Token, "CONSUL_HTTP_TOKEN_FILE": &c.TokenFile,
		"CONSUL_CACERT": &c.CAFile, "CONSUL_CAPATH": &c.CADir, "CONSUL_CLIENT_CERT": &c.ClientCert, "CONSUL_CLIENT_KEY": &c.ClientKey,
		"CONSUL_TLS_SERVER_NAME": &c.ServerName, "CONSUL_NAMESPACE": &c.Namespace, "CONSUL_PARTITION": &c.Partition,
		"CONSUL_HTTP_SSL": &tls, "CONSUL_HTTP_SSL_VERIFY": &verify, "CONSUL_HTTP_AUTH": &auth,
	} {
		*to = getenv(env, name)
	}
	c.User, c.Password, _ = strings.Cut(auth, ":")
	if tls != "" {
		on, err := strconv.ParseBool(tls)
		if err != nil {
			return c, fmt.Errorf("CONSUL_HTTP_SSL is %q, which is neither true nor false", tls)
		}
		if on && c.Addr == "" {
			c.Addr = "127.0.0.1:8500"
		}
		if on && !strings.Contains(c.Addr, "://") {
			c.Addr = "https://" + c.Addr
		}
	}
	if verify != "" {
		on, err := strconv.ParseBool(verify)
		if err != nil {
			return c, fmt.Errorf("CONSUL_HTTP_SSL_VERIFY is %q, which is neither true nor false", verify)
		}
		c.Insecure = !on
	}
	return c, nil
}

// complete reads the address and the file of the token.
func (c *Config) complete() error {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8500"
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if path, ok := strings.CutPrefix(c.Addr, "unix://"); ok {
		c.unix, c.base = path, &url.URL{Scheme: "http", Host: "localhost"}
	} else {
		text := c.Addr
		if !strings.Contains(text, "://") {
			text = "http://" + text
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("consul's address %q is none: it is host:port, http://…, https://… or unix:///path", c.Addr)
		}
		if u.Port() == "" {
			u.Host = net.JoinHostPort(u.Hostname(), "8500")
		}
		u.Path = strings.TrimSuffix(u.Path, "/")
		c.base = u
	}
	if c.Token == "" && c.TokenFile != "" {
		text, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return fmt.Errorf("the file of consul's token: %w", err)
		}
		if c.Token = strings.TrimSpace(string(text)); c.Token == "" {
			return fmt.Errorf("the file of consul's token, %s, is empty", c.TokenFile)
		}
	}
	return nil
}

func (c *Config) addr() string {
	if c.unix != "" {
		return c.Addr
	}
	return c.base.Scheme + "://" + c.base.Host
}

// web gives the HTTP client whose every step may take timeout.
func (c *Config) web(timeout time.Duration) *web.Client {
	w := &web.Client{
		Timeout: timeout, Env: c.Env, UseProxy: !loopback(c.base.Hostname()), UnixSocket: c.unix,
		Verify: !c.Insecure, CAPath: c.CAFile, CADir: c.CADir, ClientCert: c.ClientCert, ClientKey: c.ClientKey, ServerName: c.ServerName,
		Redirects: "none",
	}
	if c.User != "" {
		w.User, w.Password, w.HasPassword, w.ForceBasic = c.User, c.Password, true, true
	}
	return w
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// url gives the request's address with what it asks for.
func (c *Config) url(call Call) string {
	params := url.Values{}
	for k, v := range call.Params {
		params[k] = v
	}
	set := func(name, v string) {
		if v != "" && !params.Has(name) {
			params.Set(name, v)
		}
	}
	set("dc", call.Query.Datacenter)
	set("dc", c.Datacenter)
	set("ns", c.Namespace)
	set("partition", c.Partition)
	if call.Query.Index > 0 {
		set("index", strconv.FormatUint(call.Query.Index, 10))
		if call.Query.Wait > 0 {
			set("wait", strconv.FormatInt(call.Query.Wait.Milliseconds(), 10)+"ms")
		}
	}
	text := c.base.Scheme + "://" + c.base.Host + c.base.Path + "/v1/" + call.Path
	query := params.Encode()
	if call.Query.Consistent {
		if query != "" {
			query += "&"
		}
		query += "consistent"
	}
	if query == "" {
		return text
	}
	return text + "?" + query
}

func getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if k, v, _ := strings.Cut(env[i], "="); k == name {
			return v
		}
	}
	return ""
}
