package filesystem

import (
	"context"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/tool"
)

// kind is what is special about a kind of file system.
type kind struct {
	label   string // in messages
	program string // makes it
	force   []string
	// since asks the program for its version: older ones, and those that do not
	// tell it, do not know the options of force.
	since func(ctx context.Context, t *task, path string) (bool, error)
	// uuid: the program takes an UUID, by newUUID. change is the program that
	// sets the UUID of one that is there; it comes after the making where the
	// program takes none.
	uuid    bool
	newUUID func(uuid string) []string
	change  func(uuid string) []string
	// size tells how many bytes it has, grow gives it all there are. Nil where
	// it cannot grow.
	size    func(ctx context.Context, t *task) (int64, error)
	grow    []string
	mounted bool // grows where it is mounted, told by that place
	slack   int64
}

func dashU(uuid string) []string { return []string{"-U", uuid} }

func tune(uuid string) []string { return []string{"tune2fs", "-U", uuid} }

func ext(name string) *kind {
	label := strings.ToUpper(name[:1]) + name[1:]
	return &kind{label: label, program: "mkfs." + name, force: []string{"-F"}, uuid: true, newUUID: dashU, change: tune, size: extSize, grow: []string{"resize2fs"}}
}

var kinds = map[string]*kind{
	"ext2": ext("ext2"), "ext3": ext("ext3"), "ext4": ext("ext4"), "ext4dev": ext("ext4"),
	"xfs": {label: "XFS", program: "mkfs.xfs", force: []string{"-f"}, change: func(uuid string) []string { return []string{"xfs_admin", "-U", uuid} },
		size: xfsSize, grow: []string{"xfs_growfs"}, mounted: true, slack: 64*4096 - 1}, // what xfs_growfs leaves alone
	"btrfs":    {label: "Btrfs", program: "mkfs.btrfs", force: []string{"-f"}, since: btrfsForces, size: btrfsSize, grow: []string{"btrfs", "filesystem", "resize", "max"}, mounted: true},
	"f2fs":     {label: "F2fs", program: "mkfs.f2fs", force: []string{"-f"}, since: f2fsForces, size: f2fsSize, grow: []string{"resize.f2fs"}},
	"reiserfs": {label: "Reiserfs", program: "mkfs.reiserfs", force: []string{"-q"}},
	"vfat":     {label: "VFAT", program: "mkfs.vfat", size: vfatSize, grow: []string{"fatresize", "-s", "max"}},
	"ocfs2":    {label: "Ocfs2", program: "mkfs.ocfs2", force: []string{"-Fx"}},
	"swap":     {label: "Swap", program: "mkswap", force: []string{"-f"}},
	"lvm": {label: "LVM", program: "pvcreate", force: []string{"-f"}, uuid: true, newUUID: func(uuid string) []string { return []string{"-u", uuid, "--norestorefile"} },
		change: func(string) []string { return []string{"pvchange", "-u"} }, size: lvmSize, grow: []string{"pvresize"}},
	"bcachefs": {label: "Bcachefs", program: "mkfs.bcachefs", force: []string{"--force"}, uuid: true, newUUID: dashU, size: bcachefsSize, grow: []string{"bcachefs", "device", "resize"}},
}

// overwrites finds out by which options the program writes over what is there.
func (t *task) overwrites(ctx context.Context) error {
	t.force = t.kind.force
	if t.kind.since == nil {
		return nil
	}
	path, err := tool.Find(t.Call, t.kind.program)
	if err != nil {
		return err
	}
	known, err := t.kind.since(ctx, t, path)
	if !known {
		t.force = nil
	}
	return err
}

// btrfsForces: mkfs.btrfs has -f since 3.12.
func btrfsForces(ctx context.Context, t *task, path string) (bool, error) {
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Check: true, Env: tool.LocaleEnv()}, path, "--version")
	if err != nil {
		return false, err
	}
	for _, text := range []string{out.Stdout, out.Stderr} {
		if v := versionBehind(text, " v"); v != nil {
			return atLeast(v, 3, 12), nil
		}
	}
	t.Warn("Unable to identify mkfs.btrfs version (" + pyText(out.Stdout) + ", " + pyText(out.Stderr) + ")")
	return true, nil
}

// f2fsForces: mkfs.f2fs has -f since 1.9.
func f2fsForces(ctx context.Context, t *task, path string) (bool, error) {
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv()}, path, "/dev/null") // there is no way but to have it do something
	if err != nil {
		return false, err
	}
	return atLeast(versionBehind(out.Stdout, "Ver: "), 1, 9), nil
}

// versionBehind gives the first two numbers of the version behind a word.
func versionBehind(text, word string) []int {
	for {
		_, rest, ok := strings.Cut(text, word)
		if !ok {
			return nil
		}
		text = rest
		end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if end >= 0 {
			rest = rest[:end]
		}
		var numbers []int
		for part := range strings.SplitSeq(rest, ".") {
			n, err := strconv.Atoi(part)
			if err != nil {
				break
			}
			numbers = append(numbers, n)
		}
		if len(numbers) > 1 {
			return numbers
		}
	}
}

func atLeast(version []int, major, minor int) bool {
	return len(version) > 1 && (version[0] > major || version[0] == major && version[1] >= minor)
}
