package pyre

import "testing"

func BenchmarkSearch(b *testing.B) {
	for _, c := range [][3]string{
		{"literal", "jumps", "The quick brown fox jumps over the lazy dog"},
		{"class", `^[a-z]+-\d+$`, "web-123"},
		{"groups", `(\w+)@(\w+)\.com`, "someone <user@example.com>"},
		{"wide", `\w+`, "häßlich"},
	} {
		b.Run(c[0], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				re, err := Compile(c[1], 0)
				if err != nil {
					b.Fatal(err)
				}
				if m, err := re.Search(c[2]); m == nil || err != nil {
					b.Fatal(m, err)
				}
			}
		})
	}
}
