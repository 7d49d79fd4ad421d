package zypper

import (
	"reflect"
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"all options":                 "the reference looks for 'k = 1' under that name",
		"forms of versions":           "the reference looks for some of them with their versions",
		"no message of 104":           "the reference crashes",
		"remove a version in present": "the reference looks for nothing",
		"no names absent":             "the reference looks for all packages",
	}})
}

func TestReadOnlySnapshot(t *testing.T) {
	for mounts, want := range map[string]bool{
		"/dev/sda2 / btrfs ro,relatime,subvol=/@/.snapshots/1/snapshot 0 0\n": true,
		"proc /proc proc rw 0 0\n/dev/sda2 / btrfs ro 0 0\n":                  true,
		"/dev/sda2 / btrfs rw,relatime 0 0\n/dev/sda2 /var btrfs ro 0 0\n":    false,
		"/dev/sda2 / ext4 ro,relatime 0 0\n":                                  false,
		"/dev/sda2 / btrfs\n":                                                 false,
		"":                                                                    false,
	} {
		if readOnlySnapshot(mounts) != want {
			t.Errorf("%q: %v", mounts, !want)
		}
	}
}

func TestScan(t *testing.T) {
	all, err := scan("<?xml version='1.0'?>\n<a x='1 > 0' y = \"&lt;&#65;&#x42;\"><!-- <b> --><b/>t&amp;<c>u</c>v<![CDATA[<w>]]></a>\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []*element{
		{name: "a", attrs: map[string]string{"x": "1 > 0", "y": "<AB"}, text: []byte("t&v<w>")},
		{name: "b", parent: "a", depth: 1, attrs: map[string]string{}},
		{name: "c", parent: "a", depth: 1, attrs: map[string]string{}, text: []byte("u")},
	}
	if !reflect.DeepEqual(all, want) {
		for _, e := range all {
			t.Errorf("%+v", *e)
		}
	}
	for text, want := range map[string]string{
		"":            "no element found: line 1, column 0",
		"<a>\n":       "no element found: line 2, column 0",
		"<a>\n </b>":  "mismatched tag: line 2, column 3",
		"<a":          "unclosed token: line 1, column 0",
		"<a/>x":       "junk after document element: line 1, column 4",
		"<a/><b/>":    "junk after document element: line 1, column 4",
		"<a>&no;</a>": "not well-formed (invalid token): line 1, column 4",
	} {
		if _, err := scan(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add("<?xml version='1.0'?><a b='c'>d&amp;<e/></a>")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := scan(text)
		if err == nil && (len(all) == 0 || len(all) > strings.Count(text, "<")) {
			t.Errorf("%q has %d elements", text, len(all))
		}
	})
}
