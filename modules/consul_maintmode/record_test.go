package consulmaintmode

import (
	"slices"
	"testing"

	"github.com/churten/churten/modules/kit/consul"
)

func TestParse(t *testing.T) {
	const prefix = "p/service/api/"
	s, err := parse("api", prefix, []consul.Pair{
		{Key: prefix + "record", ModifyIndex: 9, Value: []byte(`{"limit":2,"holders":[{"node":"a","state":"offline","limit":2},{"node":"b","state":"claimed"},{"node":"c","state":"returning"}]}`)},
		{Key: prefix + "slot/a", ModifyIndex: 4},
		{Key: prefix + "slot/b", Session: "s1"},
		{Key: prefix + "slot/c"},
		{Key: prefix + "queue/s9", Session: "s9", CreateIndex: 30, Value: []byte(`{"node":"z"}`)},
		{Key: prefix + "queue/s8", Session: "s8", CreateIndex: 20, Value: []byte(`{"node":"y"}`)},
		{Key: prefix + "queue/s7", CreateIndex: 10, Value: []byte(`{"node":"x"}`)},
		{Key: prefix + "other"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ maintained, alive bool }{{false, false}, {false, true}, {false, false}} {
		h := s.record.Holders[i]
		if s.alive(h, c.maintained) != c.alive || !s.alive(h, true) {
			t.Errorf("holder %s", h.Node)
		}
	}
	if s.index != 9 || len(s.dead) != 1 {
		t.Errorf("%+v", s)
	}
	for _, c := range []struct {
		node, session string
		want          []string
	}{{"n", "", []string{"y", "z"}}, {"z", "s9", []string{"y"}}, {"y", "s8", nil}, {"y", "", []string{"z"}}} {
		if got := s.ahead(c.node, c.session); !slices.Equal(got, c.want) {
			t.Errorf("ahead of %s %s: %v", c.node, c.session, got)
		}
	}
	if _, err := parse("api", prefix, []consul.Pair{{Key: prefix + "record", Value: []byte("x")}}); err == nil {
		t.Error("a record that is none was read")
	}
}

// FuzzParse: whatever stands in the store, it is read or refused.
func FuzzParse(f *testing.F) {
	f.Add("record", []byte(`{"limit":1,"holders":[{"node":"a"}]}`), "")
	f.Add("queue/x", []byte(`{"node":"a"}`), "x")
	f.Add("slot/x", []byte(`{}`), "x")
	f.Fuzz(func(t *testing.T, key string, v []byte, session string) {
		s, err := parse("api", "p/", []consul.Pair{{Key: "p/" + key, Value: v, Session: session}})
		if (s == nil) == (err == nil) {
			t.Fatalf("%v %v", s, err)
		}
		if err != nil {
			return
		}
		for _, h := range s.record.Holders {
			if s.alive(h, false) && s.slots[h.Node] == nil {
				t.Errorf("%s has no place and lives", h.Node)
			}
		}
		_ = s.ahead("n", "")
	})
}
