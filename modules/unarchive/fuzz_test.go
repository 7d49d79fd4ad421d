package unarchive

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"path/filepath"
	"testing"
)

func FuzzOctal(f *testing.F) {
	f.Add(`a\303\251\\b\n`)
	f.Add(`\777\`)
	f.Fuzz(func(t *testing.T, name string) {
		if got := unescapeOctal(name); len(got) > len(name) {
			t.Errorf("%q of %q", got, name)
		}
	})
}

// Whatever an archive holds, no name leads out of the destination.
func FuzzZip(f *testing.F) {
	for _, e := range [][]entry{{{name: "a", content: "x"}}, {{name: "../../a", content: "x"}}, {{name: "/etc/x", content: "x"}}, {{name: "l", link: "/"}, {name: "l/x", content: "x"}}} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, e := range e {
			h := &zip.FileHeader{Name: e.name}
			if e.link != "" {
				h.SetMode(fs.ModeSymlink | 0o777)
				e.content = e.link
			}
			m, err := w.CreateHeader(h)
			if err == nil {
				_, err = m.Write([]byte(e.content))
			}
			if err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, m := range r.File {
			if rel := inside(m); rel != "" && !filepath.IsLocal(rel) {
				t.Errorf("%q leads out: %q", m.Name, rel)
			}
			special(m)
			_ = kind(m.Mode()) // must not panic
		}
	})
}
