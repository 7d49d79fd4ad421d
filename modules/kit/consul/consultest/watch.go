package consultest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Watcher looks at a service in the catalogue without a break, by blocking
// queries to every server, and remembers how many were offline at once.
type Watcher struct {
	mu     sync.Mutex
	most   int
	looks  int
	worst  string
	stop   context.CancelFunc
	all    sync.WaitGroup
	limit  int
	broken []string
}

// Watch begins to watch; more than limit offline is remembered as broken.
func (c *Cluster) Watch(service string, limit int) *Watcher {
	ctx, stop := context.WithCancel(context.Background())
	w := &Watcher{stop: stop, limit: limit}
	for _, s := range c.Servers {
		w.all.Go(func() { w.follow(ctx, c, s, service) })
	}
	c.t.Cleanup(func() { w.Stop() })
	return w
}

type entry struct {
	Node    struct{ Node string }
	Service struct{ ID string }
	Checks  []struct{ CheckID, Status string }
}

func (w *Watcher) follow(ctx context.Context, c *Cluster, s *Node, service string) {
	for index := "0"; ctx.Err() == nil; {
		out, next, err := c.block(ctx, s, service, index)
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		index = next
		w.see(out)
	}
}

// block reads what one server knows, when it has changed; stale: each server
// shows the history as it has got it, so three see more than one.
func (c *Cluster) block(ctx context.Context, s *Node, service, index string) (out []entry, next string, err error) {
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL()+"/v1/health/service/"+service+"?stale&wait=5s&index="+index, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("X-Consul-Token", c.Token)
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return nil, "", fmt.Errorf("status %s", resp.Status)
	}
	err = json.NewDecoder(resp.Body).Decode(&out)
	return out, resp.Header.Get("X-Consul-Index"), err
}

func (w *Watcher) see(entries []entry) {
	var off []string
	for _, e := range entries {
		for _, check := range e.Checks {
			if check.Status == "critical" {
				off = append(off, e.Node.Node)
				break
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	if len(off) > w.most {
		w.most, w.worst = len(off), strings.Join(off, " ")
	}
	if len(off) > w.limit && len(w.broken) < 20 {
		w.broken = append(w.broken, strings.Join(off, " "))
	}
}

// Stop ends the watch. most is how many were offline at once at most, broken
// what was seen above the limit, looks how often it was looked.
func (w *Watcher) Stop() (most int, broken []string, looks int) {
	w.stop()
	w.all.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.most, w.broken, w.looks
}
