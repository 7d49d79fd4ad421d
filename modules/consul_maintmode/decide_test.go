package consulmaintmode

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// nodes reads "web2 web3!maintenance web4!gone web5!critical web6!warning".
func nodes(text string) []instance {
	var out []instance
	for word := range strings.FieldsSeq(text) {
		name, state, _ := strings.Cut(word, "!")
		i := instance{Node: name, ID: "api-" + name, Health: "passing"}
		switch state {
		case "maintenance":
			i.Maintenance, i.Health = true, "critical"
		case "gone":
			i.Gone, i.Health = true, "critical"
		case "critical", "warning":
			i.Health = state
		}
		out = append(out, i)
	}
	return out
}

func TestDecide(t *testing.T) {
	percent := func(n int) limits { return limits{MaxOffline: n, Percent: true} }
	at := func(node string, limit int) holder {
		return holder{Node: node, Limit: limit, State: claimed}
	}
	for _, c := range []struct {
		name    string
		mine    string // web1 where empty
		others  string
		holders []holder
		ahead   string
		limits  limits
		broken  bool
		granted bool
		reason  string // part of it
		waiting string
		healthy int
		limit   int
	}{
		{name: "all well", others: "web2 web3 web4", limits: limits{MaxOffline: 1}, granted: true, reason: "none of 4 offline, 1 may be", healthy: 3, limit: 1},
		{name: "one in maintenance", others: "web2!maintenance web3", limits: limits{MaxOffline: 1}, reason: "1 of 3 offline (web2 in maintenance), 1 may be", waiting: "web2", healthy: 1, limit: 1},
		{name: "one critical", others: "web2 web3!critical", limits: limits{MaxOffline: 1}, reason: "web3 critical", waiting: "web3", healthy: 1, limit: 1},
		{name: "one gone", others: "web2 web3!gone", limits: limits{MaxOffline: 1}, reason: "web3 gone", waiting: "web3", healthy: 1, limit: 1},
		{name: "a warning is healthy", others: "web2!warning web3", limits: limits{MaxOffline: 1}, granted: true, healthy: 2, limit: 1},
		{name: "a warning that counts", others: "web2!warning web3", limits: limits{MaxOffline: 1, CountWarning: true}, reason: "web2 warning", waiting: "web2", healthy: 1, limit: 1},
		{name: "two may, one is", others: "web2!maintenance web3", limits: limits{MaxOffline: 2}, granted: true, healthy: 1, limit: 2},
		{name: "two may, two are", others: "web2!maintenance web3!critical web4", limits: limits{MaxOffline: 2}, waiting: "web2 web3", healthy: 1, limit: 2},
		{name: "none may", others: "web2 web3", limits: limits{MaxOffline: 0}, reason: "this node has 1 of 3, and none may be offline", healthy: 2, limit: 0},
		{name: "alone", others: "", limits: limits{MaxOffline: 1}, granted: true, reason: "none of 1", limit: 1},
		{name: "25 % of 8", others: "web2!maintenance web3 web4 web5 web6 web7 web8", limits: percent(25), granted: true, healthy: 6, limit: 2},
		{name: "25 % of 8, two are", others: "web2!maintenance web3!gone web4 web5 web6 web7 web8", limits: percent(25), waiting: "web2 web3", healthy: 5, limit: 2},
		{name: "25 % of 7 rounds down", others: "web2!maintenance web3 web4 web5 web6 web7", limits: percent(25), waiting: "web2", healthy: 5, limit: 1},
		{name: "25 % of 3 is one", others: "web2 web3", limits: percent(25), granted: true, healthy: 2, limit: 1},
		{name: "25 % of 3, strictly", others: "web2 web3", limits: limits{MaxOffline: 25, Percent: true, Strict: true}, healthy: 2, limit: 0},
		{name: "0 % is none", others: "web2 web3", limits: percent(0), healthy: 2, limit: 0},
		{name: "100 %", others: "web2!gone web3!gone", limits: percent(100), granted: true, limit: 3},
		{name: "enough stay healthy", others: "web2 web3", limits: limits{MaxOffline: 3, MinHealthy: 2}, granted: true, healthy: 2, limit: 3},
		{name: "too few stay healthy", others: "web2 web3!critical", limits: limits{MaxOffline: 3, MinHealthy: 2}, reason: "1 would stay healthy, and 2 are needed", waiting: "web3", healthy: 1, limit: 3},
		{name: "missing ones are offline", others: "web2 web3", limits: limits{MaxOffline: 1, Expected: 4}, reason: "one that is expected is missing", healthy: 2, limit: 1},
		{name: "expected counts for percentages", others: "web2 web3", limits: limits{MaxOffline: 50, Percent: true, Expected: 4}, granted: true, healthy: 2, limit: 2},
		{name: "a holder counts before it acts", others: "web2 web3", holders: []holder{at("web2", 1)}, limits: limits{MaxOffline: 1}, reason: "web2 on its way", waiting: "web2", healthy: 1, limit: 1},
		{name: "a holder in maintenance counts once", others: "web2!maintenance web3", holders: []holder{at("web2", 2)}, limits: limits{MaxOffline: 2}, granted: true, healthy: 1, limit: 2},
		{name: "a holder that the catalogue lost", others: "web3", holders: []holder{at("web2", 1)}, limits: limits{MaxOffline: 1}, reason: "web2 on its way, not in the catalogue", waiting: "web2", healthy: 1, limit: 1},
		{name: "the lower limit wins", others: "web2!maintenance web3 web4", holders: []holder{at("web2", 1)}, limits: limits{MaxOffline: 3}, reason: "the lower limit of web2", waiting: "web2", healthy: 2, limit: 1},
		{name: "a higher limit does not", others: "web2!maintenance web3 web4", holders: []holder{at("web2", 9)}, limits: limits{MaxOffline: 1}, reason: "1 may be", waiting: "web2", healthy: 2, limit: 1},
		{name: "break-glass holders have no limit", others: "web2!maintenance web3 web4", holders: []holder{{Node: "web2", BreakGlass: "fire"}}, limits: limits{MaxOffline: 2}, granted: true, healthy: 2, limit: 2},
		{name: "unhealthy itself", mine: "web1!critical", others: "web2", limits: limits{MaxOffline: 1}, granted: true, healthy: 1, limit: 1},
		{name: "unhealthy itself, denied", mine: "web1!critical", others: "web2", limits: limits{MaxOffline: 1, DenyUnwell: true}, reason: "unhealthy itself (api-web1 critical)", healthy: 1, limit: 1},
		{name: "unhealthy itself does not pass the limit", mine: "web1!critical", others: "web2!maintenance", limits: limits{MaxOffline: 1}, waiting: "web2", limit: 1},
		{name: "in maintenance is not unwell", mine: "web1!maintenance", others: "web2", limits: limits{MaxOffline: 1, DenyUnwell: true}, granted: true, healthy: 1, limit: 1},
		{name: "two instances on one node", mine: "web1 web1", others: "web2 web3", limits: limits{MaxOffline: 1}, reason: "this node has 2 of 4, and 1 may be", healthy: 2, limit: 1},
		{name: "two instances, two may", mine: "web1 web1", others: "web2 web3", limits: limits{MaxOffline: 2}, granted: true, healthy: 2, limit: 2},
		{name: "others asked earlier", others: "web2 web3", ahead: "web2", limits: limits{MaxOffline: 1}, reason: "web2 asked earlier", waiting: "web2", healthy: 2, limit: 1},
		{name: "room for those ahead too", others: "web2 web3", ahead: "web2", limits: limits{MaxOffline: 2}, granted: true, healthy: 2, limit: 2},
		{name: "break-glass", others: "web2!maintenance web3!gone", limits: limits{MaxOffline: 1}, broken: true, granted: true, reason: "break-glass, although api: 2 of 3 offline", limit: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			mine := c.mine
			if mine == "" {
				mine = "web1"
			}
			q := question{Service: "api", Node: "web1", Mine: nodes(mine), Others: nodes(c.others), Holders: c.holders, Ahead: strings.Fields(c.ahead), Limits: c.limits, Broken: c.broken}
			a := decide(q)
			if a.Granted != c.granted || !strings.Contains(a.Reason, c.reason) || a.Healthy != c.healthy || a.Limit != c.limit || !slices.Equal(a.WaitingFor, strings.Fields(c.waiting)) && len(a.WaitingFor)+len(c.waiting) > 0 {
				t.Errorf("%+v", a)
			}
		})
	}
}

// TestDecideNeverOver asks in every order: whatever is granted, the number of
// those offline stays within the limit, and more may be offline with a higher one.
func TestDecideNeverOver(t *testing.T) {
	states := []string{"", "!maintenance", "!critical", "!gone", "!warning"}
	for n := range len(states) * len(states) * len(states) {
		others, off := "", 0
		for i, k := 0, n; i < 3; i, k = i+1, k/len(states) {
			s := states[k%len(states)]
			others += fmt.Sprintf("web%d%s ", i+2, s)
			if s != "" && s != "!warning" {
				off++
			}
		}
		for limit := range 5 {
			a := decide(question{Service: "api", Node: "web1", Mine: nodes("web1"), Others: nodes(others), Limits: limits{MaxOffline: limit}})
			if a.Granted != (off+1 <= limit) {
				t.Errorf("%s limit %d: %+v", others, limit, a)
			}
		}
	}
}
