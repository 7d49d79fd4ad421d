package module

import (
	"fmt"
	"unicode/utf8"

	"github.com/churten/churten/jinja/value"
)

// NotText is the error of a result that has bytes that are no UTF-8, in the
// reference's words: it reads such results only where it is told to.
type NotText struct{ Msg string }

func (n *NotText) Error() string { return n.Msg }

// NotTextHelp says what can be done about it.
const NotTextHelp = "This check can be disabled with the `MODULE_STRICT_UTF8_RESPONSE` setting."

// NotText tells of the first text of the result, in the order of its keys, that
// is no UTF-8; nil if there is none.
func (r *Result) NotText() *NotText {
	if s, ok := notText(r.Values); ok {
		return refuseText(s)
	}
	for _, v := range []value.Value{r.Facts, r.Invocation, value.Str(r.Msg), value.Strings(r.Warnings...)} {
		if d, isDict := v.(*value.Dict); isDict && d == nil {
			continue
		}
		if s, ok := notText(v); ok {
			return refuseText(s)
		}
	}
	for i := range r.Diff {
		if s, ok := notText(r.Diff[i].Dict()); ok {
			return refuseText(s)
		}
	}
	return nil
}

func notText(v value.Value) (string, bool) {
	switch x := v.(type) {
	case value.Str:
		return string(x), !utf8.ValidString(string(x))
	case *value.Dict:
		for k, item := range x.All() {
			if s, bad := notText(k); bad {
				return s, true
			}
			if s, bad := notText(item); bad {
				return s, true
			}
		}
	case *value.List:
		for _, item := range x.Items {
			if s, bad := notText(item); bad {
				return s, true
			}
		}
	}
	return "", false
}

// refuseText words the first run of bytes of s that are no UTF-8: Python has
// them as surrogates.
func refuseText(s string) *NotText {
	begin, end, at, first := -1, 0, 0, byte(0)
	for rest := s; rest != ""; at++ {
		r, size := utf8.DecodeRuneInString(rest)
		if bad := r == utf8.RuneError && size == 1; bad {
			if begin < 0 {
				begin, first = at, rest[0]
			}
			end = at
		} else if begin >= 0 {
			break
		}
		rest = rest[size:]
	}
	where := fmt.Sprintf("character '\\udc%02x' in position %d", first, begin)
	if end > begin {
		where = fmt.Sprintf("characters in position %d-%d", begin, end)
	}
	return &NotText{"Refusing to deserialize an invalid UTF8 string value: 'utf-8' codec can't encode " + where + ": surrogates not allowed"}
}
