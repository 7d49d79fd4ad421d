package web

import "strings"

// Header is headers in the order they were given or came in.
type Header struct{ fields []field }

type field struct{ name, value string }

// Add adds a field at the end.
func (h *Header) Add(name, value string) { h.fields = append(h.fields, field{name, value}) }

// Set replaces the first field of that name, or adds one.
func (h *Header) Set(name, value string) {
	for i := range h.fields {
		if strings.EqualFold(h.fields[i].name, name) {
			h.fields[i].value = value
			return
		}
	}
	h.Add(name, value)
}

// Get gives the first value of a name, "" when there is none.
func (h *Header) Get(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// Has reports whether there is a field of that name.
func (h *Header) Has(name string) bool {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// Values gives all values of a name.
func (h *Header) Values(name string) (values []string) {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

// Del removes all fields of a name.
func (h *Header) Del(name string) {
	var kept []field
	for _, f := range h.fields {
		if !strings.EqualFold(f.name, name) {
			kept = append(kept, f)
		}
	}
	h.fields = kept
}

// Clone gives a copy.
func (h *Header) Clone() Header { return Header{append([]field(nil), h.fields...)} }

// All walks names in lower case and values; those of one name are joined by
// commas, at the first one's place.
func (h *Header) All(yield func(name, value string) bool) {
	seen := map[string]bool{}
	for _, f := range h.fields {
		name := strings.ToLower(f.name)
		if seen[name] {
			continue
		}
		seen[name] = true
		if !yield(name, strings.Join(h.Values(name), ", ")) {
			return
		}
	}
}

// title writes a header's name as urllib sends it: Content-Type.
func title(name string) string {
	b := []byte(strings.ToLower(name))
	start := true
	for i, c := range b {
		letter := c >= 'a' && c <= 'z'
		if start && letter {
			b[i] = c - 'a' + 'A'
		}
		start = !letter
	}
	return string(b)
}
