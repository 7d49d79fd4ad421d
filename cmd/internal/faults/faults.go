// Package faults proves what becomes of a run when something breaks: agents
// that are killed, links that are cut, disks that are full, controllers that
// die. It has tests only.
//
// A host (host_test.go) is a network namespace with a mount and a process
// namespace and a real sshd in it, so that a cable can be pulled, a disk filled
// and everything that runs there be counted, without touching the machine. The
// controller is the program churten itself, in a process of its own
// (run_test.go). Making hosts takes root; without it, or where the kernel gives
// no namespaces, the tests are skipped and say why.
//
// One file for each kind of fault: agent, link, silence, frozen, sshd, shells,
// disk, controller, crowd. What takes longer than some seconds runs only
// with CHURTEN_FAULTS set, as `make faults` does, which also writes
// docs/faults.md from what the tests say of themselves (page_test.go).
package faults
