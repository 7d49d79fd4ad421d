package setup

import (
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// parseCPU reads /proc/cpuinfo. What it holds depends on the kind of machine:
// counts come from sockets and cores where they are told, else from the number
// of processors.
func parseCPU(text, machine string, xen bool, usable int) *value.Dict {
	c := cpus{d: value.DictOf("processor", value.NewList()), sockets: newCounts(), cores: newCounts(), lastThread: -1}
	for _, line := range lines(text) {
		key, v, _ := strings.Cut(line, ":")
		c.line(strings.TrimSpace(key), strings.TrimSpace(v))
	}
	count := c.entries
	if c.vendors > 0 && c.vendors == c.models {
		count = c.vendors
	}
	if c.active > 0 {
		count = c.active
	}
	for _, arch := range []string{"armv", "aarch", "ppc"} {
		if strings.HasPrefix(machine, arch) {
			count = c.processors
		}
	}
	d := c.d
	switch {
	case strings.HasPrefix(machine, "s390"):
		threads := max(c.lastThread+1, 1)
		put(d, 1, (c.mainframe+threads-1)/threads, threads, c.mainframe)
	case xen && c.paravirtual:
		put(d, count, count, 1, count)
	default:
		sockets := c.sockets.len()
		if sockets == 0 {
			sockets = count
		}
		cores := max(c.sockets.first(), 1)
		threads := 1 / cores
		if c.cores.len() > 0 {
			threads = c.cores.first() / cores
		}
		put(d, sockets, cores, threads, sockets*cores*threads)
	}
	if usable == 0 {
		usable = c.processors
	}
	d.SetStr("processor_nproc", value.Int(usable))
	return d
}

func put(d *value.Dict, count, cores, threads, all int) {
	d.SetStr("processor_count", value.Int(count))
	d.SetStr("processor_cores", value.Int(cores))
	d.SetStr("processor_threads_per_core", value.Int(threads))
	d.SetStr("processor_vcpus", value.Int(all))
}

type cpus struct {
	d                        *value.Dict
	entries, vendors, models int
	processors, mainframe    int
	active, lastThread       int // of sparc, of s390
	paravirtual              bool
	sockets, cores           *counts // by physical id and core id
	socket, core             string
}

func (c *cpus) line(key, v string) {
	switch key {
	case "model name", "Processor", "vendor_id", "cpu", "Vendor", "processor":
		add(c.d, "processor", value.Str(v))
		switch key {
		case "vendor_id":
			c.vendors++
		case "model name":
			c.models++
		case "processor":
			c.processors++
		}
		c.entries++
	case "physical id":
		c.socket = v
		c.sockets.want(v)
	case "core id":
		c.core = v
		c.cores.want(v)
	case "cpu cores":
		c.sockets.set(c.socket, v)
	case "siblings":
		c.cores.set(c.core, v)
	case "# processors":
		c.mainframe, _ = strconv.Atoi(v)
	case "max thread id":
		c.lastThread, _ = strconv.Atoi(v)
	case "ncpus active":
		c.active, _ = strconv.Atoi(v)
	case "flags":
		c.d.SetStr("flags", value.Strings(strings.Fields(v)...))
		if !strings.Contains(v, "vme") { // Xen hides it from its paravirtual guests
			c.paravirtual = true
		}
	}
}

// counts is a number for each id, in the order the ids came.
type counts struct {
	order []string
	n     map[string]int
}

func newCounts() *counts { return &counts{n: map[string]int{}} }

func (c *counts) want(id string) {
	if _, ok := c.n[id]; !ok {
		c.order = append(c.order, id)
		c.n[id] = 1
	}
}

func (c *counts) set(id, text string) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return
	}
	c.want(id)
	c.n[id] = n
}

func (c *counts) len() int { return len(c.order) }

func (c *counts) first() int {
	if len(c.order) == 0 {
		return 0
	}
	return c.n[c.order[0]]
}
