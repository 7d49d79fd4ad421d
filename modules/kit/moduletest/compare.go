package moduletest

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/churten/churten/jinja/value"
)

// compare reports the differences between two values, key by key.
func compare(t *testing.T, what string, got, want value.Value) {
	t.Helper()
	for _, line := range differences("", got, want) {
		t.Errorf("%s%s", what, line)
	}
}

func differences(path string, got, want value.Value) (out []string) {
	g, ok1 := got.(*value.Dict)
	w, ok2 := want.(*value.Dict)
	if ok1 && ok2 {
		for k, item := range g.All() {
			other, ok := w.Get(k)
			if !ok {
				out = append(out, path+" has "+value.Text(k)+": "+short(item))
				continue
			}
			out = append(out, differences(path+"."+value.Text(k), item, other)...)
		}
		for k, item := range w.All() {
			if _, ok := g.Get(k); !ok {
				out = append(out, path+" lacks "+value.Text(k)+": "+short(item))
			}
		}
		return out
	}
	gl, ok1 := got.(*value.List)
	wl, ok2 := want.(*value.List)
	if ok1 && ok2 && len(gl.Items) == len(wl.Items) {
		for i := range gl.Items {
			out = append(out, differences(path+"[]", gl.Items[i], wl.Items[i])...)
		}
		return out
	}
	a, b := temporary(value.Repr(got)), temporary(value.Repr(want))
	if normal(a) != normal(b) {
		out = append(out, path+"\n   got "+short(got)+"\n  want "+short(want))
	}
	return out
}

// normal sorts the list of booleans in a message, which the reference gives in
// any order.
func normal(msg string) string {
	head, list, ok := strings.Cut(msg, "Valid booleans include: ")
	if !ok {
		return msg
	}
	words := strings.Split(plain.Replace(list), ", ")
	sort.Strings(words)
	return plain.Replace(head) + strings.Join(words, ", ")
}

var temporaryNames = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:/tmp/ansible-moduletmp-[^/ ]*|/[^ "']*/churten-call-[0-9]+)/(?:tmp|crontab)\w+|/tmp/crontab\w{8}\b|/[^ "']*/ansible-tmp-[0-9.]+-[0-9]+-[0-9]+/|/[^ "']*/ansible-local-[^ /]*/[^ "']*|/tmp/churten-call-[0-9]+/`)
})

// temporary masks the names of the reference's temporary files.
func temporary(text string) string { return temporaryNames().ReplaceAllString(text, "TMP/") }

// plain takes quotes out: repr chooses them by what is in the text.
var plain = strings.NewReplacer("'", "", `"`, "", `\`, "")

func short(v value.Value) string {
	text := value.Repr(v)
	if len(text) > 2000 {
		text = text[:2000] + "…"
	}
	return text
}

// rename replaces in all texts of v, keys included.
func rename(v value.Value, r *strings.Replacer) value.Value {
	switch v := v.(type) {
	case *value.Dict:
		out := value.NewDict(v.Len())
		if v == nil {
			return out
		}
		for k, item := range v.All() {
			out.Set(rename(k, r), rename(item, r))
		}
		return out
	case *value.List:
		out := value.NewList()
		for _, item := range v.Items {
			out.Items = append(out.Items, rename(item, r))
		}
		return out
	case value.Str:
		return value.Str(r.Replace(string(v)))
	}
	return v
}

// hide stars the values of keys that vary: those in mask, and the size of
// directories and of links to scratch paths.
func hide(v value.Value, mask []string) value.Value {
	switch v := v.(type) {
	case *value.Dict:
		out := value.NewDict(v.Len())
		state := str(v, "state")
		if str(v, "islnk") == "True" {
			state = "link"
		}
		for k, item := range v.All() {
			key := value.Text(k)
			if slices.Contains(mask, key) || key == "size" && (state == "directory" || state == "link") {
				out.Set(k, value.Str("*"))
				continue
			}
			out.Set(k, hide(item, mask))
		}
		return out
	case *value.List:
		out := value.NewList()
		for _, item := range v.Items {
			out.Items = append(out.Items, hide(item, mask))
		}
		return out
	}
	return v
}

// sortList sorts a list of d by the text of its items.
func sortList(d *value.Dict, key string) {
	v, _ := d.GetStr(key)
	l, ok := v.(*value.List)
	if !ok {
		return
	}
	items := slices.Clone(l.Items)
	slices.SortFunc(items, func(a, b value.Value) int { return strings.Compare(value.Repr(a), value.Repr(b)) })
	d.SetStr(key, value.NewList(items...))
}
