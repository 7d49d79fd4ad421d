// Package consulkv reads and writes keys in Consul's key-value store.
//
// Source: documentation of community.general.consul_kv; results seen on
// community.general of Ansible 12 with Consul 1.12 (testdata/recorded.json,
// written by testdata/consul/record.py).
package consulkv

import (
	"context"
	"net/url"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/consul"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the consul_kv module.
var Module = module.Module{
	Name: "community.general.consul_kv", Aliases: []string{"ansible.builtin.consul_kv"}, Doc: "Manipulate entries in the key/value store of a Consul cluster.",
	Spec: module.Spec{Args: consul.ClassicArgs(
		module.Arg{Name: "cas", Doc: "Set only when the key's ModifyIndex is this, 0: when there is no key."},
		module.Arg{Name: "datacenter", Doc: "Datacenter to ask."},
		module.Arg{Name: "flags", Doc: "Number to store with the value."},
		module.Arg{Name: "key", Required: true, Doc: "The key."},
		module.Arg{Name: "recurse", Type: module.Bool, Doc: "All keys that begin with it."},
		module.Arg{Name: "retrieve", Type: module.Bool, Default: value.True, Doc: "Read the key after it was set."},
		module.Arg{Name: "session", Doc: "Session that takes or gives back the lock."},
		module.Arg{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "acquire", "present", "release"}, Doc: "What to do."},
		module.Arg{Name: "value", Default: value.Str(unset), Doc: "The value."},
	)},
	Check: true,
	Run:   run,
}

// unset is what value is when it is not given, as in the reference.
const unset = "__ANSIBLE_NOT_SET__"

type task struct {
	*module.Call
	client *consul.Client
	key    string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	client, err := consul.Classic(c)
	if err != nil {
		return nil, err
	}
	t := &task{Call: c, client: client, key: c.Args.Str("key")}
	if strings.HasPrefix(t.key, "/") {
		return nil, module.Failf("keys should not start with a forward slash")
	}
	var res *module.Result
	switch c.Args.Str("state") {
	case "acquire", "release":
		res, err = t.lock(ctx)
	case "absent":
		res, err = t.remove(ctx)
	default:
		if c.Args.Str("value") == unset {
			res, err = t.show(ctx)
		} else {
			res, err = t.set(ctx)
		}
	}
	if err != nil {
		return nil, consul.ClassicError(c, err)
	}
	return res, nil
}

func (t *task) read(ctx context.Context) (value.Value, string, error) {
	data, meta, err := t.client.RawKV(ctx, t.key, t.Args.Bool("recurse"), nil)
	return data, consul.FormatIndex(meta.Index), err
}

func (t *task) show(ctx context.Context) (*module.Result, error) {
	data, index, err := t.read(ctx)
	if err != nil {
		return nil, err
	}
	return &module.Result{Values: value.DictOf("changed", value.None, "index", value.Str(index), "data", data)}, nil
}

func (t *task) result(changed bool, index string) *module.Result {
	return &module.Result{Changed: changed, Values: value.DictOf("changed", value.None, "index", value.Str(index), "key", value.Str(t.key))}
}

// holds reports whether data is a pair whose field is text.
func holds(data value.Value, field, text string) bool {
	d, ok := data.(*value.Dict)
	if !ok {
		return false
	}
	v, ok := d.GetStr(field)
	s, isText := v.(value.Str)
	return ok && isText && string(s) == text
}

func (t *task) put(ctx context.Context, params url.Values) (bool, error) {
	for name, v := range map[string]string{"flags": t.Args.Str("flags"), "cas": t.Args.Str("cas")} {
		if v != "" {
			params.Set(name, v)
		}
	}
	body := []byte{}
	if v := t.Args.Str("value"); v != unset {
		body = []byte(v)
	}
	var done bool
	_, _, err := t.client.Do(ctx, consul.Call{Method: "PUT", Path: "kv/" + consul.Escape(t.key), Params: params, Body: body, Right: "key:write"}, &done)
	return done, err
}

func (t *task) set(ctx context.Context) (*module.Result, error) {
	data, index, err := t.read(ctx)
	if err != nil {
		return nil, err
	}
	changed := !holds(data, "Value", t.Args.Str("value"))
	if changed && !t.Check {
		if changed, err = t.put(ctx, url.Values{}); err != nil {
			return nil, err
		}
	}
	data = value.None
	if t.Args.Bool("retrieve") {
		if data, index, err = t.read(ctx); err != nil {
			return nil, err
		}
	}
	res := t.result(changed, index)
	res.Values.SetStr("data", data)
	return res, nil
}

func (t *task) remove(ctx context.Context) (*module.Result, error) {
	data, index, err := t.read(ctx)
	if err != nil {
		return nil, err
	}
	changed := data != value.Value(value.None)
	if changed && !t.Check {
		params := url.Values{}
		if t.Args.Bool("recurse") {
			params.Set("recurse", "1")
		}
		if v := t.Args.Str("cas"); v != "" {
			params.Set("cas", v)
		}
		if _, _, err := t.client.Do(ctx, consul.Call{Method: "DELETE", Path: "kv/" + consul.Escape(t.key), Params: params, Right: "key:write"}, nil); err != nil {
			return nil, err
		}
	}
	res := t.result(changed, index)
	res.Values.SetStr("data", data)
	return res, nil
}

// lock takes the lock or gives it back.
func (t *task) lock(ctx context.Context) (*module.Result, error) {
	state, session := t.Args.Str("state"), t.Args.Str("session")
	if session == "" {
		return nil, module.Failf("%s of the lock of %s needs a session", state, t.key)
	}
	data, index, err := t.read(ctx)
	if err != nil {
		return nil, err
	}
	mine := holds(data, "Session", session)
	if state == "acquire" && mine && holds(data, "Value", t.Args.Str("value")) || state == "release" && !mine {
		return t.result(false, index), nil
	}
	changed := true
	if !t.Check {
		if changed, err = t.put(ctx, url.Values{state: {session}}); err != nil {
			return nil, err
		}
	}
	return t.result(changed, index), nil
}
