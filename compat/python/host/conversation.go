package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/value"
)

// conversation is one call while it goes on.
type conversation struct {
	p       *process
	r       Request
	id      uint32
	frames  chan frame
	handles []value.Value // mappings that Python asks items of
}

func (c *conversation) handle(v value.Value) int {
	c.handles = append(c.handles, v)
	return len(c.handles) - 1
}

func (c *conversation) send(ctx context.Context, k kind, v value.Value) error {
	e := &encoder{trusted: c.r.Trusted, handle: c.handle}
	if err := e.value(v, 0); err != nil {
		return err
	}
	if err := c.p.send(ctx, frame{kind: k, id: c.id, body: e.b}); err != nil {
		return c.p.reason(err)
	}
	return nil
}

func (c *conversation) run(ctx context.Context) (value.Value, error) {
	args := c.r.Args
	if args == nil {
		args = value.NewDict(0)
	}
	if err := c.send(ctx, kindCall, value.NewList(value.Str(c.r.Op), args)); err != nil {
		return nil, err
	}
	for {
		select {
		case <-ctx.Done():
			// What the plugin asks next is not answered any more.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
			_ = c.p.send(last, frame{kind: kindFault, id: c.id, body: []byte("null")})
			cancel()
			return nil, context.Cause(ctx)
		case <-c.p.done:
			return nil, c.p.reason(ErrClosed)
		case f := <-c.frames:
			v, err := decoder{template: c.r.Template, p: c.p}.decode(f.body)
			if err != nil {
				return nil, err
			}
			switch f.kind {
			case kindReply:
				return v, nil
			case kindFault:
				return nil, raised(v)
			case kindAsk:
				if err := c.answer(ctx, v); err != nil {
					return nil, err
				}
			default:
				return nil, fmt.Errorf("python sent a frame of unknown kind %q", f.kind)
			}
		}
	}
}

func raised(v value.Value) error {
	d, _ := v.(*value.Dict)
	get := func(key string) string {
		if v, ok := d.GetStr(key); ok {
			return value.Text(v)
		}
		return ""
	}
	return &Error{Type: get("type"), Msg: get("msg"), Traceback: get("traceback")}
}

// answer does what Python asks; an error of it is raised there.
func (c *conversation) answer(ctx context.Context, asked value.Value) error {
	l, ok := asked.(*value.List)
	if !ok || len(l.Items) != 2 {
		return errors.New("python asked something that is no request")
	}
	args, _ := l.Items[1].(*value.Dict)
	v, err := c.serve(ctx, value.Text(l.Items[0]), args)
	if err == nil {
		err = c.send(ctx, kindAnswer, v)
		if err == nil || !c.p.alive() {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fault := value.DictOf("msg", value.Str(err.Error()))
	var typed *Error
	if errors.As(err, &typed) {
		fault.SetStr("type", value.Str(typed.Type))
	}
	return c.send(ctx, kindFault, fault)
}

func (c *conversation) serve(ctx context.Context, op string, args *value.Dict) (value.Value, error) {
	switch op {
	case "map.keys", "map.get":
		return c.mapping(op, args)
	}
	if c.r.Serve == nil {
		return nil, fmt.Errorf("a plugin asked for %q, which nobody answers here", op)
	}
	return c.r.Serve(ctx, op, args)
}

func (c *conversation) mapping(op string, args *value.Dict) (value.Value, error) {
	h, _ := args.GetStr("handle")
	n, ok := value.AsInt(h)
	if !ok || n < 0 || int(n) >= len(c.handles) {
		return nil, errors.New("a plugin asked for a mapping that is not there")
	}
	m := c.handles[n].(value.Mapping)
	if op == "map.keys" {
		keys, err := m.MapKeys()
		return value.NewList(keys...), err
	}
	key, _ := args.GetStr("key")
	v, found, err := m.MapGet(key)
	if err != nil || !found {
		return value.NewList(), err
	}
	v, err = value.Force(v)
	return value.NewList(v), err
}
