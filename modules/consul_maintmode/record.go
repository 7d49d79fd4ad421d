package consulmaintmode

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/consul"
)

// What stands in the key-value store, below the prefix:
//
//	stop                      there: no new grants
//	service/NAME/record       the limit in force and who holds a place; every
//	                          change to it is a compare-and-set
//	service/NAME/slot/NODE    the place itself: locked by its holder's session
//	                          until the act is done; its ModifyIndex is the fence
//	service/NAME/queue/ID     who waits, locked by the waiter's session; first
//	                          come (CreateIndex), first served

// The states of a holder.
const (
	claimed   = "claimed"   // has a place, not yet in maintenance
	offline   = "offline"   // in maintenance, which is the durable token
	returning = "returning" // maintenance ended, not yet healthy
)

// holder is one who holds a place.
type holder struct {
	Node       string   `json:"node"`
	State      string   `json:"state"`
	Run        string   `json:"run,omitempty"`
	By         string   `json:"by,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Since      string   `json:"since"`
	Limit      int      `json:"limit"`
	BreakGlass string   `json:"break_glass,omitempty"`
	Mode       string   `json:"mode"`
	Services   []string `json:"services"`          // all that were taken together
	Foreign    bool     `json:"foreign,omitempty"` // the maintenance was an operator's already
}

// record is what a service's record holds.
type record struct {
	Limit   int      `json:"limit"`
	Holders []holder `json:"holders"`
}

// waiter is one in the queue.
type waiter struct {
	Node    string `json:"node"`
	Run     string `json:"run,omitempty"`
	Since   string `json:"since"`
	session string
	index   uint64
}

// service is a service's part of the store as it was read.
type service struct {
	name   string
	record record
	index  uint64 // ModifyIndex of the record, 0 when there is none
	slots  map[string]*consul.Pair
	queue  []waiter // alive, in their order
	dead   []consul.Pair
	seen   uint64 // index of the read, to block on
}

// parse reads what lies below a service's prefix.
func parse(name, prefix string, pairs []consul.Pair) (*service, error) {
	s := &service{name: name, slots: map[string]*consul.Pair{}}
	for i := range pairs {
		p := &pairs[i]
		key := strings.TrimPrefix(p.Key, prefix)
		switch {
		case key == "record":
			s.index = p.ModifyIndex
			if len(p.Value) == 0 {
				continue
			}
			if err := json.Unmarshal(p.Value, &s.record); err != nil {
				return nil, fmt.Errorf("the record %s in consul's store is not one of ours (remove it if nobody needs it): %w", p.Key, err)
			}
		case strings.HasPrefix(key, "slot/"):
			s.slots[strings.TrimPrefix(key, "slot/")] = p
		case strings.HasPrefix(key, "queue/"):
			var w waiter
			if p.Session == "" || json.Unmarshal(p.Value, &w) != nil {
				s.dead = append(s.dead, *p)
				continue
			}
			w.session, w.index = p.Session, p.CreateIndex
			s.queue = append(s.queue, w)
		}
	}
	slices.SortFunc(s.queue, func(a, b waiter) int {
		if a.index != b.index {
			return int(a.index) - int(b.index)
		}
		return strings.Compare(a.session, b.session)
	})
	return s, nil
}

// alive tells whether h still has its place: maintained says whether the
// catalogue shows its node (or its instance of the service) in maintenance.
func (s *service) alive(h holder, maintained bool) bool {
	if maintained {
		return true
	}
	slot := s.slots[h.Node]
	return h.State != offline && slot != nil && slot.Session != ""
}

// ahead lists the nodes that wait and asked before the session did.
func (s *service) ahead(node, session string) []string {
	var out []string
	for _, w := range s.queue {
		if session != "" && w.session == session {
			break
		}
		if w.Node != node && !slices.Contains(out, w.Node) {
			out = append(out, w.Node)
		}
	}
	return out
}

// slot reads the holder that a slot's key tells of.
func slotOf(p *consul.Pair) (holder, bool) {
	var h holder
	if p == nil || json.Unmarshal(p.Value, &h) != nil {
		return holder{}, false
	}
	return h, true
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return text
}
