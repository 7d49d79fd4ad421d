package playbook

// KeyValue is one pair of a key=value text.
type KeyValue struct{ Key, Value string }

// KeyValues reads a text of key=value pairs, as --extra-vars takes it. Text that
// is no pair is kept as _raw_params, as in the reference.
func KeyValues(text string) ([]KeyValue, error) {
	params, rest, err := splitParams(text, false)
	if err != nil {
		return nil, err
	}
	out := make([]KeyValue, len(params), len(params)+1)
	for i, p := range params {
		out[i] = KeyValue{p.key, p.value}
	}
	if rest != "" {
		out = append(out, KeyValue{"_raw_params", rest})
	}
	return out, nil
}
