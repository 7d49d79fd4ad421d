package consulmaintmode

import (
	"fmt"
	"strings"
)

// limits are what a play asks for one service.
type limits struct {
	MaxOffline   int // instances, or percent of all
	Percent      bool
	Strict       bool // a percentage that rounds down to nothing allows nothing
	MinHealthy   int  // of the others; 0: not asked for
	CountWarning bool // a warning counts as offline
	Expected     int  // instances that there should be; those missing count as offline
	DenyUnwell   bool // a node that is unhealthy itself may not go
}

// most is how many of total may be offline.
func (l limits) most(total int) int {
	if !l.Percent {
		return l.MaxOffline
	}
	n := total * l.MaxOffline / 100
	if n == 0 && !l.Strict && l.MaxOffline > 0 {
		n = 1
	}
	return n
}

// instance is one instance of a service in the catalogue.
type instance struct {
	Node, ID    string
	Health      string // passing, warning, critical: the worst of its checks
	Maintenance bool
	Gone        bool // the node's agent does not answer
}

// offline tells why an instance counts as offline, "" when it does not.
func (i instance) offline(countWarning bool) string {
	switch {
	case i.Maintenance:
		return "in maintenance"
	case i.Gone:
		return "gone"
	case i.Health == "critical":
		return "critical"
	case i.Health == "warning" && countWarning:
		return "warning"
	}
	return ""
}

// question is all that the decision for one service rests on.
type question struct {
	Service string
	Node    string
	Mine    []instance // this node's
	Others  []instance
	Holders []holder // others' live places
	Ahead   []string // nodes that wait and asked earlier
	Limits  limits
	Broken  bool // break_glass: the limit is passed
}

// answer is the decision for one service.
type answer struct {
	Granted    bool
	Reason     string
	Total      int
	Offline    []string // the others that count as offline, with why
	Healthy    int      // the others that are healthy
	Limit      int      // how many may be offline, this node among them
	LimitOf    string   // the holder whose lower limit it is
	WaitingFor []string // nodes that have to come back, or go first
}

// decide tells whether the node may go. It reads nothing but q.
func decide(q question) answer {
	a := answer{Total: max(len(q.Mine)+len(q.Others), q.Limits.Expected)}
	a.Limit = q.Limits.most(a.Total)
	for _, h := range q.Holders {
		if h.Limit < a.Limit && h.BreakGlass == "" {
			a.Limit, a.LimitOf = h.Limit, h.Node
		}
	}
	a.count(q)
	a.Reason = a.refusal(q)
	switch {
	case a.Reason == "":
		a.Granted = true
		a.Reason = fmt.Sprintf("%s: %s of %d offline, %s may be%s", q.Service, some(len(a.Offline)), a.Total, some(a.Limit), a.whose())
	case q.Broken:
		a.Granted = true
		a.Reason = "break-glass, although " + a.Reason
	}
	if a.Granted {
		a.WaitingFor = nil
	}
	return a
}

// count fills in who is offline and how many are healthy.
func (a *answer) count(q question) {
	holding := map[string]bool{}
	for _, h := range q.Holders {
		holding[h.Node] = true
	}
	seen := map[string]bool{}
	for _, i := range q.Others {
		seen[i.Node] = true
		why := i.offline(q.Limits.CountWarning)
		if why == "" && holding[i.Node] {
			why = "on its way"
		}
		if why == "" {
			a.Healthy++
			continue
		}
		a.off(i.Node, why)
	}
	for _, h := range q.Holders {
		if !seen[h.Node] {
			a.off(h.Node, "on its way, not in the catalogue")
		}
	}
	for n := len(q.Mine) + len(q.Others); n < q.Limits.Expected; n++ {
		a.Offline = append(a.Offline, "one that is expected is missing")
	}
}

func (a *answer) off(node, why string) {
	a.Offline = append(a.Offline, node+" "+why)
	for _, w := range a.WaitingFor {
		if w == node {
			return
		}
	}
	a.WaitingFor = append(a.WaitingFor, node)
}

// refusal tells why the node may not go, "" when it may.
func (a *answer) refusal(q question) string {
	mine, off := len(q.Mine), len(a.Offline)
	if q.Limits.DenyUnwell {
		for _, i := range q.Mine {
			if why := i.offline(q.Limits.CountWarning); why != "" && !i.Maintenance {
				return fmt.Sprintf("%s: this node is unhealthy itself (%s %s)", q.Service, i.ID, why)
			}
		}
	}
	switch {
	case mine > a.Limit && off == 0:
		return fmt.Sprintf("%s: this node has %d of %d, and %s may be offline%s", q.Service, mine, a.Total, some(a.Limit), a.whose())
	case off+mine > a.Limit:
		return fmt.Sprintf("%s: %d of %d offline (%s), %s may be%s", q.Service, off, a.Total, strings.Join(a.Offline, ", "), some(a.Limit), a.whose())
	case q.Limits.MinHealthy > a.Healthy:
		return fmt.Sprintf("%s: %d would stay healthy, and %d are needed", q.Service, a.Healthy, q.Limits.MinHealthy)
	case off+mine+len(q.Ahead) > a.Limit:
		a.WaitingFor = append(a.WaitingFor, q.Ahead...)
		return fmt.Sprintf("%s: %s asked earlier", q.Service, strings.Join(q.Ahead, ", "))
	}
	return ""
}

func (a *answer) whose() string {
	if a.LimitOf == "" {
		return ""
	}
	return " (the lower limit of " + a.LimitOf + ")"
}

func some(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}
