package npm

import "testing"

func FuzzInstalled(f *testing.F) {
	f.Add(`{"dependencies": {"a": {"version": "1.0"}, "b": {"missing": true}, "c": null, "d": {"version": {}}}}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		have, missing, err := installed(text)
		if err != nil && (have != nil || missing) {
			t.Errorf("%v, %v beside %v", have, missing, err)
		}
	})
}
