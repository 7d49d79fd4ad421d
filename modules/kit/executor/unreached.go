package executor

import (
	"context"
	"sync"
)

// Unreached has the hosts that items of one loop could not reach: those that
// follow do not wait for a connection again. In the reference each tries anew,
// with the same result where the host does not come back meanwhile.
type Unreached struct {
	mu         sync.Mutex
	met, given map[any]error
}

type unreachedKey struct{}

// UnreachedIn gives that of the loop that ctx belongs to, nil outside of loops.
func UnreachedIn(ctx context.Context) *Unreached {
	u, _ := ctx.Value(unreachedKey{}).(*Unreached)
	return u
}

// Meet notes why there is no connection to address. It counts once an item has
// ended with that: an action may go on trying.
func (u *Unreached) Meet(address any, err error) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.met == nil {
		u.met = map[any]error{}
	}
	u.met[address] = err
}

// Given tells why an item before was given up, nil if none was.
func (u *Unreached) Given(address any) error {
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.given[address]
}

// giveUp ends an item whose host was not reached.
func (u *Unreached) giveUp() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.given, u.met = u.met, nil
}
