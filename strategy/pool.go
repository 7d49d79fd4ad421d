package strategy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/connection/ssh"
	"github.com/churten/churten/strategy/remote"
)

// Address is the way to one host: equal ones share a connection and an agent.
type Address struct {
	Kind                           string             // "ssh", "local", or the name of a client's kind
	Program                        connection.Program // of a client's kind
	Plugin, Options                string             // the user's Python's plugin that Kind names, and its options as JSON
	Host                           string             // inventory name, for messages
	Address, User                  string
	Port                           int
	Password                       string
	HasPassword                    bool
	KeyFile, KeyPassphrase, Key    string // Key is a private key itself
	OpenSSH, PKCS11                string // an ssh program that has to be used; a library that it loads
	NoTTY                          bool   // raw commands get no terminal
	Refused                        string // why there can be no connection
	SSHArgs, CommonArgs, ExtraArgs string
	HostKeyChecking                bool
	TimeoutSeconds                 int
	Retries                        int
	RemoteTmp                      string
}

// Pool holds the connections of a run: one for each address, made when first
// needed, kept until the run ends. It is safe for concurrent use.
type Pool struct {
	Dialer *ssh.Dialer
	Agents remote.Agents
	// Local serves hosts whose connection is local, inside this process.
	Local  agent.Options
	Prompt connection.Prompt // nil without a terminal
	// Plugin makes a connection by a plugin of the user's Python; may be nil.
	Plugin func(ctx context.Context, a Address) (connection.Conn, error)
	// Verbose hears what -vvv wants to know of a host's connection; may be nil.
	Verbose func(host string, level int, line string)

	mu      sync.Mutex
	entries map[Address]*pooled
	bare    map[Address]connection.Conn // open, without an agent
	closed  bool
}

// pooled is one connection, being made or open.
type pooled struct {
	ready chan struct{}
	agent *remote.Agent
	mu    sync.Mutex // guards conn
	conn  connection.Conn
	err   error
	watch sync.WaitGroup // over the agent's start
}

// Agent gives the agent at the address; the first to ask makes the connection.
func (p *Pool) Agent(ctx context.Context, a Address) (*remote.Agent, error) {
	ag, err := p.Begun(ctx, a)
	if err == nil {
		err = ag.Ready(ctx)
	}
	if err != nil {
		return nil, err
	}
	return ag, nil
}

// Begun is Agent that does not wait until the agent is up: what is asked of it
// meanwhile goes along with its start, which saves a round trip. What keeps it
// from coming up is the answer then.
func (p *Pool) Begun(ctx context.Context, a Address) (*remote.Agent, error) {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, remote.ErrClosed
		}
		if p.entries == nil {
			p.entries = map[Address]*pooled{}
		}
		e, there := p.entries[a]
		if !there {
			e = &pooled{ready: make(chan struct{})}
			p.entries[a] = e
		}
		p.mu.Unlock()
		if !there {
			e.agent, e.err = p.open(ctx, a, e)
			if e.err != nil {
				p.forget(a, e)
			}
			close(e.ready)
		}
		select {
		case <-e.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if e.err != nil {
			return nil, e.err
		}
		if e.agent.Err() == nil {
			return e.agent, nil
		}
		// It was there and is gone: the next task finds out whether the
		// host is back.
		p.forget(a, e)
		e.close(context.WithoutCancel(ctx))
	}
}

func (p *Pool) forget(a Address, e *pooled) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.entries[a] == e {
		delete(p.entries, a)
	}
}

func (p *Pool) open(ctx context.Context, a Address, e *pooled) (*remote.Agent, error) {
	opts := remote.Options{Host: a.Host, Agents: p.Agents, RemoteTmp: a.RemoteTmp}
	if p.Verbose != nil {
		opts.Log = func(line string) { p.Verbose(a.Host, 4, line) }
	}
	if a.Kind == "local" {
		return remote.StartInProcess(ctx, p.Local, opts)
	}
	conn := p.taken(a)
	if conn == nil {
		var err error
		if conn, err = p.Conn(ctx, a); err != nil {
			return nil, err
		}
	}
	e.conn = conn
	opts.Redial = func(ctx context.Context) (connection.Conn, error) {
		c, err := p.Conn(ctx, a)
		if err == nil {
			e.mu.Lock()
			old := e.conn
			e.conn = c
			e.mu.Unlock()
			if old != nil {
				old.Close()
			}
		}
		return c, err
	}
	opts.Cut = e.cut
	if k := connection.FindClient(a.Kind); k != nil && a.Plugin == "" {
		opts.NoPack = k.Here
	}
	// Others than who asked first wait for it too, hence not with its context.
	starting, watched := withPatience(context.WithoutCancel(ctx), conn, a.Host, startPatience*seconds(max(1, a.TimeoutSeconds)))
	ag := remote.Begin(starting, watched, opts)
	e.watch.Go(func() {
		err := ag.Ready(starting)
		watched.Stop()
		if err != nil {
			ag.GiveUp(err)
			conn.Close()
		}
	})
	return ag, nil
}

// startPatience is how many times the time-out of connecting a host may be
// silent while its agent is brought up.
const startPatience = 3

// Start runs a command on a host without an agent: over the connection that its
// agent has, or over one that an agent may have later.
func (p *Pool) Start(ctx context.Context, a Address, start func(connection.Conn) error) error {
	p.mu.Lock()
	e, conn := p.entries[a], p.bare[a]
	p.mu.Unlock()
	var lost *connection.Unreachable
	if e != nil {
		var agents connection.Conn
		select {
		case <-e.ready:
			e.mu.Lock()
			agents = e.conn
			e.mu.Unlock()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if e.err == nil && agents != nil {
			// A host may allow a connection no further session (MaxSessions 1).
			if err := start(agents); !errors.As(err, &lost) || lost.Lost {
				return err
			}
		}
	}
	if conn != nil {
		err := start(conn)
		if !errors.As(err, &lost) {
			return err
		}
		p.taken(a)
		conn.Close()
	}
	conn, err := p.Conn(ctx, a)
	if err != nil {
		return err
	}
	p.keep(a, conn)
	return start(conn)
}

// keep keeps a connection that has no agent.
func (p *Pool) keep(a Address, conn connection.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bare == nil {
		p.bare = map[Address]connection.Conn{}
	}
	if old := p.bare[a]; old != nil {
		defer old.Close()
	}
	p.bare[a] = conn
}

// taken gives a kept connection away.
func (p *Pool) taken(a Address) connection.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	conn := p.bare[a]
	delete(p.bare, a)
	return conn
}

// Conn makes a connection of its own, without an agent: for raw.
func (p *Pool) Conn(ctx context.Context, a Address) (connection.Conn, error) {
	if a.Refused != "" {
		return nil, &connection.Unreachable{Host: a.Host, Msg: a.Refused}
	}
	o := connection.Options{Host: a.Host, Address: a.Address, User: a.User, Port: a.Port,
		SSHArgs: a.SSHArgs, CommonArgs: a.CommonArgs, ExtraArgs: a.ExtraArgs, HostKeyChecking: a.HostKeyChecking,
		ConnectTimeout: seconds(a.TimeoutSeconds), Retries: a.Retries, Prompt: p.Prompt, PrivateKeyPassphrase: a.KeyPassphrase,
		PrivateKey: a.Key, Program: a.OpenSSH, PKCS11Provider: a.PKCS11}
	if a.HasPassword {
		o.Password = func(context.Context) (string, error) { return a.Password, nil }
	}
	if a.KeyFile != "" {
		o.PrivateKeyFiles = []string{a.KeyFile}
	}
	if p.Verbose != nil {
		o.Verbose = func(line string) { p.Verbose(a.Host, 3, line) }
		p.Verbose(a.Host, 3, fmt.Sprintf("ESTABLISH %s CONNECTION FOR USER: %s", strings.ToUpper(a.Kind[strings.LastIndexByte(a.Kind, '.')+1:]), orNone(a.User)))
	}
	if a.Plugin != "" {
		return p.Plugin(ctx, a)
	}
	if k := connection.FindClient(a.Kind); k != nil {
		return k.Dial(a.Host, a.Program)
	}
	if a.Kind == "local" {
		return &connection.Local{}, nil
	}
	return p.Dialer.Dial(ctx, o)
}

func orNone(s string) string {
	if s == "" {
		return "None"
	}
	return s
}

// Reset ends the connection at an address, if there is one.
func (p *Pool) Reset(ctx context.Context, a Address) error {
	p.mu.Lock()
	e := p.entries[a]
	delete(p.entries, a)
	p.mu.Unlock()
	if conn := p.taken(a); conn != nil {
		conn.Close()
	}
	if e == nil {
		return nil
	}
	return e.close(ctx)
}

// Close says goodbye to all hosts, at the same time, and waits for them.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	entries, bare := p.entries, p.bare
	p.entries, p.bare = nil, nil
	p.mu.Unlock()
	for _, conn := range bare {
		conn.Close()
	}
	var wg sync.WaitGroup
	errs := make([]error, len(entries))
	i := 0
	for _, e := range entries {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			errs[i] = e.close(ctx)
		}(i)
		i++
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (e *pooled) close(ctx context.Context) error {
	<-e.ready
	if e.agent == nil {
		return nil
	}
	err := e.agent.Close(ctx)
	e.cut()
	e.watch.Wait()
	return err
}

func (e *pooled) cut() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn != nil {
		e.conn.Close()
	}
}
