package parted

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

var units = []string{"s", "B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "%", "cyl", "chs", "compact"}

// parseSize reads a number with its unit, or cylinder, head and sector.
func parseSize(text string) (value.Value, string, error) {
	if parts := strings.Split(text, ","); len(parts) == 3 {
		out := value.NewDict(3)
		for i, name := range []string{"cylinder", "head", "sector"} {
			n, err := strconv.ParseInt(parts[i], 10, 64)
			if err != nil {
				return nil, "", misread(text)
			}
			out.SetStr(name, value.Int(n))
		}
		return out, "chs", nil
	}
	end := 0
	for i, r := range text {
		if r != '.' && !unicode.IsDigit(r) && (i > 0 || r != '-') {
			break
		}
		end = i + len(string(r))
	}
	n, ok := module.ToFloat(value.Str(text[:end]))
	unit := strings.TrimLeft(text[end:], " ")
	if end > 0 && !ok {
		return nil, "", errors.New("could not convert string to float: " + value.Repr(value.Str(text[:end])))
	}
	if !ok || strings.ContainsFunc(unit, func(r rune) bool { return r != '%' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return nil, "", misread(text)
	}
	return value.Float(n), unit, nil
}

func misread(text string) error {
	return module.Failf("Error interpreting parted size output: '%s'", text)
}

// checkSize refuses what parted would not take for a place on the disk.
func checkSize(arg, text string) error {
	size, unit, err := parseSize(text)
	if err == nil && !slices.Contains(units, unit) {
		err = module.Failf("The argument '%s' doesn't respect required format.The size unit is case sensitive.", arg).With("err", value.NewList(size, value.Str(unit)))
	}
	return err
}

// factors are the units of bytes, in lower case as they are kept.
var factors = map[string]float64{"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}

// endsAt reports whether a partition ends at a place already. What cannot be
// told in bytes is another place, as in the reference.
func (t *task) endsAt(p *partition, text string) bool {
	have, ok := p.end.(value.Float)
	size, ok2 := t.disk.size.(value.Float)
	factor, known := factors[p.unit]
	want, unit, err := parseSize(text)
	place, ok3 := want.(value.Float)
	if !ok || !ok2 || !ok3 || !known || err != nil {
		return false
	}
	bytes := float64(place)
	if unit == "%" {
		bytes *= float64(size) * factor / 100
	} else if f, ok := factors[strings.ToLower(unit)]; ok {
		bytes *= f
	} else {
		return false
	}
	return bytes == float64(have)*factor
}
