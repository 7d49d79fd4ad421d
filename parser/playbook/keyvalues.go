package playbook

import "fmt"

// KeyValue is one pair of a key=value text.
type KeyValue struct{ Key, Value string }

// KeyValues reads a text of key=value pairs, as --extra-vars takes it. Text
// that is no pair is a fault.
func KeyValues(text string) ([]KeyValue, error) {
	params, rest, err := splitParams(text, false)
	if err != nil {
		return nil, err
	}
	if rest != "" && len(params) == 0 {
		return nil, fmt.Errorf("Unable to parse extra vars: '%s' is not key=value", text)
	}
	out := make([]KeyValue, len(params))
	for i, p := range params {
		out[i] = KeyValue{p.key, p.value}
	}
	return out, nil
}
