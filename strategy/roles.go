package strategy

import "github.com/churten/churten/modules/kit/plan"

// roleHost is one use of a role on one host; equal uses have one ID.
type roleHost struct {
	role int
	host string
}

// roleProgress says which roles ran on which hosts in this play: a role that
// is used again in the same way is passed over, unless it allows duplicates.
type roleProgress struct {
	ran  map[roleHost]bool // a task of it was not skipped
	done map[roleHost]bool // and its last was reached
}

// ranRole notes that a task of a role did something on host.
func (pr *playRun) ranRole(task *plan.Task, host string) {
	if task.Role != nil && !task.Handler {
		pr.roles.ran[roleHost{task.Role.ID, host}] = true
	}
}

// completeRole notes that host is through with a role.
func (pr *playRun) completeRole(role *plan.Role, host string) {
	if role == nil {
		return
	}
	k := roleHost{role.ID, host}
	if pr.roles.ran[k] {
		pr.roles.done[k] = true
	}
}

// hadRole reports whether a task is passed over because its role is done.
func (pr *playRun) hadRole(task *plan.Task, host string) bool {
	r := task.Role
	return r != nil && !task.Handler && !r.AllowDuplicates && pr.roles.done[roleHost{r.ID, host}]
}

// hasFacts reports whether fact gathering passes over a host: with
// gathering=smart, once is enough for a run.
func (pr *playRun) hasFacts(task *plan.Task, host string) bool {
	return pr.Gathering == "smart" && task.Implicit && task.FQCN == gatherFacts && pr.gathered[host]
}

// noteFacts notes that a host's facts were gathered.
func (pr *playRun) noteFacts(task *plan.Task, host string) {
	if task.FQCN == gatherFacts || task.FQCN == "ansible.builtin.setup" {
		pr.gathered[host] = true
	}
}

const gatherFacts = "ansible.builtin.gather_facts"
