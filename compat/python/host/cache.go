package host

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/value"
)

// Cache is a cache plugin that keeps facts.
type Cache struct {
	h    *Host
	name string
}

// Cache makes a cache plugin ready.
func (h *Host) Cache(ctx context.Context, name string) (*Cache, error) {
	_, err := h.Call(ctx, Request{Op: "cache.open", Args: value.DictOf("name", value.Str(name))})
	if err != nil {
		return nil, err
	}
	return &Cache{h: h, name: name}, nil
}

// Get gives a host's facts, nil if there are none.
func (c *Cache) Get(host string) (*value.Dict, error) {
	v, err := c.call("get", host)
	if err != nil {
		return nil, err
	}
	l, ok := v.(*value.List)
	if !ok || len(l.Items) == 0 {
		return nil, nil
	}
	facts, ok := l.Items[0].(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("the cache plugin '%s' gave a %s for the facts of %s", c.name, l.Items[0].Type(), host)
	}
	return facts, nil
}

// Put keeps a host's facts.
func (c *Cache) Put(host string, facts *value.Dict) error {
	_, err := c.call("put", host, "value", facts)
	return err
}

// Delete forgets a host's facts.
func (c *Cache) Delete(host string) error {
	_, err := c.call("delete", host)
	return err
}

func (c *Cache) call(what, host string, more ...any) (value.Value, error) {
	args := value.DictOf(append([]any{"name", value.Str(c.name), "key", value.Str(host)}, more...)...)
	v, err := c.h.Call(context.Background(), Request{Op: "cache." + what, Args: args})
	if err != nil {
		return nil, fmt.Errorf("the cache plugin '%s': %w", c.name, err)
	}
	return v, nil
}
