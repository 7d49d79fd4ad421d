package yumrepository

import "testing"

func FuzzParse(f *testing.F) {
	f.Add("[epel]\nname = EPEL\nbaseurl=http://a/\n\thttp://b/\n# x\n[b]\nenabled=1\n")
	f.Add("[a]\nx = %(x)s\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parse(text, "x.repo")
		if err != nil {
			return
		}
		// What is written is read as the same, and written as the same again.
		again, err := parse(file.text(), "x.repo")
		if err != nil {
			t.Fatalf("%q becomes %q: %v", text, file.text(), err)
		}
		if again.text() != file.text() {
			t.Errorf("%q becomes %q, and then %q", text, file.text(), again.text())
		}
	})
}
