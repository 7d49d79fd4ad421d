package test

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("version", "version_compare", versionCompare)
	add("version_compare", "version_compare", versionCompare)
}

// scheme orders two versions: negative if the first is older.
type scheme func(a, b string) (int, error)

var schemes = map[string]scheme{
	"loose":    compareLoose,
	"strict":   compareStrict,
	"semver":   compareSemantic,
	"semantic": compareSemantic,
	"pep440":   comparePEP440,
}

// versionOps say for which results of a comparison an operator holds.
var versionOps = map[string]func(int) bool{
	"==": func(c int) bool { return c == 0 }, "=": func(c int) bool { return c == 0 }, "eq": func(c int) bool { return c == 0 },
	"<": func(c int) bool { return c < 0 }, "lt": func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 }, "le": func(c int) bool { return c <= 0 },
	">": func(c int) bool { return c > 0 }, "gt": func(c int) bool { return c > 0 },
	">=": func(c int) bool { return c >= 0 }, "ge": func(c int) bool { return c >= 0 },
	"!=": func(c int) bool { return c != 0 }, "<>": func(c int) bool { return c != 0 }, "ne": func(c int) bool { return c != 0 },
}

func versionCompare(c *expr.Call) (bool, error) {
	var v, other, strict, kind value.Value
	var op value.Value = value.Str("eq")
	if err := c.Unpack("value", &v, "version", &other, "operator?", &op, "strict?", &strict, "version_type?", &kind); err != nil {
		return false, err
	}
	given := func(v value.Value) bool { return v != nil && v != value.None }
	switch {
	case !value.Truth(v):
		return false, errors.New("Input version value cannot be empty")
	case !value.Truth(other):
		return false, errors.New("Version parameter to compare against cannot be empty")
	case given(strict) && given(kind) && value.Truth(kind):
		return false, errors.New("Cannot specify both 'strict' and 'version_type'")
	}
	name := "loose"
	if given(strict) && value.Truth(strict) {
		name = "strict"
	}
	if given(kind) && value.Truth(kind) {
		name = value.Text(kind)
	}
	compare, ok := schemes[name]
	if !ok {
		return false, fmt.Errorf("Invalid version type (%s). Must be one of 'loose', 'strict', 'semver', 'semantic', 'pep440'", name)
	}
	holds, ok := versionOps[value.Text(op)]
	if !ok {
		return false, fmt.Errorf("Invalid operator type (%s). Must be one of '==', '=', 'eq', '<', 'lt', '<=', 'le', '>', 'gt', '>=', 'ge', '!=', '<>', 'ne'", value.Text(op))
	}
	result, err := compare(value.Text(v), value.Text(other))
	if err != nil {
		return false, fmt.Errorf("Version comparison failed: %w", err)
	}
	return holds(result), nil
}

// LooseParts splits a version into numbers, words and whatever else stands between.
func LooseParts(s string) []value.Value {
	kind := func(c byte) int {
		switch {
		case c >= '0' && c <= '9':
			return 1
		case c >= 'a' && c <= 'z':
			return 2
		case c == '.':
			return 3
		}
		return 4
	}
	var parts []value.Value
	for i := 0; i < len(s); {
		j, k := i+1, kind(s[i])
		for j < len(s) && kind(s[j]) == k {
			j++
		}
		switch k {
		case 1:
			n, _ := new(big.Int).SetString(s[i:j], 10)
			parts = append(parts, value.NewInt(n))
		case 2, 4:
			parts = append(parts, value.Str(s[i:j]))
		}
		i = j
	}
	return parts
}

func compareLoose(a, b string) (int, error) {
	x, y := value.NewList(LooseParts(a)...), value.NewList(LooseParts(b)...)
	if value.Equal(x, y) {
		return 0, nil
	}
	less, err := value.Less(x, y)
	if err != nil {
		return 0, err
	}
	if less {
		return -1, nil
	}
	return 1, nil
}

// groupsOf matches s as a whole; nil if it does not match.
func groupsOf(pattern string, flags pyre.Flags, s string) ([]string, error) {
	re, err := pyre.Compile(pattern, flags)
	if err != nil {
		return nil, err
	}
	m, err := re.FullMatch(s)
	if err != nil || m == nil {
		return nil, err
	}
	out := make([]string, re.Groups()+1)
	for i := range out {
		out[i], _ = m.Text(i)
	}
	return out, nil
}

// compareNumbers orders texts of digits as numbers; no text is 0.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func firstNonZero(results ...int) int {
	for _, r := range results {
		if r != 0 {
			return r
		}
	}
	return 0
}

// absentLast orders two texts of which one may be missing: what is missing is newer.
func absentLast(a, b string, compare func(a, b string) int) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return compare(a, b)
}

const strictShape = `(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?`

func compareStrict(a, b string) (int, error) {
	var g [2][]string
	for i, s := range []string{a, b} {
		var err error
		if g[i], err = groupsOf(strictShape, pyre.ASCII, s); err != nil {
			return 0, err
		}
		if g[i] == nil {
			return 0, fmt.Errorf("invalid version number '%s'", s)
		}
	}
	x, y := g[0], g[1]
	return firstNonZero(
		compareNumbers(x[1], y[1]), compareNumbers(x[2], y[2]), compareNumbers(x[3], y[3]),
		absentLast(x[4], y[4], strings.Compare), compareNumbers(x[5], y[5]),
	), nil
}

// semanticShape is that of semver.org.
const semanticShape = `(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
	`(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?` +
	`(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?`

func compareSemantic(a, b string) (int, error) {
	var g [2][]string
	for i, s := range []string{a, b} {
		var err error
		if g[i], err = groupsOf(semanticShape, pyre.ASCII, s); err != nil {
			return 0, err
		}
		if g[i] == nil {
			return 0, fmt.Errorf("invalid semantic version '%s'", s)
		}
	}
	x, y := g[0], g[1]
	return firstNonZero(
		compareNumbers(x[1], y[1]), compareNumbers(x[2], y[2]), compareNumbers(x[3], y[3]),
		absentLast(x[4], y[4], comparePrerelease),
	), nil
}

// comparePrerelease goes by dotted parts: numbers before words, fewer parts first.
func comparePrerelease(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if c := comparePart(x[i], y[i]); c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}

func comparePart(a, b string) int {
	aNum, bNum := isNumeric(a), isNumeric(b)
	switch {
	case aNum && bNum:
		return compareNumbers(a, b)
	case aNum:
		return -1
	case bNum:
		return 1
	}
	return strings.Compare(a, b)
}

func isNumeric(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
