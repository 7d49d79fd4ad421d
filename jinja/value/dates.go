package value

import (
	"errors"
	"math"
	"time"
)

// datesAndSets does arithmetic on dates, spans and sets; nil if a op b is none.
func datesAndSets(op Op, a, b Value) (Value, error) {
	switch x := a.(type) {
	case *DateTime:
		switch y := b.(type) {
		case *DateTime:
			if op == Sub {
				if x.Naive != y.Naive {
					return nil, errors.New("can't subtract offset-naive and offset-aware datetimes")
				}
				return &Delta{D: x.T.Sub(y.T)}, nil
			}
		case *Delta:
			if op == Add || op == Sub {
				return &DateTime{T: x.T.Add(signed(op, y.D)), Naive: x.Naive}, nil
			}
		}
	case *Date:
		switch y := b.(type) {
		case *Date:
			if op == Sub {
				return &Delta{D: x.T.Sub(y.T)}, nil
			}
		case *Delta:
			if op == Add || op == Sub {
				days, _, _ := deltaParts(y.D)
				return &Date{T: x.T.AddDate(0, 0, int(signed(op, time.Duration(days))))}, nil
			}
		}
	case *Delta:
		return delta(op, x, b)
	case *Set:
		if y, ok := b.(*Set); ok && op == Sub {
			out := NewSet()
			for v := range x.All() {
				if !y.Has(v) {
					out.Add(v)
				}
			}
			return out, nil
		}
	case Int, Float:
		if y, ok := b.(*Delta); ok && op == Mul {
			return delta(op, y, a)
		}
	}
	return nil, nil
}

func signed(op Op, d time.Duration) time.Duration {
	if op == Sub {
		return -d
	}
	return d
}

func delta(op Op, x *Delta, b Value) (Value, error) {
	switch y := b.(type) {
	case *Delta:
		switch op {
		case Add, Sub:
			return &Delta{D: x.D + signed(op, y.D)}, nil
		case Div, FloorDiv, Mod:
			if y.D == 0 {
				return nil, errors.New("division by zero")
			}
			switch op {
			case Div:
				return Float(float64(x.D) / float64(y.D)), nil
			case FloorDiv:
				return Int(floorDiv(int64(x.D), int64(y.D))), nil
			}
			return &Delta{D: x.D - time.Duration(floorDiv(int64(x.D), int64(y.D)))*y.D}, nil
		}
	case *DateTime, *Date:
		if op == Add {
			return datesAndSets(Add, b, x)
		}
	case Int, Float:
		f, _ := AsFloat(y)
		switch op {
		case Mul:
			return &Delta{D: micros(float64(x.D) * f)}, nil
		case Div:
			if f == 0 {
				return nil, errors.New("division by zero")
			}
			return &Delta{D: micros(float64(x.D) / f)}, nil
		}
	}
	return nil, nil
}

// micros rounds nanoseconds to Python's microseconds.
func micros(ns float64) time.Duration {
	return time.Duration(math.RoundToEven(ns/1000)) * time.Microsecond
}
