// Package consultest runs a real Consul for tests: servers and agents on
// addresses of 127.0.0.0/8, each with its own data, all gone when the test ends.
//
// The program is built by testdata/consul/build; tests skip where it is not.
// What tests ask here goes through net/http and not through kit/consul, so that
// the one does not judge itself.
package consultest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Options of Start.
type Options struct {
	Servers, Agents int
	HCL             string // more configuration, for all
	Token           string // for the requests of this package
	Server          string // name of the first server, if not server1
}

// Cluster is a Consul that runs.
type Cluster struct {
	Servers, Agents []*Node
	Token           string
	t               testing.TB
	program         string
	join            []string
	hcl             string
}

// Node is one Consul process.
type Node struct {
	Name, IP string
	server   bool
	data     string
	cmd      *exec.Cmd
	log      *os.File
}

// Program finds the consul program; the test is skipped where there is none.
func Program(t testing.TB) string {
	t.Helper()
	cache := os.Getenv("CHURTEN_CACHE")
	if cache == "" {
		cache = "/var/cache/churten"
	}
	path := filepath.Join(cache, "consul", "consul")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("there is no %s: testdata/consul/build makes it", path)
	}
	return path
}

// Start starts a cluster and waits until it has a leader and knows all nodes.
func Start(t testing.TB, o Options) *Cluster {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a Consul cluster")
	}
	c := &Cluster{t: t, program: Program(t), hcl: o.HCL, Token: o.Token}
	net := network(t)
	add := func(name, ip string, server bool) *Node {
		return &Node{Name: name, IP: ip, server: server, data: filepath.Join(t.TempDir(), name)}
	}
	for i := range o.Servers {
		c.Servers = append(c.Servers, add(fmt.Sprintf("server%d", i+1), fmt.Sprintf("%s.%d", net, i+1), true))
	}
	if o.Server != "" && o.Servers > 0 {
		c.Servers[0].Name = o.Server
	}
	for i := range o.Agents {
		c.Agents = append(c.Agents, add(fmt.Sprintf("web%d", i+1), fmt.Sprintf("%s.%d", net, i+11), false))
	}
	for _, s := range c.Servers {
		c.join = append(c.join, s.IP)
	}
	for _, n := range c.all() {
		n := n
		t.Cleanup(func() { n.kill() })
		c.Run(n)
	}
	c.Ready()
	return c
}

func (c *Cluster) all() []*Node { return append(append([]*Node(nil), c.Servers...), c.Agents...) }

// network finds three numbers of an address that nobody uses.
func network(t testing.TB) string {
	for range 100 {
		prefix := fmt.Sprintf("127.%d.%d", rand.IntN(200)+20, rand.IntN(250)+2)
		l, err := net.Listen("tcp", prefix+".1:8500")
		if err == nil {
			l.Close()
			return prefix
		}
	}
	t.Fatal("no addresses for Consul")
	return ""
}

// Run starts a node, also one that was killed: it has its data still.
func (c *Cluster) Run(n *Node) {
	c.t.Helper()
	args := []string{"agent", "-node=" + n.Name, "-bind=" + n.IP, "-client=" + n.IP, "-data-dir=" + n.data, "-retry-interval=1s", "-log-level=warn",
		"-dns-port=-1", "-hcl", `disable_update_check=true leave_on_terminate=false ports { serf_wan=-1 grpc=-1 } connect { enabled=false } performance { raft_multiplier=3 }`}
	if c.hcl != "" {
		args = append(args, "-hcl", c.hcl)
	}
	if n.server {
		args = append(args, "-server", fmt.Sprintf("-bootstrap-expect=%d", len(c.Servers)))
	}
	for _, ip := range c.join {
		args = append(args, "-retry-join="+ip)
	}
	var err error
	if err = os.MkdirAll(n.data, 0o700); err == nil {
		n.log, err = os.OpenFile(n.data+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	n.cmd = exec.Command(c.program, args...)
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	// Nothing stays when the test is killed.
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	n.cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	if err := n.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
}

func (n *Node) kill() {
	if n.cmd == nil || n.cmd.Process == nil {
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGCONT)
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
	_ = n.log.Close()
	n.cmd = nil
}

// Kill ends a node as a power cut does.
func (c *Cluster) Kill(n *Node) { n.kill() }

// Freeze stops a node's process; Thaw lets it go on.
func (n *Node) Freeze() {
	if n.cmd.Process.Signal(syscall.SIGSTOP) != nil {
		return
	}
	// The signal has been sent, not obeyed: a thread that runs may still answer.
	tasks := fmt.Sprintf("/proc/%d/task/*/stat", n.cmd.Process.Pid)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		threads, _ := filepath.Glob(tasks)
		if !slices.ContainsFunc(threads, func(path string) bool {
			stat, err := os.ReadFile(path)
			_, state, _ := strings.Cut(string(stat), ") ")
			return err == nil && !strings.HasPrefix(state, "T")
		}) {
			return
		}
	}
}

// Thaw lets a frozen process go on.
func (n *Node) Thaw() { _ = n.cmd.Process.Signal(syscall.SIGCONT) }

// URL is the address of the node's HTTP API.
func (n *Node) URL() string { return "http://" + n.IP + ":8500" }

// Ready waits until there is a leader and all nodes are in the catalogue.
func (c *Cluster) Ready() {
	c.t.Helper()
	Until(c.t, 90*time.Second, "a cluster that is ready", func() bool {
		var nodes []struct{ Node string }
		return c.Do(c.Servers[0], "GET", "/v1/catalog/nodes?consistent", nil, &nodes) == nil && len(nodes) >= len(c.Servers)+len(c.Agents)
	})
	for _, n := range c.Agents {
		Until(c.t, 60*time.Second, "the servers seen from "+n.Name, func() bool {
			return c.Do(n, "GET", "/v1/kv/none?recurse", nil, nil) == nil
		})
	}
}

// Leader gives the server that leads.
func (c *Cluster) Leader() *Node {
	c.t.Helper()
	var leader *Node
	Until(c.t, 60*time.Second, "a leader", func() bool {
		for _, s := range c.Servers {
			var addr string
			if s.cmd == nil || c.Do(s, "GET", "/v1/status/leader", nil, &addr) != nil {
				continue
			}
			for _, l := range c.Servers {
				if strings.HasPrefix(addr, l.IP+":") && l.cmd != nil {
					leader = l
					return true
				}
			}
		}
		return false
	})
	return leader
}

// Register registers a service without a check on an agent and waits until the
// catalogue has it. More goes into the registration.
func (c *Cluster) Register(n *Node, name string, more map[string]any) {
	c.t.Helper()
	body := map[string]any{"Name": name, "ID": name + "-" + n.Name}
	for k, v := range more {
		body[k] = v
	}
	c.Must(n, "PUT", "/v1/agent/service/register", body, nil)
	Until(c.t, 30*time.Second, name+" of "+n.Name+" in the catalogue", func() bool {
		var out []struct{ ServiceID string }
		if c.Do(c.Servers[0], "GET", "/v1/catalog/service/"+name+"?consistent", nil, &out) != nil {
			return false
		}
		for _, s := range out {
			if s.ServiceID == body["ID"] {
				return true
			}
		}
		return false
	})
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}

// Do makes a request of a node's API. A status that is not 2xx is an error, 404 of a GET apart.
func (c *Cluster) Do(n *Node, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return c.DoContext(ctx, n, method, path, in, out)
}

// DoContext is Do within a context.
func (c *Cluster) DoContext(ctx context.Context, n *Node, method, path string, in, out any) error {
	var body io.Reader
	if text, ok := in.(string); ok {
		body = strings.NewReader(text)
	} else if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, n.URL()+path, body)
	if err != nil {
		return err
	}
	if c.Token != "" {
		req.Header.Set("X-Consul-Token", c.Token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode == 404 && method == "GET":
		return nil
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	case out == nil:
		return nil
	}
	return json.Unmarshal(text, out)
}

// Must is Do that fails the test.
func (c *Cluster) Must(n *Node, method, path string, in, out any) {
	c.t.Helper()
	if err := c.Do(n, method, path, in, out); err != nil {
		c.t.Fatal(err)
	}
}

// Until asks again and again until ok, and fails the test after limit.
func Until(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		if ok() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}
