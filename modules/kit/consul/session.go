package consul

import (
	"context"
	"time"
)

// NewSession says what a session is like.
type NewSession struct {
	Name      string        `json:",omitempty"`
	TTL       string        `json:",omitempty"` // Go's duration, 10s to 24h
	LockDelay time.Duration // JSON: nanoseconds
	Behavior  string        `json:",omitempty"` // release, delete
}

// CreateSession makes a session on the agent's node and gives its ID.
func (c *Client) CreateSession(ctx context.Context, s NewSession) (string, error) {
	var out struct{ ID string }
	err := c.put(ctx, "session/create", "session:write", nil, s, &out)
	return out.ID, err
}

// RenewSession makes the session's TTL begin anew; ok is false when there is no
// such session any longer.
func (c *Client) RenewSession(ctx context.Context, id string) (ok bool, err error) {
	_, ok, err = c.Do(ctx, Call{Method: "PUT", Path: "session/renew/" + id, Right: "session:write", Absent: true}, nil)
	return ok, err
}

// DestroySession ends a session.
func (c *Client) DestroySession(ctx context.Context, id string) error {
	return c.put(ctx, "session/destroy/"+id, "session:write", nil, nil, nil)
}
