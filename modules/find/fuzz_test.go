package find

import (
	"testing"

	"github.com/churten/churten/modules/kit/edit"
)

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("a\r\nb\r"), 3)
	f.Add([]byte("\xe2\x82\xac\xff"), 1)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		if cut < 0 || cut > len(data) {
			return
		}
		codec, err := edit.CodecOf("utf-8")
		if err != nil {
			t.Fatal(err)
		}
		whole := decoder{codec: codec}
		want, wantErr := whole.feed(append([]byte(nil), data...), true)
		parts := decoder{codec: codec}
		a, errA := parts.feed(append([]byte(nil), data[:cut]...), false)
		b, errB := "", error(nil)
		if errA == nil {
			b, errB = parts.feed(append([]byte(nil), data[cut:]...), true)
		}
		if (wantErr != nil) != (errA != nil || errB != nil) {
			t.Fatalf("%q in two at %d: %v, %v; as one: %v", data, cut, errA, errB, wantErr)
		}
		if wantErr == nil && a+b != want {
			t.Errorf("%q in two at %d is %q, as one %q", data, cut, a+b, want)
		}
	})
}

func FuzzNumber(f *testing.F) {
	f.Add("-3d")
	f.Add("10k")
	f.Add("9223372036854775807w")
	f.Fuzz(func(t *testing.T, text string) {
		for _, u := range []units{ageUnits, sizeUnits} {
			if n, ok := number(text, u); ok && n > 0 && text[0] == '-' || ok && n < 0 && text[0] != '-' {
				t.Errorf("%q is %d", text, n)
			}
		}
	})
}
