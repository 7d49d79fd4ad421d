package value

import "testing"

func TestSame(t *testing.T) {
	text := "a text"
	one, small, zero, empty := Fresh(Int(1)), Fresh(Int(1)), Fresh(Float(0)), Fresh(Str(""))
	list, big := NewList(one), Fresh(Int(5000))
	handed := func(v Value) Value { return NewDict(1).put(v) }
	for _, c := range []struct {
		name string
		a, b Value
		want bool
	}{
		{"itself, handed on", one, handed(one), true},
		{"an equal number", one, small, false},
		{"a number that Go keeps for all", Int(1), one, false},
		{"a big number", big, handed(big), true},
		{"an equal big number", Int(5000), big, false},
		{"a float and an int", Float(1), one, false},
		{"a float", zero, handed(zero), true},
		{"an equal float", Float(0), zero, false},
		{"the empty text", empty, handed(empty), true},
		{"another empty text", Str(""), empty, false},
		{"a text taken apart", Str(text), Str(string(Str(text))), true},
		{"a part of a text", Str(text), Str(text[:3]), false},
		{"an equal text", Str(text), Str(string([]byte(text))), false},
		{"a list", list, handed(list), true},
		{"an equal list", list, NewList(one), false},
		{"True", True, True, false},
		{"None", None, None, false},
	} {
		if got := Same(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	n := len(text)
	if a, b := Own(Int(n)), Own(Int(n)); Same(a, b) || !Same(a, Own(a)) || !Same(one, Own(one)) {
		t.Error("Own does not give one place to one value")
	}
	if !Equal(one, Int(1)) || Repr(empty) != "''" {
		t.Error("a fresh value is another value")
	}
}

// put keeps v and gives it back.
func (d *Dict) put(v Value) Value {
	d.SetStr("k", v)
	got, _ := d.GetStr("k")
	return got
}
