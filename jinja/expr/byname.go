package expr

import (
	"fmt"

	"github.com/churten/churten/jinja/value"
)

// CallFilter calls a filter by name on list[0], for what takes filters' names.
func (c *Ctx) CallFilter(name string, list []value.Value, kw *value.Dict) (value.Value, error) {
	f := c.Env.Filter(name)
	if f == nil {
		return nil, fmt.Errorf("No filter named '%s'.", name)
	}
	return c.callPlugin("filter", f, list, kw)
}

// CallTest calls a test by name on list[0], for what takes tests' names.
func (c *Ctx) CallTest(name string, list []value.Value, kw *value.Dict) (bool, error) {
	f := c.Env.Test(name)
	if f == nil {
		return false, fmt.Errorf("No test named '%s'.", name)
	}
	return truth(c.callPlugin("test", f, list, kw))
}

// CallFilters calls a filter on each of firsts, with the same arguments behind
// it. What fails raises where its result is used (map).
func (c *Ctx) CallFilters(name string, firsts, rest []value.Value, kw *value.Dict) ([]value.Value, error) {
	f := c.Env.Filter(name)
	if f == nil {
		return nil, fmt.Errorf("No filter named '%s'.", name)
	}
	out := make([]value.Value, 0, len(firsts))
	err := c.callEach("filter", f, firsts, rest, kw, func(v value.Value, err error) error {
		v, err = c.called(v, err)
		out = append(out, v)
		return err
	})
	return out, err
}

// CallTests is CallFilters for a test; it ends at the first that fails, with
// the answers before it (select).
func (c *Ctx) CallTests(name string, firsts, rest []value.Value, kw *value.Dict) ([]bool, error) {
	f := c.Env.Test(name)
	if f == nil {
		return nil, fmt.Errorf("No test named '%s'.", name)
	}
	out := make([]bool, 0, len(firsts))
	err := c.callEach("test", f, firsts, rest, kw, func(v value.Value, err error) error {
		ok, err := truth(v, err)
		out = append(out, ok)
		return err
	})
	return out, err
}

// dozen is how many calls are made at once; what they give is held meanwhile.
const dozen = 1000

// callEach hands got what f gives for each of firsts, in order, until that gives an error.
func (c *Ctx) callEach(kind string, f *Func, firsts, rest []value.Value, kw *value.Dict, got func(value.Value, error) error) error {
	if f.Each == nil || len(firsts) < 2 {
		for _, first := range firsts {
			// Each call has its own arguments: they are forced in place.
			args := append(append(make([]value.Value, 0, 1+len(rest)), first), rest...)
			if err := got(c.callPlugin(kind, f, args, copyOf(kw))); err != nil {
				return err
			}
		}
		return nil
	}
	for len(firsts) > 0 {
		n := min(len(firsts), dozen)
		for _, r := range c.callDozen(kind, f, firsts[:n], rest, copyOf(kw)) {
			if err := got(r.Value, r.Err); err != nil {
				return err
			}
		}
		firsts = firsts[n:]
	}
	return nil
}

func copyOf(kw *value.Dict) *value.Dict {
	if kw == nil {
		return nil
	}
	return kw.Clone()
}

// callDozen is callPlugin for several first arguments. Those that cannot be
// used give what calls with them would.
func (c *Ctx) callDozen(kind string, f *Func, firsts, rest []value.Value, kw *value.Dict) []Result {
	out := make([]Result, len(firsts))
	call := &Call{Ctx: c, Name: f.Name, Args: append([]value.Value(nil), rest...), Kwargs: kw}
	if f.Py != "" {
		call.Name = f.Py
	}
	asked := make([]value.Value, 0, len(firsts))
	at := make([]int, 0, len(firsts))
	for i, first := range firsts {
		one := []value.Value{first}
		if !f.Lazy {
			u, err := plainArgs(one, nil, f.Reads)
			if u == nil && err == nil {
				u, err = plainArgs(call.Args, kw, f.Reads)
			}
			if u != nil || err != nil {
				out[i] = Result{u, named(kind, f, err)}
				continue
			}
		}
		asked, at = append(asked, one[0]), append(at, i)
	}
	err := c.begins(f)
	var results []Result
	if err == nil && len(asked) > 0 {
		results = f.Each(call, asked)
	}
	for n, i := range at {
		r := Result{Err: err}
		if len(results) > 0 {
			r = results[min(n, len(results)-1)] // the one that ended it stands for those behind
		}
		if r.Err != nil {
			r.Value, r.Err = undefinedOf(r.Err)
		}
		out[i].Value, out[i].Err = listed(r.Value, named(kind, f, r.Err))
	}
	return out
}
