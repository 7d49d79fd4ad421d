package module

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

// The messages are those of set_fact of ansible-core 2.19.14.
func TestInvalidName(t *testing.T) {
	for _, c := range []struct {
		name value.Value
		want string
	}{
		{value.Str("a_1"), ""},
		{value.Str("class"), ""},
		{value.Str("null"), ""},
		{value.Str("TRUE"), ""},
		{value.Str("true"), "Invalid variable name 'true'."},
		{value.Str("None"), "Invalid variable name 'None'."},
		{value.Str("1"), "Invalid variable name '1'."},
		{value.Str(""), "Invalid variable name ''."},
		{value.Str("a-b"), "Invalid variable name 'a-b'."},
		{value.Int(1), "Invalid variable name '1' of type 'int'."},
	} {
		if got := InvalidName(c.name); got != c.want {
			t.Errorf("%s: %q, want %q", value.Repr(c.name), got, c.want)
		}
	}
}
