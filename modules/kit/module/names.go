package module

import (
	"fmt"

	"github.com/churten/churten/jinja/value"
)

// NameHint says what names of variables are made of.
const NameHint = "Variable names must be strings starting with a letter or underscore character, and contain only letters, numbers and underscores."

// InvalidName says, in the reference's words, why k cannot be the name of a
// variable; "" when it can. Words that are constants of Jinja cannot, those of
// Python can: seen on ansible-core 2.19.14 with set_fact.
func InvalidName(k value.Value) string {
	name, ok := k.(value.Str)
	if !ok {
		return fmt.Sprintf("Invalid variable name '%s' of type '%s'.", value.Text(k), k.Type())
	}
	switch name {
	case "true", "True", "false", "False", "none", "None":
	default:
		if isName(string(name)) {
			return ""
		}
	}
	return fmt.Sprintf("Invalid variable name %s.", value.Repr(k))
}

func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
