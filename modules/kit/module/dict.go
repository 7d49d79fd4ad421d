package module

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/value"
)

var (
	errNoDict   = errors.New("dictionary requested, could not parse JSON or key=value")
	errKeyValue = errors.New("unable to evaluate string in the \"key=value\" format as dictionary")
	errEvaluate = errors.New("unable to evaluate string as dictionary")
)

// toDict takes a dict, the JSON or Python text of one, or key=value pairs
// parted by commas or blanks.
func toDict(v value.Value) (value.Value, error) {
	switch d := v.(type) {
	case *value.Dict:
		return d, nil
	case value.Str:
		return textDict(string(d))
	}
	return nil, cannot(v, "dict")
}

func textDict(s string) (value.Value, error) {
	if strings.HasPrefix(s, "{") {
		if v, err := value.ParseJSON(s); err == nil {
			return v, nil
		}
		v, err := literal(s)
		if _, ok := v.(*value.Dict); err != nil || !ok {
			return nil, errEvaluate
		}
		return v, nil
	}
	if !strings.Contains(s, "=") {
		return nil, errNoDict
	}
	out := value.NewDict(4)
	for _, field := range fields(strings.TrimSpace(s)) {
		k, v, ok := strings.Cut(field, "=")
		if !ok {
			return nil, errKeyValue
		}
		out.SetStr(k, value.Str(v))
	}
	return out, nil
}

// fields parts s at commas and blanks outside quotes; quotes go, and a
// backslash takes the next character as it is.
func fields(s string) []string {
	var out []string
	var field strings.Builder
	var quote rune
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			field.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case quote == 0 && (r == ',' || r == ' '):
			if field.Len() > 0 {
				out = append(out, field.String())
			}
			field.Reset()
		default:
			field.WriteRune(r)
		}
	}
	if field.Len() > 0 {
		out = append(out, field.String())
	}
	return out
}
