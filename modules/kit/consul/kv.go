package consul

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Pair is a key and its value.
type Pair struct {
	Key         string
	Value       []byte
	Flags       uint64
	CreateIndex uint64
	ModifyIndex uint64
	LockIndex   uint64
	Session     string
}

// Get reads a key; the pair is nil when there is none.
func (c *Client) Get(ctx context.Context, key string, q Query) (*Pair, Meta, error) {
	pairs, meta, err := c.pairs(ctx, key, nil, q)
	if err != nil || len(pairs) == 0 {
		return nil, meta, err
	}
	return &pairs[0], meta, nil
}

// List reads all keys that begin with prefix.
func (c *Client) List(ctx context.Context, prefix string, q Query) ([]Pair, Meta, error) {
	return c.pairs(ctx, prefix, url.Values{"recurse": {"true"}}, q)
}

func (c *Client) pairs(ctx context.Context, key string, params url.Values, q Query) ([]Pair, Meta, error) {
	var pairs []Pair
	meta, _, err := c.Do(ctx, Call{Method: "GET", Path: "kv/" + Escape(key), Params: params, Query: q, Right: "key:read", Absent: true}, &pairs)
	return pairs, meta, err
}

// Put writes a key without any condition.
func (c *Client) Put(ctx context.Context, key string, v []byte) error {
	_, _, err := c.Do(ctx, Call{Method: "PUT", Path: "kv/" + Escape(key), Body: v, Right: "key:write"}, nil)
	return err
}

// Escape writes a key as a path.
func Escape(key string) string {
	parts := strings.Split(key, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// Op is one operation of a transaction: set, cas, lock, unlock, get, delete,
// delete-cas, check-index, check-session, check-not-exists.
type Op struct {
	Verb    string
	Key     string
	Value   []byte `json:",omitempty"`
	Index   uint64 `json:",omitempty"`
	Session string `json:",omitempty"`
}

// MaxOps is how many operations one transaction may have.
const MaxOps = 64

// Txn runs all operations or none. done is false when one could not be done,
// and why says what the server said of each such one. index is the index at
// which they took effect.
func (c *Client) Txn(ctx context.Context, ops []Op) (done bool, index uint64, why []string, err error) {
	type entry struct{ KV Op }
	body := make([]entry, len(ops))
	for i, op := range ops {
		body[i] = entry{op}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return false, 0, nil, fmt.Errorf("consul: transaction: %w", err)
	}
	var answer struct {
		Results []struct{ KV *Pair }
		Errors  []struct {
			OpIndex int
			What    string
		}
	}
	_, done, err = c.Do(ctx, Call{Method: "PUT", Path: "txn", Body: text, Right: "key:write and session:write", Conflict: true}, &answer)
	if err != nil {
		return false, 0, nil, err
	}
	for _, e := range answer.Errors {
		if strings.Contains(e.What, "Permission denied") {
			return false, 0, nil, c.refused(Call{Method: "PUT", Path: "txn", Right: "key:write"}, 403, []byte(e.What))
		}
		key := ""
		if e.OpIndex >= 0 && e.OpIndex < len(ops) {
			key = ops[e.OpIndex].Verb + " " + ops[e.OpIndex].Key + ": "
		}
		why = append(why, key+e.What)
	}
	for _, r := range answer.Results {
		if r.KV != nil {
			index = max(index, r.KV.ModifyIndex)
		}
	}
	return done, index, why, nil
}

// FormatIndex writes an index as results show it.
func FormatIndex(index uint64) string { return strconv.FormatUint(index, 10) }
