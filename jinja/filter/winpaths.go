package filter

import (
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addPath("win_basename", "basename", func(p string) string { _, rest := winSplitDrive(p); return winTail(rest) })
	addPath("win_dirname", "dirname", winDirName)
	add("win_splitdrive", "splitdrive", func(c *expr.Call) (value.Value, error) {
		var v value.Value
		if err := c.Unpack("p", &v); err != nil {
			return nil, err
		}
		p, err := pathOf(v)
		if err != nil {
			return nil, err
		}
		drive, rest := winSplitDrive(p)
		return value.NewTuple(value.Str(drive), value.Str(rest)), nil
	})
}

const winSlashes = `\/`

// winSplitDrive splits off a drive letter, or a share (\\host\share).
func winSplitDrive(p string) (drive, rest string) {
	norm := strings.ReplaceAll(p, "/", `\`)
	if strings.HasPrefix(norm, `\\`) {
		start := 2
		if len(norm) >= 8 && strings.EqualFold(norm[:8], `\\?\UNC\`) {
			start = 8
		}
		host := strings.IndexByte(norm[start:], '\\')
		if host < 0 {
			return p, ""
		}
		share := strings.IndexByte(norm[start+host+1:], '\\')
		if share < 0 {
			return p, ""
		}
		n := start + host + 1 + share
		return p[:n], p[n:]
	}
	if len(p) >= 2 && p[1] == ':' {
		return p[:2], p[2:]
	}
	return "", p
}

func winTail(p string) string { return p[strings.LastIndexAny(p, winSlashes)+1:] }

func winDirName(p string) string {
	drive, rest := winSplitDrive(p)
	head := rest[:strings.LastIndexAny(rest, winSlashes)+1]
	if trimmed := strings.TrimRight(head, winSlashes); trimmed != "" {
		head = trimmed
	}
	return drive + head
}
