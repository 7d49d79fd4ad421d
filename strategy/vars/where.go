package vars

import (
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Where names the host and the task that the scope is made for, as messages
// that are of no other place name them.
func (sc *Scope) Where() (host, task string) {
	if sc.task == nil {
		return sc.host, ""
	}
	task = sc.task.Action
	if name, ok := sc.task.Name.(value.Str); ok {
		task = string(name)
	}
	task = strings.TrimPrefix(task, "ansible.builtin.")
	if sc.task.Role != nil {
		task = sc.task.Role.Name + " : " + task
	}
	return sc.host, task
}
