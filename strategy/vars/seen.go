package vars

import (
	"slices"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/inventory"
)

// maxSeen bounds what is kept of levels that Seen heard of; levels beyond are not told.
const maxSeen = 1 << 20

// notice tells Seen of the levels in st, lowest first, that it has not heard
// of. What hosts learn is told when they learn it.
func (s *Store) notice(st []*value.Dict, layers []inventory.Layer, known known) {
	if s.Seen == nil {
		return
	}
	for _, d := range slices.Backward(st) {
		if d == known.set || d == known.included || d == known.injected || isFacts(d, known) {
			continue
		}
		if _, old := s.seen.Load(d); old || s.seenN.Load() > maxSeen {
			continue
		}
		if _, old := s.seen.LoadOrStore(d, true); old {
			continue
		}
		s.seenN.Add(1)
		i := slices.IndexFunc(layers, func(l inventory.Layer) bool { return l.Vars == d })
		if i >= 0 && s.SeenLayer != nil {
			s.SeenLayer(layers[i])
			continue
		}
		s.Seen(d)
	}
}

func (s *Store) tell(vars *value.Dict) {
	if s.Seen != nil && vars != nil {
		s.Seen(vars)
	}
}
