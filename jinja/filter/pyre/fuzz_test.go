package pyre

import "testing"

// FuzzCompile: no pattern, replacement or text may crash, and what compiles must run.
func FuzzCompile(f *testing.F) {
	for _, seed := range [][3]string{
		{`(?P<a>x+)(?(a)y|z)`, "ax", `\g<a>\1`}, {`[^\W\d_]+|\bé*?`, "é1\xff", `\\`}, {`(?ix) a # b`, "A\n", `\101`}, {`(?<=a)b{1,2}+`, "abb", ``},
	} {
		f.Add(seed[0], uint8(0), seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, pattern string, flags uint8, text, template string) {
		if len(pattern) > 60 || len(text) > 60 {
			return // backtracking is bounded in time, which here is not worth waiting for
		}
		re, err := Compile(pattern, Flags(flags)&(IgnoreCase|Multiline|DotAll|Verbose|ASCII))
		if err != nil {
			return
		}
		all, err := re.FindAll(text)
		if err != nil {
			return
		}
		size := newSubject(text).len()
		for _, m := range all {
			for i := range re.Groups() + 1 {
				if start, end := m.Span(i); start > end || end > size {
					t.Fatalf("%q on %q: group %d is %d to %d of %d", pattern, text, i, start, end, size)
				}
			}
		}
		if same, _, err := re.SubFunc(text, 0, func(m *Match) string { s, _ := m.Text(0); return s }); err == nil && same != text {
			t.Fatalf("%q on %q: replacing matches by themselves gives %q", pattern, text, same)
		}
		_, _, _ = re.Sub(template, text, 1)
	})
}
