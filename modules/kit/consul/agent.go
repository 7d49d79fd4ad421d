package consul

import (
	"context"
	"net/url"
)

// Self is what an agent says of itself.
type Self struct {
	Node       string
	Datacenter string
	Server     bool
	Version    string
}

// Self asks the agent who it is.
func (c *Client) Self(ctx context.Context) (Self, error) {
	var out struct {
		Config struct {
			NodeName, Datacenter, Version string
			Server                        bool
		}
	}
	_, err := c.get(ctx, "agent/self", "agent:read", nil, Query{}, &out)
	return Self{Node: out.Config.NodeName, Datacenter: out.Config.Datacenter, Server: out.Config.Server, Version: out.Config.Version}, err
}

// Service is a service as its agent, or the catalogue, knows it.
type Service struct {
	ID      string
	Service string
	Tags    []string
	Kind    string
	Address string
	Port    int
}

// AgentServices lists the services registered on the agent, by ID.
func (c *Client) AgentServices(ctx context.Context) (map[string]Service, error) {
	var out map[string]Service
	_, err := c.get(ctx, "agent/services", "service:read", nil, Query{}, &out)
	return out, err
}

// Check is a health check.
type Check struct {
	Node        string
	CheckID     string
	Name        string
	Status      string // passing, warning, critical
	Notes       string
	Output      string
	ServiceID   string
	ServiceName string
}

// AgentChecks lists the checks registered on the agent, by ID.
func (c *Client) AgentChecks(ctx context.Context) (map[string]Check, error) {
	var out map[string]Check
	_, err := c.get(ctx, "agent/checks", "node:read and service:read", nil, Query{}, &out)
	return out, err
}

// NodeMaintenance is the ID of the check that puts a node in maintenance;
// ServiceMaintenance that of one service, before its ID.
const (
	NodeMaintenance    = "_node_maintenance"
	ServiceMaintenance = "_service_maintenance:"
)

// MaintainNode puts the agent's node in maintenance, or ends it.
func (c *Client) MaintainNode(ctx context.Context, enable bool, reason string) error {
	return c.put(ctx, "agent/maintenance", "agent:write and node:write", maintenance(enable, reason), nil, nil)
}

// MaintainService puts a service of the agent in maintenance, or ends it.
func (c *Client) MaintainService(ctx context.Context, id string, enable bool, reason string) error {
	return c.put(ctx, "agent/service/maintenance/"+url.PathEscape(id), "service:write", maintenance(enable, reason), nil, nil)
}

func maintenance(enable bool, reason string) url.Values {
	if !enable {
		return url.Values{"enable": {"false"}}
	}
	return url.Values{"enable": {"true"}, "reason": {reason}}
}
