package config

import "github.com/churten/churten/jinja/value"

// Value gives a setting with its type, and where it came from; ok is false for
// a name that the table does not have.
func (s *Settings) Value(name string) (v value.Value, origin string, ok bool) {
	for i := range table {
		t := &table[i]
		if t.Name != name {
			continue
		}
		text := s.values[name]
		switch {
		case t.Kind == Bool:
			v = value.Bool(s.Bool(name))
		case t.Kind == Int && text != "":
			v = value.Int(s.Int(name))
		case t.Kind == List || t.Kind == PathList:
			v = value.Strings(s.List(name)...)
		case text == "":
			v = value.None
		default:
			v = value.Str(text)
		}
		return v, s.origin[name].Text, true
	}
	return nil, "", false
}
