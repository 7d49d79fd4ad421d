package value

import "testing"

// FuzzJSON holds that what is read is written so that it reads back the same.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a": [1, 2.5, -0, 1e400, 123456789012345678901234567890], "b": null, "a": "é\ud83d\ude00\udc80\n"}`,
		`[NaN, Infinity, -Infinity, true, false]`, `"\x"`, `[1,`, "\ufeff1", `{"a" 1}`, `01`, `1.e5`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseJSON(s)
		if err != nil {
			return
		}
		for _, j := range []JSON{Compact, {Indent: 2, SortKeys: true}, {Indent: -1, KeepUTF8: true, ItemSep: ",", KeySep: ":"}} {
			text, err := j.Text(v)
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			again, err := ParseJSON(text)
			if err != nil {
				t.Fatalf("%q written as %q: %v", s, text, err)
			}
			if !Equal(v, again) && Repr(v) != Repr(again) {
				t.Fatalf("%q: %s became %s", s, Repr(v), Repr(again))
			}
		}
	})
}

// FuzzPercent and FuzzFormat hold that no format string makes formatting panic.
func FuzzPercent(f *testing.F) {
	f.Add("%s %5.2f %(a)s %*d %%")
	args := []Value{Int(5), Str("x"), NewTuple(Int(1), Str("a"), Float(2.5)), DictOf("a", Int(1))}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range args {
			out, err := Percent(s, a)
			if err == nil && len(out) > maxText+len(s)+1<<20 {
				t.Errorf("%q makes %d bytes", s, len(out))
			}
		}
	})
}

func FuzzFormat(f *testing.F) {
	f.Add("{} {0!r:>{1}} {a[0].b:,.2f} {{}}")
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = Format(s, []Value{Int(5), Str("x"), Float(2.5)}, DictOf("a", NewList(Int(1)), "b", None))
	})
}
