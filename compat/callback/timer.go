package callback

import (
	"fmt"
	"time"

	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "timer", Collection: "ansible.posix",
		New: func(e *Env) (event.Listener, error) { return &timer{Base: e.Base, began: e.Now()}, nil }})
}

// timer says at the end how long the run took.
type timer struct {
	Base
	began time.Time
}

// Hear waits for the end.
func (c *timer) Hear(e event.Event) {
	if _, ok := e.(event.Stats); !ok {
		return
	}
	took := int(c.Now().Sub(c.began) / time.Second)
	c.Banner("PLAYBOOK RECAP")
	c.Print(fmt.Sprintf("Playbook run took %d days, %d hours, %d minutes, %d seconds\n", took/86400, took/3600%24, took/60%60, took%60), Plain)
}
