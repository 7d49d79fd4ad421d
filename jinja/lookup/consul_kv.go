package lookup

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
)

func init() { add("consul_kv", consulKV).volatile = true }

// store is Consul as one lookup asks it.
type store struct {
	client *http.Client
	base   string
	params url.Values // of every request
	token  string
}

// consulKV gives values of Consul's key-value store.
//
// Source: documentation of community.general.consul_kv; results seen on
// community.general of Ansible 12 (testdata/consul_kv.json).
func consulKV(c *Call) ([]value.Value, error) {
	s, err := c.consul()
	if err != nil {
		return nil, err
	}
	defer s.client.CloseIdleConnections()
	out := []value.Value{}
	for _, t := range c.Terms {
		values, err := s.term(c.std(), t)
		if err != nil {
			return nil, fmt.Errorf("Error locating '%s' in kv store. Error was %w", value.Text(t), err)
		}
		out = append(out, values...)
	}
	return out, nil
}

func (c *Call) consul() (*store, error) {
	s := &store{params: url.Values{}, token: c.text("token", os.Getenv("CONSUL_HTTP_TOKEN"))}
	host, scheme := c.text("host", "localhost"), c.text("scheme", "http")
	port, _, err := c.number("port", 8500)
	if err != nil {
		return nil, err
	}
	s.base = scheme + "://" + net.JoinHostPort(host, fmt.Sprint(port))
	if text := c.text("url", os.Getenv("ANSIBLE_CONSUL_URL")); text != "" {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("the url of consul is none: %s", text)
		}
		if u.Port() == "" {
			u.Host = net.JoinHostPort(u.Hostname(), "8500")
		}
		s.base = u.Scheme + "://" + u.Host
	}
	if c.flag("recurse", false) {
		s.params.Set("recurse", "1")
	}
	if dc := c.text("datacenter", ""); dc != "" {
		s.params.Set("dc", dc)
	}
	if v := c.option("index"); v != nil {
		n, err := c.integer("index", v)
		if err != nil {
			return nil, err
		}
		s.params.Set("index", fmt.Sprint(n))
	}
	verify := c.flag("validate_certs", true)
	if env := os.Getenv("ANSIBLE_CONSUL_VALIDATE_CERTS"); env != "" && c.option("validate_certs") == nil {
		verify = truthOf(value.Str(env))
	}
	trust := &tls.Config{InsecureSkipVerify: !verify}
	if path := c.text("client_cert", os.Getenv("ANSIBLE_CONSUL_CLIENT_CERT")); path != "" {
		pair, err := tls.LoadX509KeyPair(path, path)
		if err != nil {
			return nil, fmt.Errorf("client_cert: %w", err)
		}
		trust.Certificates = []tls.Certificate{pair}
	}
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: trust, Proxy: http.ProxyFromEnvironment}}
	return s, nil
}

// term reads what one term asks for: a key, and options after it.
func (s *store) term(ctx context.Context, t value.Value) ([]value.Value, error) {
	text, err := term(t, "split")
	if err != nil {
		return nil, err
	}
	key, rest, _ := strings.Cut(text, " ")
	params, token := url.Values{}, s.token
	for k, v := range s.params {
		params[k] = v
	}
	for word := range strings.FieldsSeq(rest) {
		name, v, ok := strings.Cut(word, "=")
		if !ok {
			return nil, errors.New("not enough values to unpack (expected 2, got 1)")
		}
		switch name {
		case "recurse":
			params.Del("recurse")
			if truthOf(value.Str(v)) {
				params.Set("recurse", "1")
			}
		case "index":
			params.Set("index", v)
		case "datacenter":
			params.Set("dc", v)
		case "token":
			token = v
		default:
			return nil, fmt.Errorf("%s not a valid consul lookup parameter", name)
		}
	}
	return s.get(ctx, key, params, token)
}

// get reads a key; with an index it waits until the key is newer, for as long
// as the server allows.
func (s *store) get(ctx context.Context, key string, params url.Values, token string) ([]value.Value, error) {
	timeout := 30 * time.Second
	if params.Has("index") {
		timeout = 11 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	u, err := url.Parse(s.base)
	if err != nil {
		return nil, err
	}
	u = u.JoinPath("v1", "kv") // keys may hold dots and slashes that paths lose
	u.Path, u.RawPath = u.Path+"/"+key, ""
	u.RawQuery = params.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("X-Consul-Token", token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxBody:
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxBody)
	case resp.StatusCode == http.StatusNotFound:
		return nil, nil
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%d %s", resp.StatusCode, strings.TrimSpace(string(body)))
	}
	return pairValues(body)
}

// pairValues gives the values of an answer as text; None for an empty one.
func pairValues(body []byte) ([]value.Value, error) {
	var pairs []struct {
		Key   string
		Value *string
	}
	if err := json.Unmarshal(body, &pairs); err != nil {
		return nil, err
	}
	out := make([]value.Value, len(pairs))
	for i, p := range pairs {
		if p.Value == nil {
			out[i] = value.Str("None")
			continue
		}
		text, err := base64.StdEncoding.DecodeString(*p.Value)
		if err != nil {
			return nil, err
		}
		if !utf8.Valid(text) {
			return nil, fmt.Errorf("the value of %s is no UTF-8 text", p.Key)
		}
		out[i] = value.Str(text)
	}
	return out, nil
}
