package document

import (
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// loopValue is the variable loop.
type loopValue struct {
	stmt  *forStmt
	run   *run
	outer view
	items []value.Value
	i     int
	depth int

	seen []value.Value // what changed() was last given; nil: never called
}

// Type is Jinja's.
func (*loopValue) Type() string { return "LoopContext" }

// Text is what Python prints.
func (l *loopValue) Text() string { return fmt.Sprintf("<LoopContext %d/%d>", l.i+1, len(l.items)) }

// Len makes it value.Sized.
func (l *loopValue) Len() (int, error) { return len(l.items), nil }

// Attr gives index, first, previtem …
func (l *loopValue) Attr(name string) (value.Value, bool, error) {
	n := len(l.items)
	switch name {
	case "index":
		return value.Int(l.i + 1), true, nil
	case "index0":
		return value.Int(l.i), true, nil
	case "revindex":
		return value.Int(n - l.i), true, nil
	case "revindex0":
		return value.Int(n - l.i - 1), true, nil
	case "first":
		return value.Bool(l.i == 0), true, nil
	case "last":
		return value.Bool(l.i == n-1), true, nil
	case "length":
		return value.Int(n), true, nil
	case "depth":
		return value.Int(l.depth + 1), true, nil
	case "depth0":
		return value.Int(l.depth), true, nil
	case "previtem":
		if l.i == 0 {
			return expr.UndefHint("there is no previous item"), true, nil
		}
		v, err := value.Force(l.items[l.i-1])
		return v, true, err
	case "nextitem":
		if l.i == n-1 {
			return expr.UndefHint("there is no next item"), true, nil
		}
		v, err := value.Force(l.items[l.i+1])
		return v, true, err
	case "cycle":
		return &expr.Func{Name: name, Fn: l.cycle, Lazy: true}, true, nil
	case "changed":
		return &expr.Func{Name: name, Fn: l.changed}, true, nil
	}
	return nil, false, nil
}

func (l *loopValue) cycle(c *expr.Call) (value.Value, error) {
	if len(c.Args) == 0 {
		return nil, errors.New("no items for cycling given")
	}
	return value.Force(c.Args[l.i%len(c.Args)])
}

func (l *loopValue) changed(c *expr.Call) (value.Value, error) {
	if l.seen != nil && value.Equal(value.NewTuple(l.seen...), value.NewTuple(c.Args...)) {
		return value.False, nil
	}
	l.seen = append([]value.Value{}, c.Args...)
	return value.True, nil
}

// Call runs a recursive loop on other items.
func (l *loopValue) Call(c *expr.Call) (value.Value, error) {
	if !l.stmt.recursive {
		return nil, errors.New("The loop must have the 'recursive' marker to be called recursively.")
	}
	var items value.Value
	if err := value.Unpack("LoopContext.__call__", c.Args, c.Kwargs, "iterable", &items); err != nil {
		return nil, err
	}
	if err := l.run.call(); err != nil {
		return nil, err
	}
	defer l.run.done()
	r := &run{job: l.run.job, view: l.outer, out: &sink{late: true}, tpl: l.run.tpl}
	if err := l.stmt.run(r, items, l.depth+1); err != nil {
		return nil, err
	}
	return r.out.value()
}
