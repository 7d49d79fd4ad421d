package pyre

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// differs has the patterns for which the engine is known to differ: a group in
// a repeat that matched nothing in its last round keeps the round before in Python.
var differs = map[string]bool{
	`(((?=é{1,2})??{*\W*?)|){1,2}|`: true,
}

// TestReference replays what testdata/record.py recorded from Python's re.
func TestReference(t *testing.T) {
	file, err := os.Open("testdata/re.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	n := 0
	for lines.Scan() {
		var c [4]json.RawMessage
		var pattern, text, wantErr string
		var flags Flags
		var want [][][2]int
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		n++
		for i, v := range []any{&pattern, &flags, &text} {
			if err := json.Unmarshal(c[i], v); err != nil {
				t.Fatal(err)
			}
		}
		if json.Unmarshal(c[3], &wantErr) != nil {
			if err := json.Unmarshal(c[3], &want); err != nil {
				t.Fatal(err)
			}
		}
		got, err := spans(pattern, flags, text)
		switch {
		case err != nil && err.Error() != wantErr:
			t.Errorf("%q flags %d: error %q, want %q", pattern, flags, err, wantErr)
		case err == nil && wantErr != "":
			t.Errorf("%q flags %d: no error, want %q", pattern, flags, wantErr)
		case differs[pattern]:
		case err == nil && !cmp.Equal(got, want):
			t.Errorf("%q flags %d on %q: %v, want %v", pattern, flags, text, got, want)
		}
	}
	if n < 2000 {
		t.Errorf("only %d cases in testdata/re.jsonl", n)
	}
}

func spans(pattern string, flags Flags, text string) ([][][2]int, error) {
	re, err := Compile(pattern, flags)
	if err != nil {
		return nil, err
	}
	all, err := re.FindAll(text)
	out := [][][2]int{}
	for _, m := range all {
		out = append(out, m.spans)
	}
	return out, err
}

// A big text is made ready for the engine once, in four bytes for each character, and the result is as large as the text.
func TestBigTextMemory(t *testing.T) {
	re, err := Compile("^the (\\w+)$", Multiline)
	if err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]string{"ASCII": "this is a line of text\n", "other": "this is a liné of text\n"} {
		text := strings.Repeat(line, 200_000) + "the end\n"
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				got, n, err := re.Sub(`<\1>`, text, 0)
				if err != nil || n != 1 || !strings.HasSuffix(got, "\n<end>\n") {
					b.Fatalf("%d, %v", n, err)
				}
			}
		})
		if got := r.AllocedBytesPerOp(); got > int64(len(text))*7 {
			t.Errorf("%s: %d bytes allocated for a text of %d", name, got, len(text))
		}
	}
}

// What Search leaves out for want of the text that a match begins with, the engine would not have found.
func TestHead(t *testing.T) {
	for _, c := range []struct {
		pattern string
		flags   Flags
		head    string
		atStart bool
	}{
		{"^the one", 0, "the one", true}, {"^the on+e", 0, "the o", true}, {`\Aab[cd]`, 0, "ab", true}, {"^the", Multiline, "the", false},
		{"ab*", 0, "a", false}, {"(ab)", 0, "", false}, {"a|b", 0, "", false}, {"^a|b", 0, "", false}, {"^the", IgnoreCase, "", true},
		{"(?i:a)b", 0, "", false}, {"a?b", 0, "", false}, {"", 0, "", false}, {"^", 0, "", true}, {"$", 0, "", false}, {"^é.", 0, "é", true},
		{"(?<=x)ab.", 0, "", false}, {"(?m)^ab.", 0, "ab", false},
	} {
		re, err := Compile(c.pattern, c.flags)
		if err != nil {
			t.Fatal(err)
		}
		if re.head != c.head || re.atStart != c.atStart {
			t.Errorf("%q: %q, %v, want %q, %v", c.pattern, re.head, re.atStart, c.head, c.atStart)
		}
		for _, text := range []string{"", "the one", "x the one", "x\nthe one", "THE one", "ab", "b", "abc", "xabc", "x\nabc", "éa", "xé", "aab", "the onne", "the on", "ab\n", "\xc3a"} {
			got, err := re.Search(text)
			want, err2 := re.find(newSubject(text), 0, modeSearch)
			if err != nil || err2 != nil || (got == nil) != (want == nil) {
				t.Errorf("%q in %q: %v, %v, want %v, %v", c.pattern, text, got, err, want, err2)
			}
		}
	}
}

// A big text is searched in parts where no match goes beyond a line, and it comes to the same.
func TestPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"the", "one", "ab", "", " ", "x", "é", "\xc3", "12", "\n", "\n", "\n\n", "\r\n", "\f"}
	var b strings.Builder
	for b.Len() < 2*pieceSize+100 {
		b.WriteString(words[random.IntN(len(words))])
	}
	for pattern, inLine := range map[string]bool{
		"the": true, "^the": true, "one$": true, "^$": true, "x*": true, `\w+$`: true, `\b`: true, "(?=x)": true, "(?!x)": true, "(?<=x)e?": true, "[^\n]*": true, `[^\s]+`: true, `(.)\1`: true,
		`\d`: true, `\S*`: true, "(x)?(?(1)a|b)": true, "(?:^|e).": true, "[a-z]{2,}?": true, "$": true, "(?i:THE)": true,
		`\s`: false, "[^x]": false, "(?s:.)": false, `\B`: false, `\Z`: false, `\A`: false, `\W`: false, "the\n": false, `[\D]`: false, "(?=e$\n)": false, "[\t-\r]": false,
	} {
		re, err := Compile(pattern, Multiline)
		if err != nil {
			t.Fatal(err)
		}
		if re.inLine != inLine {
			t.Errorf("%q: %v", pattern, re.inLine)
		}
		if !inLine {
			continue
		}
		whole, err := compile(pattern, Multiline)
		if err != nil {
			t.Fatal(err)
		}
		whole.inLine = false
		for _, text := range []string{b.String(), b.String() + "\n", strings.Repeat("the one\n", pieceSize/4)} {
			for _, count := range []int{0, 7} {
				got, n, err := re.Sub(`<\g<0>>`, text, count)
				want, n2, err2 := whole.Sub(`<\g<0>>`, text, count)
				if err != nil || err2 != nil || got != want || n != n2 {
					t.Errorf("%q, %d of %d bytes: %d and %d, %v, %v", pattern, count, len(text), n, n2, err, err2)
				}
			}
		}
	}
}
