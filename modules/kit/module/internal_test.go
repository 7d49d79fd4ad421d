package module

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

func TestStripInternal(t *testing.T) {
	inner := value.DictOf("_ansible_no_log", value.True, "a", value.NewList(value.DictOf("_ansible_x", value.None, "_ansible", value.Int(1))))
	d := value.DictOf("_ansible_no_log", value.False, "b", inner)
	StripInternal(d)
	if got, want := value.Repr(d), "{'_ansible_no_log': False, 'b': {'a': [{'_ansible': 1}]}}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
