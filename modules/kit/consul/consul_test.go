package consul

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

func TestFromEnv(t *testing.T) {
	for _, c := range []struct {
		env  string
		addr string
		err  string
		is   func(Config) bool
	}{
		{"", "http://127.0.0.1:8500", "", nil},
		{"CONSUL_HTTP_ADDR=consul:80", "http://consul:80", "", nil},
		{"CONSUL_HTTP_ADDR=consul", "http://consul:8500", "", nil},
		{"CONSUL_HTTP_ADDR=https://consul/", "https://consul:8500", "", nil},
		{"CONSUL_HTTP_ADDR=unix:///run/consul.sock", "unix:///run/consul.sock", "", nil},
		{"CONSUL_HTTP_ADDR=[::1]:85", "http://[::1]:85", "", nil},
		{"CONSUL_HTTP_SSL=true", "https://127.0.0.1:8500", "", nil},
		{"CONSUL_HTTP_SSL=1 CONSUL_HTTP_ADDR=c:1", "https://c:1", "", nil},
		{"CONSUL_HTTP_SSL=0 CONSUL_HTTP_ADDR=c:1", "http://c:1", "", nil},
		{"CONSUL_HTTP_SSL=perhaps", "", "neither true nor false", nil},
		{"CONSUL_HTTP_SSL_VERIFY=perhaps", "", "neither true nor false", nil},
		{"CONSUL_HTTP_SSL_VERIFY=false", "http://127.0.0.1:8500", "", func(c Config) bool { return c.Insecure }},
		{"CONSUL_HTTP_TOKEN=t", "http://127.0.0.1:8500", "", func(c Config) bool { return c.Token == "t" && !c.Insecure }},
		{"CONSUL_HTTP_TOKEN_FILE=/nonexistent", "", "no such file", nil},
		{"CONSUL_HTTP_TOKEN=t CONSUL_HTTP_TOKEN_FILE=/nonexistent", "http://127.0.0.1:8500", "", nil},
		{"CONSUL_HTTP_AUTH=u:p:q", "http://127.0.0.1:8500", "", func(c Config) bool { return c.User == "u" && c.Password == "p:q" }},
		{"CONSUL_NAMESPACE=n CONSUL_PARTITION=p", "http://127.0.0.1:8500", "", func(c Config) bool { return c.Namespace == "n" && c.Partition == "p" }},
		{"CONSUL_HTTP_ADDR=ftp://x", "", "is none", nil},
		{"CONSUL_HTTP_ADDR=http://", "", "is none", nil},
	} {
		cfg, err := FromEnv(strings.Fields(c.env))
		var client *Client
		if err == nil {
			client, err = New(cfg)
		}
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, not %s", c.env, err, c.err)
			}
		case err != nil:
			t.Errorf("%s: %v", c.env, err)
		case client.Addr() != c.addr || c.is != nil && !c.is(client.cfg):
			t.Errorf("%s: %s %+v", c.env, client.Addr(), client.cfg)
		}
	}
}

// answers is a server that says what it is told to, and keeps what it was asked.
func answers(t *testing.T, status int, body string) (*Client, *http.Request) {
	var got http.Request
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = *r
		w.Header().Set("X-Consul-Index", "42")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(srv.Close)
	c, err := New(Config{Addr: srv.URL, Token: "sesame", Datacenter: "dc7", Namespace: "ns1"})
	if err != nil {
		t.Fatal(err)
	}
	return c, &got
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		status          int
		body, msg       string
		denied, passing bool
	}{
		{403, "Permission denied", "permission denied: the token lacks key:read", true, false},
		{403, "rpc error: Permission denied: token lacks permission 'key:read' on \"a\"", "the token lacks key:read (rpc error", true, false},
		{403, "ACL not found", "does not know the token", true, false},
		{500, "No cluster leader", "no leader at present", false, true},
		{500, "No known Consul servers", "knows no server", false, true},
		{500, "rpc error making call: Permission denied", "the token lacks key:read", true, false},
		{400, `Invalid query parameter: "ns" - Namespaces are a Consul Enterprise feature`, "no namespaces and partitions", false, false},
		{429, "rate limit", "status 429: rate limit", false, false},
		{200, "{", "cannot be read", false, false},
	} {
		client, _ := answers(t, c.status, c.body)
		_, _, err := client.Get(t.Context(), "a", Query{})
		if err == nil || !strings.Contains(err.Error(), c.msg) {
			t.Errorf("%d %s: %v", c.status, c.body, err)
			continue
		}
		if strings.Contains(err.Error(), "sesame") {
			t.Errorf("the token is in %v", err)
		}
		var e *Error
		if errors.As(err, &e) && (e.Denied() != c.denied || e.Passing() != c.passing) {
			t.Errorf("%d %s: denied %v passing %v", c.status, c.body, e.Denied(), e.Passing())
		}
	}
}

func TestRequest(t *testing.T) {
	client, got := answers(t, 200, `[{"Key":"a b/c","Value":"eA==","ModifyIndex":7,"Session":"s"}]`)
	p, meta, err := client.Get(t.Context(), "a b/c", Query{Index: 5, Wait: 2 * time.Second, Consistent: true})
	if err != nil || string(p.Value) != "x" || p.ModifyIndex != 7 || p.Session != "s" || meta.Index != 42 {
		t.Fatalf("%+v %+v %v", p, meta, err)
	}
	if want := "/v1/kv/a%20b/c?dc=dc7&index=5&ns=ns1&wait=2000ms&consistent"; got.RequestURI != want {
		t.Errorf("asked for %s, not %s", got.RequestURI, want)
	}
	if got.Header.Get("X-Consul-Token") != "sesame" {
		t.Error("no token was sent")
	}
	client, _ = answers(t, 409, `{"Results":null,"Errors":[{"OpIndex":0,"What":"lock is already held"}]}`)
	done, _, why, err := client.Txn(t.Context(), []Op{{Verb: "lock", Key: "k"}})
	if err != nil || done || len(why) != 1 || why[0] != "lock k: lock is already held" {
		t.Errorf("%v %q %v", done, why, err)
	}
	client, _ = answers(t, 404, "")
	if p, _, err := client.Get(t.Context(), "none", Query{}); p != nil || err != nil {
		t.Errorf("%v %v", p, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := client.Get(ctx, "none", Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestPatience: reads are repeated while there is no leader, writes are not.
func TestPatience(t *testing.T) {
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n < 3 {
			http.Error(w, "No cluster leader", http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte("[]"))
	}))
	defer srv.Close()
	c, err := New(Config{Addr: srv.URL, Patience: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.List(t.Context(), "a", Query{}); err != nil || n != 3 {
		t.Errorf("%v after %d", err, n)
	}
	n = 0
	if err := c.Put(t.Context(), "a", nil); err == nil || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

// FuzzRaw: whatever a server answers, there are values or an error.
func FuzzRaw(f *testing.F) {
	f.Add(`{"Key":"a","Value":"eA=="}`)
	f.Add(`{"Value":"%"}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, body string) {
		v, err := Raw([]byte(body), true)
		if (v == nil) == (err == nil) {
			t.Fatalf("%v %v", v, err)
		}
		if d, ok := v.(*value.Dict); ok && plain(d) == nil {
			if text, ok := d.GetStr("Value"); ok && text == nil {
				t.Error("the value is gone")
			}
		}
	})
}
