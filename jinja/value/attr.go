package value

import (
	"math/big"
	"time"
)

// Attribute gives an attribute of v that is no method: the parts of dates and numbers.
func Attribute(v Value, name string) (Value, bool) {
	switch x := v.(type) {
	case *DateTime:
		if name == "tzinfo" {
			if x.Naive {
				return None, true
			}
			return Str(zoneName(x.T)), true
		}
		if a, ok := clockPart(x.T, name); ok {
			return a, true
		}
		return datePart(x.T, name)
	case *Date:
		return datePart(x.T, name)
	case *Delta:
		days, secs, us := deltaParts(x.D)
		switch name {
		case "days":
			return Int(days), true
		case "seconds":
			return Int(secs), true
		case "microseconds":
			return Int(us), true
		}
	case Int, Bool, *BigInt:
		switch name {
		case "real", "numerator":
			n, err := Plus(v)
			return n, err == nil
		case "imag":
			return Int(0), true
		case "denominator":
			return Int(1), true
		}
	case Float:
		switch name {
		case "real":
			return v, true
		case "imag":
			return Float(0), true
		}
	case Range:
		switch name {
		case "start":
			return Int(x.Start), true
		case "stop":
			return Int(x.Stop), true
		case "step":
			return Int(x.Step), true
		}
	}
	return nil, false
}

func datePart(t time.Time, name string) (Value, bool) {
	switch name {
	case "year":
		return Int(t.Year()), true
	case "month":
		return Int(t.Month()), true
	case "day":
		return Int(t.Day()), true
	}
	return nil, false
}

func clockPart(t time.Time, name string) (Value, bool) {
	switch name {
	case "hour":
		return Int(t.Hour()), true
	case "minute":
		return Int(t.Minute()), true
	case "second":
		return Int(t.Second()), true
	case "microsecond":
		return Int(t.Nanosecond() / 1000), true
	case "fold":
		return Int(0), true
	}
	return nil, false
}

var intMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"bit_length": {fn: func(v Value, _ []Value) (Value, error) {
			n, _ := AsBig(v)
			return Int(n.BitLen()), nil
		}},
		"bit_count": {fn: func(v Value, _ []Value) (Value, error) {
			n, _ := AsBig(v)
			count := 0
			for i := range n.BitLen() {
				count += int(new(big.Int).Abs(n).Bit(i))
			}
			return Int(count), nil
		}},
		"conjugate": {fn: func(v Value, _ []Value) (Value, error) { return Plus(v) }},
	}
})

var floatMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"is_integer": {fn: func(v Value, _ []Value) (Value, error) {
			f := float64(v.(Float))
			return Bool(f-f == 0 && f == float64(int64(f)) || f-f == 0 && (f >= 1<<53 || f <= -1<<53)), nil
		}},
		"conjugate": {fn: func(v Value, _ []Value) (Value, error) { return v, nil }},
	}
})

func numberMethods(v Value) map[string]Method {
	if _, ok := v.(Float); ok {
		return floatMethods()
	}
	return intMethods()
}
