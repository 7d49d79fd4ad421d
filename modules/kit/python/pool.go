package python

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Pool runs the modules of one agent: it keeps what was found out, and the
// interpreters that are warm. Safe for concurrent use.
type Pool struct {
	Store Store

	mu         sync.Mutex
	servers    map[string]*server
	discovered map[string]string // by candidates and PATH
	closed     bool
}

// Run runs the module that args describe (see Spec) with what c holds of the
// task, and gives its result. The error is of calls that were cut short, or that
// are not whole; all that a module can do wrong is a failed result.
func (p *Pool) Run(ctx context.Context, args *value.Dict, c *module.Call) (*value.Dict, error) {
	return p.run(ctx, args, c, func(s *Spec, o *Output) *value.Dict { return Result(o, s.Interpreter) })
}

// RunJob runs a module as Run does, apart from any task: its result is as
// async_status gives it.
func (p *Pool) RunJob(ctx context.Context, args *value.Dict, c *module.Call) (*value.Dict, error) {
	d, err := p.run(ctx, args, c, func(s *Spec, o *Output) *value.Dict { return jobResult(o, s.FQN) })
	if err == nil {
		keep(d)
	}
	return d, err
}

func (p *Pool) run(ctx context.Context, args *value.Dict, c *module.Call, result func(*Spec, *Output) *value.Dict) (*value.Dict, error) {
	s, err := FromDict(args)
	if err != nil {
		return nil, err
	}
	told := p.interpret(s, c.Env)
	var out *output
	if s.Kind == New {
		out, err = p.runNew(ctx, s, c)
	} else {
		out, err = p.runProgram(ctx, s, c)
	}
	if err != nil {
		return nil, err
	}
	var d *value.Dict
	if out.tooMuch {
		d = value.DictOf("failed", value.True, "msg", value.Str(fmt.Sprintf("the module %s printed more than %d MiB and was ended", s.Module, maxOutput>>20)))
	} else {
		d = result(s, &out.Output)
	}
	told.into(d)
	return d, nil
}

// Interpret finds the interpreter of a call that has none yet: it gives the
// arguments with it, and puts what is to be told of it into d.
func (p *Pool) Interpret(args *value.Dict, env []string, d *value.Dict) (*value.Dict, error) {
	s, err := FromDict(args)
	if err != nil {
		return nil, err
	}
	told := p.interpret(s, env)
	told.into(d)
	return s.Dict(), nil
}

func (p *Pool) interpret(s *Spec, env []string) (told Told) {
	if s.Interpreter == "" && s.Kind != Binary {
		told.Interpreter, told.NoneFound = p.discover(s.Candidates, env)
		s.Interpreter = told.Interpreter
	}
	return told
}

// fallback is what is tried where no candidate is there.
const fallback = "/usr/bin/python3"

func (p *Pool) discover(candidates, env []string) (path string, none bool) {
	key := strings.Join(candidates, "\n")
	for _, kv := range env {
		if strings.HasPrefix(kv, "PATH=") {
			key += "\n" + kv
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.discovered[key]
	if !ok {
		found = Discover(candidates, env)
		if p.discovered == nil {
			p.discovered = map[string]string{}
		}
		p.discovered[key] = found
	}
	if found == "" {
		return fallback, true
	}
	return found, false
}

// part gives content of the call, from the store if it has it.
func (p *Pool) part(ctx context.Context, c *module.Call, name string) (hash string, content []byte, err error) {
	// Opening does not read: what the host has is not asked for.
	hash, ok := strings.CutPrefix(name, partPrefix)
	if !ok || len(hash) != 64 || strings.ContainsAny(hash, "/.") {
		return "", nil, fmt.Errorf("a bundle without a hash: %q", name)
	}
	content, err = p.Store.Get(ctx, hash, func(ctx context.Context) (io.ReadCloser, error) {
		r, _, err := c.Blob(ctx, name)
		return r, err
	})
	return hash, content, err
}

// partPrefix begins the name of a part among the contents of a call; its
// SHA-256 follows.
const partPrefix = "part "

// PartName is the name of a part among the contents of a call.
func PartName(hash string) string { return partPrefix + hash }

// startup are settings that an interpreter heeds when it starts only.
func startup(env []string) []string {
	var out []string
	for _, kv := range env {
		for _, prefix := range []string{"PYTHON", "LD_", "DYLD_", "LANG=", "LC_", "HOME=", "VIRTUAL_ENV="} {
			if strings.HasPrefix(kv, prefix) {
				out = append(out, kv)
			}
		}
	}
	slices.Sort(out)
	return out
}

// runNew runs a module in a fork of a warm interpreter.
func (p *Pool) runNew(ctx context.Context, s *Spec, c *module.Call) (*output, error) {
	parts := make([]part, len(s.Parts))
	for i, name := range s.Parts {
		var err error
		if parts[i].hash, parts[i].content, err = p.part(ctx, c, name); err != nil {
			return nil, err
		}
	}
	dir := p.Store.Dir
	if dir == "" {
		dir = "/nonexistent"
	}
	req := &request{FQN: s.FQN, Params: p.withTmp(s.Args), Profile: s.Profile, Env: c.Env, Dir: c.Dir, Files: s.Files,
		Root: filepath.Join(dir, "py-"+parts[len(parts)-1].hash[:32]+".zip")}
	for _, part := range parts {
		req.Parts = append(req.Parts, part.hash)
	}
	for {
		srv, again, err := p.server(s, parts[0].hash, c.Env)
		if err != nil {
			return &output{Output: Output{Stderr: []byte(err.Error() + "\n"), RC: 127}}, nil
		}
		out, err := srv.run(ctx, parts, req, again)
		if errors.Is(err, errEnded) {
			continue // it was ended with the call before
		}
		if errors.Is(err, errServerGone) {
			p.forget(srv)
		}
		return out, err
	}
}

// defaultTmp is the reference's remote_tmp as arguments have it where nobody set it.
const defaultTmp = `"_ansible_remote_tmp": "~/.ansible/tmp"`

// withTmp has modules make their temporary folders beside the bundles, unless a
// place is set: that one would be left behind, with a warning about it.
func (p *Pool) withTmp(args string) string {
	if p.Store.Dir == "" {
		return args
	}
	own, err := json.Marshal(p.Store.Dir)
	if err != nil {
		return args
	}
	return strings.Replace(args, defaultTmp, `"_ansible_remote_tmp": `+string(own), 1)
}

// server gives the interpreter for calls like s, started if there is none.
func (p *Pool) server(s *Spec, base string, env []string) (srv *server, again bool, err error) {
	key := strings.Join(append([]string{s.Interpreter, s.Flags, base}, startup(env)...), "\n")
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false, errors.New("the agent is ending")
	}
	if srv := p.servers[key]; srv != nil && !srv.gone() {
		return srv, true, nil
	}
	srv, err = startServer(s.Interpreter, s.Flags, env)
	if err != nil {
		return nil, false, err
	}
	if p.servers == nil {
		p.servers = map[string]*server{}
	}
	p.servers[key] = srv
	return srv, false, nil
}

func (p *Pool) forget(srv *server) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, other := range p.servers {
		if other == srv {
			delete(p.servers, key)
		}
	}
}

// Close ends the interpreters, and what runs in them.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	servers := p.servers
	p.servers = nil
	p.mu.Unlock()
	for _, srv := range servers {
		srv.close()
	}
}
