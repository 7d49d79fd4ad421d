package agent

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/wire"
)

// An agent of another user has the groups that its user had when it came up.
// The reference becomes somebody for every task, so that whoever was put into a
// group works with it from the next task on. Hence the files of accounts are
// looked at when a request has ended, before its end is told: an agent whose
// user is in other groups by then ends, and the next task as that user starts
// another. An agent that is still at work is looked at again at the next end.

// accounts are the files of accounts as they were when last looked at.
type accounts struct {
	mu    sync.Mutex
	stamp [2]stamp
	left  bool // an agent with old groups was at work
}

// accountFiles has no name service: what that says changes without a trace.
var accountFiles = account.Files{Passwd: account.System.Passwd, Group: account.System.Group}

// stamp tells one state of a file from the next.
type stamp struct {
	ino, size uint64
	modified  int64
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	s := stamp{size: uint64(info.Size()), modified: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.ino = st.Ino
	}
	return s
}

// memberships lists the numbers of the groups that the files put a user into.
// name counts where they do not have the user.
func memberships(f account.Files, uid int, name string) []int {
	var gids []int
	if u, err := f.UserByID(uid); err == nil {
		name = u.Name
		gids = append(gids, u.GID)
	}
	groups, err := f.Groups()
	if err != nil {
		return nil // nothing is known, which is no change
	}
	for _, g := range groups {
		if slices.Contains(g.Members, name) {
			gids = append(gids, g.GID)
		}
	}
	slices.Sort(gids)
	return slices.Compact(gids)
}

// up notes the groups of a child that has just come up.
func (c *child) up(hello *wire.Hello) {
	stamps := [2]stamp{stampOf(accountFiles.Passwd), stampOf(accountFiles.Group)}
	groups := memberships(accountFiles, int(hello.UID), hello.User)
	c.a.accounts.mu.Lock()
	defer c.a.accounts.mu.Unlock()
	c.mu.Lock()
	c.uid, c.user, c.groups, c.grouped = int(hello.UID), hello.User, groups, true
	c.mu.Unlock()
	if c.a.accounts.stamp == ([2]stamp{}) {
		c.a.accounts.stamp = stamps
	}
}

// regroup ends the agents whose users are in other groups than when they came up.
func (a *Agent) regroup() {
	a.mu.Lock()
	children := make([]*child, 0, len(a.children))
	for _, c := range a.children {
		children = append(children, c)
	}
	a.mu.Unlock()
	if len(children) == 0 {
		return
	}
	a.accounts.mu.Lock()
	defer a.accounts.mu.Unlock()
	stamps := [2]stamp{stampOf(accountFiles.Passwd), stampOf(accountFiles.Group)}
	if stamps == a.accounts.stamp && !a.accounts.left {
		return
	}
	a.accounts.stamp, a.accounts.left = stamps, false
	for _, c := range children {
		c.mu.Lock()
		uid, user, groups, known := c.uid, c.user, c.groups, c.grouped
		c.mu.Unlock()
		now := memberships(accountFiles, uid, user)
		if !known || now == nil || slices.Equal(now, groups) {
			continue
		}
		if !c.retire() {
			a.accounts.left = true
		}
	}
}

// retire ends a child that has nothing to do, and reports whether that is so.
// The controller is told first: what it sends from then on is for another one.
// What crosses that news is refused with the same code, see toChild.
func (c *child) retire() bool {
	if !c.a.begin() {
		return true // all end
	}
	c.a.mu.Lock()
	idle := len(c.open) == 0
	if idle && c.a.children[c.req.Key] == c {
		delete(c.a.children, c.req.Key)
		c.a.retired[c.req.Key] = fmt.Sprintf("the agent behind %s ended: the groups of its user changed", c.req.Name)
	}
	fail := wire.Fail{Code: wire.CodeRetired, Msg: c.a.retired[c.req.Key]}
	c.a.mu.Unlock()
	if !idle {
		c.a.work.Done()
		return false
	}
	c.a.session.Send(wire.Frame{Kind: wire.KindFail, Route: c.req.Key, Body: fail.Encode()})
	go func() {
		defer c.a.work.Done()
		c.end()
	}()
	return true
}
