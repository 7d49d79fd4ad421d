package community

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("to_time_unit", "to_time_unit", func(c *expr.Call) (value.Value, error) {
		args := c.Args
		if len(args) == 0 {
			return nil, fmt.Errorf("%s() missing 1 required positional argument: 'human_time'", c.Name)
		}
		var unit value.Value = value.Str("ms")
		if len(args) > 2 {
			return nil, fmt.Errorf("%s() takes from 1 to 2 positional arguments but %d were given", c.Name, len(args))
		}
		kw := c.Kwargs
		if u, ok := kw.GetStr("unit"); ok {
			if len(args) == 2 {
				return nil, fmt.Errorf("%s() got multiple values for argument 'unit'", c.Name)
			}
			kw = kw.Clone()
			kw.Delete(value.Str("unit"))
			unit = u
		}
		if len(args) == 2 {
			unit = args[1]
		}
		name, ok := value.AsText(unit)
		if !ok {
			return nil, fmt.Errorf("'%s' object has no attribute 'rstrip'", unit.Type())
		}
		return toUnit(args[0], name, kw)
	})
	for name, unit := range map[string]string{"to_milliseconds": "ms", "to_seconds": "s", "to_minutes": "m", "to_hours": "h",
		"to_days": "d", "to_weeks": "w", "to_months": "mo", "to_years": "y"} {
		add(name, name, func(c *expr.Call) (value.Value, error) {
			if len(c.Args) != 1 {
				return nil, fmt.Errorf("%s() takes 1 positional argument but %d were given", c.Name, len(c.Args))
			}
			return toUnit(c.Args[0], unit, c.Kwargs)
		})
	}
}

// The units, in milliseconds, by short name and by long ones.
const (
	second = 1000.0
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	week   = 7 * day
	month  = 30 * day
	year   = 365 * day
)

var units = map[string]float64{"ms": 1, "s": second, "m": minute, "h": hour, "d": day, "w": week, "mo": month, "y": year}

// shortUnits are the long names, which may stand in the plural.
var shortUnits = map[string]string{"millisecond": "ms", "msec": "ms", "msecond": "ms", "sec": "s", "second": "s", "hour": "h",
	"min": "m", "minute": "m", "day": "d", "week": "w", "month": "mo", "year": "y"}

// unitOf gives a unit's short name.
func unitOf(name string) (string, bool) {
	if _, ok := units[name]; ok {
		return name, true
	}
	short, ok := shortUnits[strings.TrimSuffix(name, "s")]
	return short, ok
}

const errUnit = "to_time_unit() can not convert to the following unit: %s. Available units (singular or plural): " +
	"millisecond, msec, msecond, sec, second, hour, min, minute, day, week, month, year. Available short units: ms, s, m, h, d, w, mo, y"

// toUnit reads a duration like "3h -5m 6s" and gives it in a unit. The keywords
// year and month say how many days those have.
func toUnit(v value.Value, unit string, kw *value.Dict) (value.Value, error) {
	to, ok := unitOf(unit)
	if !ok {
		return nil, fmt.Errorf(errUnit, unit)
	}
	length := func(name string) (float64, error) { return units[name], nil }
	if kw.Len() > 0 {
		if unknown := keywords(kw, "year", "month"); unknown != "" {
			return nil, fmt.Errorf("to_time_unit() got unknown keyword arguments: %s", unknown)
		}
		length = func(name string) (float64, error) {
			days, ok := kw.GetStr(map[string]string{"y": "year", "mo": "month"}[name])
			if !ok {
				return units[name], nil
			}
			f, ok := value.AsFloat(days)
			if !ok {
				return 0, fmt.Errorf("unsupported operand type(s) for +=: 'int' and '%s'", days.Type())
			}
			return f * day, nil
		}
	}
	text, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("'%s' object has no attribute 'split'", v.Type())
	}
	sum := 0.0
	for _, word := range strings.Fields(text) {
		n, name, ok := splitUnit(word)
		if !ok {
			return nil, fmt.Errorf("to_time_unit() can not interpret following string: %s", text)
		}
		l, err := length(name)
		if err != nil {
			return nil, err
		}
		sum += n * l
	}
	l, err := length(to)
	if err != nil {
		return nil, err
	}
	if l == 0 {
		return nil, errors.New("float division by zero")
	}
	return value.Float(round12(sum / l)), nil
}

// splitUnit takes a number and a unit apart.
func splitUnit(word string) (n float64, unit string, ok bool) {
	i := strings.IndexFunc(strings.TrimPrefix(word, "-"), func(r rune) bool { return r < '0' || r > '9' })
	i += len(word) - len(strings.TrimPrefix(word, "-"))
	if i < 1 {
		return 0, "", false
	}
	unit, ok = unitOf(word[i:])
	n, err := strconv.ParseFloat(word[:i], 64)
	return n, unit, ok && err == nil
}

// round12 is Python's round(f, 12).
func round12(f float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', 12, 64), 64)
	if err != nil || math.IsInf(f, 0) {
		return f
	}
	return r
}
