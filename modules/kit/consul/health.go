package consul

import (
	"context"
	"net/url"
)

// Instance is one instance of a service with all checks that concern it.
type Instance struct {
	Node struct {
		Node, Address, Datacenter string
	}
	Service Service
	Checks  []Check
}

// Health lists the instances of a service, whatever their health.
func (c *Client) Health(ctx context.Context, service string, q Query) ([]Instance, Meta, error) {
	var out []Instance
	meta, err := c.get(ctx, "health/service/"+url.PathEscape(service), "service:read and node:read", nil, q, &out)
	return out, meta, err
}

// NodeHealth lists the checks of a node and of its services.
func (c *Client) NodeHealth(ctx context.Context, node string, q Query) ([]Check, Meta, error) {
	var out []Check
	meta, err := c.get(ctx, "health/node/"+url.PathEscape(node), "node:read and service:read", nil, q, &out)
	return out, meta, err
}

// Node is a node of the catalogue with its services.
type Node struct {
	Node struct {
		Node, Address, Datacenter string
	}
	Services map[string]Service
}

// CatalogNode reads a node of the catalogue, nil when there is none.
func (c *Client) CatalogNode(ctx context.Context, name string, q Query) (*Node, error) {
	var out *Node
	_, err := c.get(ctx, "catalog/node/"+url.PathEscape(name), "node:read", nil, q, &out)
	return out, err
}

// Register writes a check into the catalogue, for nodes without an agent.
func (c *Client) Register(ctx context.Context, node *Node, check Check) error {
	body := map[string]any{"Node": node.Node.Node, "Address": node.Node.Address, "SkipNodeUpdate": true, "Check": check}
	return c.put(ctx, "catalog/register", "node:write", nil, body, nil)
}

// Deregister removes a check from the catalogue, for nodes without an agent.
func (c *Client) Deregister(ctx context.Context, node, checkID string) error {
	return c.put(ctx, "catalog/deregister", "node:write", nil, map[string]any{"Node": node, "CheckID": checkID}, nil)
}
