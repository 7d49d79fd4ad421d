// Package consul asks a Consul agent or server over its HTTP API, for the
// modules that need one.
//
//   - config.go: where and how, as the consul command reads it from the environment.
//   - consul.go: [Client], one request and its answer; error.go words what goes
//     wrong, with the right (ACL) that a token lacks.
//   - kv.go, txn.go, session.go: the key-value store, its transactions and sessions.
//   - agent.go: the node's own agent; health.go: the catalogue with health.
//
// It is written over kit/web and not over github.com/hashicorp/consul/api: the
// latter makes the agent 0.52 MiB bigger (4.01 to 4.53 MiB gzipped, v1.34.2),
// as it brings net/http, a logger and a metrics library to every target.
package consul

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/churten/churten/modules/kit/web"
)

// maxAnswer bounds what a server may send, bytes.
const maxAnswer = 64 << 20

// Client asks one Consul agent. It is safe for concurrent use.
type Client struct{ cfg Config }

// New gives a client; nothing is connected to.
func New(cfg Config) (*Client, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	return &Client{cfg: cfg}, nil
}

// Addr is where the client asks, for messages.
func (c *Client) Addr() string { return c.cfg.addr() }

// Query says how to read.
type Query struct {
	Index      uint64        // block until the answer's index is greater
	Wait       time.Duration // at most so long; 0: the server's five minutes
	Consistent bool          // the leader makes sure that it still is the leader
	Datacenter string        // instead of the client's
}

// Meta is what the head of an answer says.
type Meta struct {
	Index    uint64 // for the next blocking query
	Filtered bool   // the token may not see everything
}

// Call is one request. Path is below /v1.
type Call struct {
	Method string
	Path   string
	Params url.Values
	Query  Query
	Body   []byte
	// Right is what a token needs for it (key:write …), for messages.
	Right string
	// Absent makes 404 an answer (found is false) instead of an error.
	Absent bool
	// Conflict makes 409 an answer (found is false): a transaction that did not go.
	Conflict bool
}

// Do makes the request and decodes the JSON answer into out, unless it is nil;
// *[]byte takes the answer as it is. The error is an *Error, or the context's.
//
// A GET is repeated for as long as Config.Patience when the servers are without
// a leader, which an election ends within seconds.
func (c *Client) Do(ctx context.Context, call Call, out any) (meta Meta, found bool, err error) {
	for begun := time.Now(); ; {
		meta, found, err = c.once(ctx, call, out)
		var e *Error
		if call.Method != "GET" || !errors.As(err, &e) || e.Status < 500 || !e.Passing() || time.Since(begun) > c.cfg.Patience {
			return meta, found, err
		}
		select {
		case <-ctx.Done():
			return meta, found, err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (c *Client) once(ctx context.Context, call Call, out any) (meta Meta, found bool, err error) {
	address := c.cfg.url(call)
	timeout := c.cfg.Timeout
	if call.Query.Index > 0 {
		// The server adds up to a sixteenth of jitter.
		wait := call.Query.Wait
		if wait == 0 {
			wait = 5 * time.Minute
		}
		timeout += wait + wait/8
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errLate)
	defer cancel()
	fail := func(err error) (Meta, bool, error) {
		if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errLate) {
			return Meta{}, false, ctx.Err()
		}
		return Meta{}, false, c.unreachable(call, timeout, err)
	}
	req := web.Request{Method: call.Method, URL: address}
	if call.Body != nil {
		req.Body, req.Length = bytes.NewReader(call.Body), int64(len(call.Body))
		req.Header.Set("Content-Type", "application/json")
	}
	if c.cfg.Token != "" {
		req.Header.Set("X-Consul-Token", c.cfg.Token)
	}
	req.Header.Set("User-Agent", "churten")
	resp, err := c.cfg.web(timeout).Do(ctx, req)
	if err != nil {
		return fail(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fail(err)
	case len(body) > maxAnswer:
		return Meta{}, false, fmt.Errorf("consul at %s: the answer to %s is longer than %d bytes", c.Addr(), call.Path, maxAnswer)
	case resp.Status == 404 && call.Absent, resp.Status == 409 && call.Conflict:
		return metaOf(resp), false, decode(body, out, resp.Status == 409)
	case resp.Failed():
		return Meta{}, false, c.refused(call, resp.Status, body)
	}
	if err := decode(body, out, true); err != nil {
		return Meta{}, false, fmt.Errorf("consul at %s: the answer to %s cannot be read: %w", c.Addr(), call.Path, err)
	}
	return metaOf(resp), true, nil
}

func decode(body []byte, out any, wanted bool) error {
	if out == nil || !wanted {
		return nil
	}
	if raw, ok := out.(*[]byte); ok {
		*raw = body
		return nil
	}
	return json.Unmarshal(body, out)
}

func metaOf(resp *web.Response) Meta {
	index, _ := strconv.ParseUint(resp.Header.Get("X-Consul-Index"), 10, 64)
	return Meta{Index: index, Filtered: resp.Header.Get("X-Consul-Results-Filtered-By-ACLs") == "true"}
}

func (c *Client) get(ctx context.Context, path, right string, params url.Values, q Query, out any) (Meta, error) {
	meta, _, err := c.Do(ctx, Call{Method: "GET", Path: path, Params: params, Query: q, Right: right}, out)
	return meta, err
}

func (c *Client) put(ctx context.Context, path, right string, params url.Values, in, out any) error {
	call := Call{Method: "PUT", Path: path, Params: params, Right: right}
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("consul: %s: %w", path, err)
		}
		call.Body = body
	}
	_, _, err := c.Do(ctx, call, out)
	return err
}
