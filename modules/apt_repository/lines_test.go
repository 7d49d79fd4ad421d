package aptrepository

import "testing"

func TestFileName(t *testing.T) {
	for source, want := range map[string]string{
		"deb http://127.0.0.1:9/debian bookworm main":                                "127_0_0_1_9_debian",
		"deb [arch=amd64 signed-by=/x] http://a.b/debian bookworm main":              "a_b_debian",
		"deb https://user:pw@some.example.com/path/with.dots/ bookworm/updates main": "some_example_com_path_with_dots",
		"deb [trusted=yes] file:/srv/x ./":                                           "file_srv_x",
		"deb cdrom:[Debian GNU/Linux 12]/ bookworm main":                             "cdrom",
		"deb http://x": "x",
	} {
		if got := fileName(source); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	s := sources{"/f": {parseLine("deb http://y stable main # c1"), parseLine("# deb  http://z stable main # c2"), parseLine("# plain"), parseLine("")}}
	if got, want := s.text("/f"), "deb http://y stable main # c1\n# deb http://z stable main # c2\n# plain\n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	u := s.clone()
	u.add("deb http://z stable main", "")
	u.remove("deb http://y stable main")
	if got, want := u.text("/f"), "deb http://z stable main # c2\n# plain\n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if paths := s.changed(u); len(paths) != 1 || paths[0] != "/f" {
		t.Errorf("%v", paths)
	}
	u = s.clone()
	u.add("deb http://new stable main", "")
	if got := u.text("/etc/apt/sources.list.d/new.list"); got != "deb http://new stable main\n" {
		t.Errorf("%q", got)
	}
	u.remove("deb http://new stable main")
	if len(s.changed(u)) != 0 {
		t.Errorf("%v", s.changed(u))
	}
	for text, want := range map[string]bool{"nonsense": false, "deb": false, "deb http://x": true, "deb-src a b c": true, "# deb a b": true, "# debian": false, "": false} {
		if l := parseLine(text); l.valid != want {
			t.Errorf("%q: %v", text, l.valid)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add("# deb [a=b] http://x y # z")
	f.Fuzz(func(t *testing.T, text string) {
		l := parseLine(text)
		if l.valid {
			again := parseLine(l.String())
			if again.source != l.source || again.disabled != l.disabled {
				t.Errorf("%q: %+v, then %+v", text, l, again)
			}
		}
		fileName(text)
	})
}
