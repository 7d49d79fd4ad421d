package module

import (
	"fmt"
	"math"
	"math/big"
	"os/user"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

var typeNames = [...]string{"str", "bool", "int", "float", "list", "dict", "path", "raw", "jsonarg", "bytes", "bits", "expr"}

// String is the reference's name of t.
func (t Type) String() string { return typeNames[t] }

// convert brings v to type t by the reference's rules; env is for paths.
func convert(t Type, v value.Value, env []string) (value.Value, error) {
	switch t {
	case Str:
		return toStr(v), nil
	case Path:
		return value.Str(expandPath(string(toStr(v)), env)), nil
	case Bool:
		return toBool(v)
	case Int:
		return toInt(v)
	case Float:
		return toFloat(v)
	case List:
		return toList(v)
	case Dict:
		return toDict(v)
	case JSONArg:
		return toJSON(v)
	case Bytes:
		return toSize(v, "byte", "Byte")
	case Bits:
		return toSize(v, "bit", "Bit")
	}
	return v, nil
}

func cannot(v value.Value, what string) error {
	return fmt.Errorf("<class '%s'> cannot be converted to a %s", v.Type(), what)
}

func toStr(v value.Value) value.Str {
	if v == value.Value(value.None) {
		return ""
	}
	return value.Str(value.Text(v))
}

const (
	trueWords  = " y yes on 1 true t "
	falseWords = " n no off 0 false f "
)

func toBool(v value.Value) (value.Value, error) {
	var text string
	switch b := v.(type) {
	case value.Bool:
		return b, nil
	case value.Str:
		text = strings.ToLower(strings.TrimSpace(string(b)))
	case value.Int, value.Float, *value.BigInt:
		text = strings.TrimSuffix(value.Text(b), ".0")
	default:
		return nil, cannot(v, "bool")
	}
	switch {
	case text == "" || strings.Contains(text, " "):
	case strings.Contains(trueWords, " "+text+" "):
		return value.True, nil
	case strings.Contains(falseWords, " "+text+" "):
		return value.False, nil
	}
	// The reference lists a set here, in another order each time.
	return nil, fmt.Errorf("The value '%s' is not a valid boolean. Valid booleans include: 1, 0, 'y', 'yes', 'on', '1', 'true', 't', 'n', 'no', 'off', '0', 'false', 'f'", value.Text(v))
}

// toInt takes what Python's decimal takes, as long as nothing is cut off.
func toInt(v value.Value) (value.Value, error) {
	switch n := v.(type) {
	case value.Int, *value.BigInt, value.Bool:
		return n, nil
	case value.Float:
		if f := float64(n); f == math.Trunc(f) && !math.IsInf(f, 0) {
			i, _ := big.NewFloat(f).Int(nil)
			return value.NewInt(i), nil
		}
	case value.Str:
		text := strings.ReplaceAll(strings.TrimSpace(string(n)), "_", "")
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return value.Int(i), nil
		}
		if i, ok := decimalInt(text); ok {
			return value.NewInt(i), nil
		}
	}
	return nil, fmt.Errorf("\"%s\" cannot be converted to an int", value.Repr(v))
}

// decimalInt reads 1.0, 1e3 and the like.
func decimalInt(text string) (*big.Int, bool) {
	if text == "" || len(text) > 1000 || strings.Trim(text, "0123456789.eE+-") != "" {
		return nil, false
	}
	if _, exp, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(exp) > 4 {
		return nil, false // a number of that size is no argument
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || !r.IsInt() {
		return nil, false
	}
	return r.Num(), true
}

func toFloat(v value.Value) (value.Value, error) {
	switch f := v.(type) {
	case value.Float:
		return f, nil
	case value.Int:
		return value.Float(f), nil
	case *value.BigInt:
		n, _ := new(big.Float).SetInt(f.N).Float64()
		return value.Float(n), nil
	case value.Bool:
		if f {
			return value.Float(1), nil
		}
		return value.Float(0), nil
	case value.Str:
		text := strings.ReplaceAll(strings.TrimSpace(string(f)), "_", "")
		if n, err := strconv.ParseFloat(text, 64); err == nil && !strings.ContainsAny(text, "xXpP") {
			return value.Float(n), nil
		}
	}
	return nil, cannot(v, "float")
}

func toList(v value.Value) (value.Value, error) {
	switch l := v.(type) {
	case *value.List:
		return l, nil
	case *value.Tuple:
		return value.NewList(l.Items...), nil
	case value.Str:
		return value.Strings(strings.Split(string(l), ",")...), nil
	case value.Int, value.Float, *value.BigInt, value.Bool:
		return value.Strings(value.Text(v)), nil
	}
	return nil, cannot(v, "list")
}

func toJSON(v value.Value) (value.Value, error) {
	switch j := v.(type) {
	case value.Str:
		return value.Str(strings.TrimSpace(string(j))), nil
	case *value.List, *value.Tuple, *value.Dict:
		text, err := value.Compact.Text(v)
		return value.Str(text), err
	}
	return nil, cannot(v, "json string")
}

var sizeUnits = []struct {
	letter byte
	prefix string
}{{'K', "kilo"}, {'M', "mega"}, {'G', "giga"}, {'T', "tera"}, {'P', "peta"}, {'E', "exa"}, {'Z', "zetta"}, {'Y', "yotta"}}

// toSize reads 10K, 1.5 MB or 1 megabyte; unit is "byte" or "bit".
func toSize(v value.Value, unit, class string) (value.Value, error) {
	text := ""
	switch v.(type) {
	case value.Int, value.Float, value.Str, *value.BigInt:
		text = value.Text(v)
	}
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.') {
		end++
	}
	number := text[:end]
	suffix := strings.TrimSpace(text[end:])
	n, ok := new(big.Rat).SetString(number)
	factor, known := sizeFactor(suffix, unit)
	if !ok || !known || strings.HasSuffix(number, ".") {
		return nil, cannot(v, class+" value")
	}
	return value.NewInt(roundEven(n.Mul(n, new(big.Rat).SetInt(factor)))), nil
}

// sizeFactor knows the letter alone in either case, letter and unit as KB or
// Kb, and the word (kilobyte).
func sizeFactor(suffix, unit string) (*big.Int, bool) {
	lower := strings.ToLower(suffix)
	if lower == "" || lower == "b" || lower == unit {
		return big.NewInt(1), true
	}
	letter := "B"
	if unit == "bit" {
		letter = "b"
	}
	for i, u := range sizeUnits {
		if len(lower) == 1 && lower[0]|0x20 == u.letter|0x20 || suffix == string(u.letter)+letter || lower == u.prefix+unit {
			return new(big.Int).Lsh(big.NewInt(1), uint(10*(i+1))), true
		}
	}
	return nil, false
}

// roundEven rounds halves to the even neighbour, as Python's round.
func roundEven(r *big.Rat) *big.Int {
	num, den := r.Num(), r.Denom()
	q, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(den) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		q.Add(q, big.NewInt(int64(q.Bit(0))))
	}
	return q
}

// ExpandPath expands a path as arguments of type path are: ~, ~user and
// variables of env (NAME=value).
func ExpandPath(path string, env []string) string { return expandPath(path, env) }

// expandPath does ~, ~user, $NAME and ${NAME}; what is not known stays.
func expandPath(path string, env []string) string {
	if env == nil {
		return path
	}
	if strings.HasPrefix(path, "~") {
		name, rest, _ := strings.Cut(path[1:], "/")
		if strings.Contains(path, "/") {
			rest = "/" + rest
		}
		if home := homeOf(name, env); home != "" {
			path = strings.TrimRight(home, "/") + rest
			if path == "" {
				path = "/"
			}
		}
	}
	if !strings.Contains(path, "$") {
		return path
	}
	return expandVars(path, env)
}

func homeOf(name string, env []string) string {
	if name == "" {
		if home, ok := getenv(env, "HOME"); ok {
			return home
		}
		if u, err := user.Current(); err == nil {
			return u.HomeDir
		}
		return ""
	}
	if u, err := user.Lookup(name); err == nil {
		return u.HomeDir
	}
	return ""
}

func getenv(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if k, v, _ := strings.Cut(env[i], "="); k == name {
			return v, true
		}
	}
	return "", false
}

func expandVars(path string, env []string) string {
	var b strings.Builder
	for i := 0; i < len(path); {
		if path[i] != '$' {
			b.WriteByte(path[i])
			i++
			continue
		}
		name, size := varName(path[i+1:])
		if v, ok := getenv(env, name); ok && size > 0 {
			b.WriteString(v)
		} else {
			b.WriteString(path[i : i+1+size])
		}
		i += 1 + size
	}
	return b.String()
}

// varName reads NAME or {NAME} at the start of s; size is what it took.
func varName(s string) (name string, size int) {
	if strings.HasPrefix(s, "{") {
		if end := strings.IndexByte(s, '}'); end > 0 {
			return s[1:end], end + 1
		}
		return "", 0
	}
	for size < len(s) && (s[size] == '_' || s[size]|0x20 >= 'a' && s[size]|0x20 <= 'z' || s[size] >= '0' && s[size] <= '9') {
		size++
	}
	return s[:size], size
}
