// Package mountfacts tells of mounts: those there are, those that tables name.
//
// source.go chooses and reads the sources, parse.go knows their formats; this
// file filters, measures and answers.
//
// Source: documentation of ansible.builtin.mount_facts; results and messages
// seen on ansible-core 2.19 (testdata/twins.yml); fstab(5), vfstab(4),
// filesystems(4), mount(8).
package mountfacts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/form"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the mount_facts module.
var Module = module.Module{
	Name: "ansible.builtin.mount_facts", Doc: "Retrieve mount information.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "sources", Type: module.List, Elements: module.Str, Doc: "Where to look: all, static, dynamic, a table's path, or what mount_binary is."},
		{Name: "mount_binary", Type: module.Raw, Default: value.Str("mount"), Doc: "The program that lists mounts; null for none."},
		{Name: "devices", Type: module.List, Elements: module.Str, Doc: "Patterns for the devices to tell of."},
		{Name: "fstypes", Type: module.List, Elements: module.Str, Doc: "Patterns for the types of file systems to tell of."},
		{Name: "timeout", Type: module.Float, Doc: "Seconds to wait for each mount's size, and for mount_binary; null: for ever."},
		{Name: "on_timeout", Default: value.Str("error"), Choices: []string{"error", "warn", "ignore"}, Doc: "What to do when the time is over."},
		{Name: "include_aggregate_mounts", Type: module.Bool, Doc: "List mounts that hide others too. null warns of them."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c}
	if err := j.readArgs(); err != nil {
		return nil, err
	}
	found, err := j.mounts(ctx)
	if err != nil {
		return nil, err
	}
	points, aggregate := value.NewDict(len(found)), value.NewList()
	bySource := map[string][]string{}
	var sources []string
	for _, m := range found {
		if !j.wanted(m) {
			continue
		}
		if err := j.complete(ctx, m); err != nil {
			return nil, err
		}
		if _, ok := points.GetStr(m.point); !ok {
			points.SetStr(m.point, m.info)
		}
		aggregate.Items = append(aggregate.Items, m.info)
		if _, ok := bySource[m.source]; !ok {
			sources = append(sources, m.source)
		}
		bySource[m.source] = append(bySource[m.source], m.point)
	}
	facts := value.DictOf("mount_points", points, "aggregate_mounts", value.NewList())
	if !c.Args.Given("include_aggregate_mounts") {
		j.warnRepeated(sources, bySource)
	} else if c.Args.Bool("include_aggregate_mounts") {
		facts.SetStr("aggregate_mounts", aggregate)
	}
	return &module.Result{Facts: facts, Values: value.DictOf("ansible_facts", value.None)}, nil
}

// job is one call.
type job struct {
	*module.Call
	binary  string // "" where there is none
	timeout time.Duration
}

func (j *job) readArgs() error {
	switch b := j.Args.Value("mount_binary").(type) {
	case value.Str:
		j.binary = string(b)
	default:
		if b != value.Value(value.None) {
			return module.Failf("argument 'mount_binary' must be a string or null, not %s", value.Repr(b))
		}
	}
	if j.Args.Given("timeout") {
		t := j.Args.Float("timeout")
		if t <= 0 {
			return module.Failf("argument 'timeout' must be a positive number or null, not %s", value.Repr(value.Float(t)))
		}
		j.timeout = time.Duration(t * float64(time.Second))
	}
	return nil
}

// wanted says whether the patterns choose m.
func (j *job) wanted(m *mount) bool {
	fits := func(arg, text string) bool {
		if !j.Args.Given(arg) {
			return true
		}
		for _, pattern := range j.Args.Strs(arg) {
			if form.Fnmatch(pattern, text) {
				return true
			}
		}
		return len(j.Args.Strs(arg)) == 0
	}
	return fits("fstypes", m.fstype) && fits("devices", m.device)
}

// complete adds what the file system itself says, where it came from, and the
// device's UUID.
func (j *job) complete(ctx context.Context, m *mount) error {
	done := make(chan *unix.Statfs_t, 1)
	go func() { // nothing can interrupt that call: the goroutine may be left behind
		var s unix.Statfs_t
		if err := unix.Statfs(m.point, &s); err != nil {
			done <- nil
			return
		}
		done <- &s
	}()
	var late <-chan time.Time
	if j.timeout > 0 {
		late = time.After(j.timeout)
	}
	select {
	case s := <-done:
		if s != nil {
			sizes(m.info, s)
		}
	case <-late:
		if err := j.late(fmt.Sprintf("Timed out getting mount size for mount %s (type %s) after %s seconds", m.point, m.fstype, j.seconds())); err != nil {
			return err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	m.info.SetStr("ansible_context", value.DictOf("source", value.Str(m.source), "source_data", value.Str(m.text)))
	m.info.SetStr("uuid", uuid(m.device))
	return nil
}

func (j *job) seconds() string { return value.Repr(value.Float(j.Args.Float("timeout"))) }

// late does what on_timeout says.
func (j *job) late(msg string) error {
	switch j.Args.Str("on_timeout") {
	case "error":
		return module.Failf("%s", msg)
	case "warn":
		j.Warn(msg)
	}
	return nil
}

func sizes(d *value.Dict, s *unix.Statfs_t) {
	fragment := int64(s.Frsize)
	if fragment == 0 {
		fragment = int64(s.Bsize)
	}
	total, available := int64(s.Blocks), int64(s.Bavail)
	for _, e := range []struct {
		name string
		n    int64
	}{
		{"size_total", fragment * total}, {"size_available", fragment * available},
		{"block_size", int64(s.Bsize)}, {"block_total", total}, {"block_available", available}, {"block_used", total - available},
		{"inode_total", int64(s.Files)}, {"inode_available", int64(s.Ffree)}, {"inode_used", int64(s.Files) - int64(s.Ffree)},
	} {
		d.SetStr(e.name, value.Int(e.n))
	}
}

// uuid gives the UUID of a device's file system: from a table that names it so,
// else from udev's links.
func uuid(device string) value.Value {
	if id, ok := strings.CutPrefix(device, "UUID="); ok {
		return value.Str(id)
	}
	if !strings.HasPrefix(device, "/") {
		return value.None
	}
	real, err := filepath.EvalSymlinks(device)
	if err != nil {
		return value.None
	}
	const dir = "/dev/disk/by-uuid"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return value.None
	}
	for _, e := range entries {
		if to, err := filepath.EvalSymlinks(filepath.Join(dir, e.Name())); err == nil && to == real {
			return value.Str(e.Name())
		}
	}
	return value.None
}

// warnRepeated tells of sources that have a mount point more than once.
func (j *job) warnRepeated(sources []string, points map[string][]string) {
	var told []string
	for _, source := range sources {
		seen := map[string]bool{}
		repeated := false
		for _, p := range points[source] {
			repeated = repeated || seen[p]
			seen[p] = true
		}
		if repeated {
			told = append(told, fmt.Sprintf("%s (%s)", source, value.Repr(value.Strings(points[source]...))))
		}
	}
	if len(told) > 0 {
		j.Warn("mount_facts: ignoring repeat mounts in the following sources: " + strings.Join(told, ", ") +
			". You can disable this warning by configuring the 'include_aggregate_mounts' option as True or False.")
	}
}
