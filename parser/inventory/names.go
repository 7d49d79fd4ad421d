package inventory

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// safeName is a group's name under TRANSFORM_INVALID_GROUP_CHARS.
func (inv *Inventory) safeName(name string) string {
	bad, safe := invalid(name)
	if bad == "" {
		return name
	}
	switch inv.options.GroupChars {
	case "always", "silently":
		if inv.options.GroupChars == "always" {
			inv.say(4, "Replacing invalid character(s) \"%s\" in group name (%s)", bad, name)
			inv.warn("Invalid characters were found in group names and automatically replaced, use -vvvv to see details")
		}
		return safe
	case "ignore":
	default:
		inv.say(4, "Not replacing invalid character(s) \"%s\" in group name (%s)", bad, name)
		inv.warn("Invalid characters were found in group names but not replaced, use -vvvv to see details")
	}
	return name
}

// forcedName is the name that plugins give groups of their own making:
// invalid characters always go.
func (inv *Inventory) forcedName(name string) string {
	_, safe := invalid(name)
	return safe
}

// invalid gives what makes a group's name invalid, as Python shows that set,
// and the name without it.
func invalid(name string) (bad, safe string) {
	var chars []string
	var b strings.Builder
	for i, c := range name {
		ok := c == '_' || unicode.IsLetter(c) || i > 0 && unicode.IsNumber(c) || unicode.IsNumber(c) && !unicode.IsDigit(c)
		if ok {
			b.WriteRune(c)
			continue
		}
		b.WriteByte('_')
		if r := value.QuoteRepr(string(c)); !slices.Contains(chars, r) {
			chars = append(chars, r)
		}
	}
	if len(chars) == 0 {
		return "", name
	}
	slices.Sort(chars)
	return "{" + strings.Join(chars, ", ") + "}", b.String()
}

// directNames gives the names of all groups that h is in, all left out.
func (inv *Inventory) directNames(h *Host) []string {
	var names []string
	for _, g := range inv.groupsOf(h) {
		if g.Name != All {
			names = append(names, g.Name)
		}
	}
	slices.Sort(names)
	return names
}

func shortName(name string) string {
	short, _, _ := strings.Cut(name, ".")
	return short
}

// note keeps the place of a variable of vars, for those that warn of names
// that mean something else.
func (inv *Inventory) note(vars *value.Dict, name string, pos source.Pos) {
	if !inv.options.Reserved[name] {
		return
	}
	if inv.places == nil {
		inv.places = map[*value.Dict]map[string]source.Pos{}
	}
	if inv.places[vars] == nil {
		inv.places[vars] = map[string]source.Pos{}
	}
	inv.places[vars][name] = pos
}

// Reserved gives the variables of a layer whose names mean something else in a
// play, in the order of the names, with their places.
func (inv *Inventory) Reserved(l Layer) []Warning {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	var names []string
	for k := range l.Vars.All() {
		if n, ok := k.(value.Str); ok && inv.options.Reserved[string(n)] {
			names = append(names, string(n))
		}
	}
	slices.Sort(names)
	out := make([]Warning, len(names))
	for i, n := range names {
		out[i] = Warning{Msg: fmt.Sprintf("Found variable using reserved name '%s'.", n)}
		if pos := inv.place(l, n); !pos.IsZero() {
			out[i].Err = &source.Error{Pos: pos}
		}
	}
	return out
}

func (inv *Inventory) place(l Layer, name string) source.Pos {
	if l.Origin == fromSources {
		return inv.places[l.Vars][name]
	}
	doc, err := inv.loader.File(l.Origin)
	if err != nil {
		return source.Pos{}
	}
	for _, p := range doc.Root.Pairs {
		if p.Key.Value == value.Str(name) {
			return p.Key.Pos
		}
	}
	return source.Pos{}
}
