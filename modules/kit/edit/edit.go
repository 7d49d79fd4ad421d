// Package edit is what lineinfile, blockinfile and replace share: the new
// content of a text file validated and put in place, its attributes set, and
// the message that tells which of both changed.
package edit

import (
	"context"
	"errors"
	"os"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Write has content validated by the task's command and puts it at path.
func Write(ctx context.Context, c *module.Call, path, content string) error {
	t, err := kit.Create(path, c.Tmp)
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			return kit.NotWritable(path, err)
		}
		return err
	}
	defer t.Discard()
	if _, err := t.WriteString(content); err != nil {
		return err
	}
	err = t.Validate(ctx, c, c.Args.Str("validate"))
	var v *kit.ValidateError
	if errors.As(err, &v) {
		return module.Failf("failed to validate: rc:%d error:%s", v.RC, v.Stderr)
	}
	if err != nil {
		return err
	}
	return t.Commit(ctx, kit.Options{Unsafe: c.Args.Bool("unsafe_writes")})
}

// Attributes sets owner, mode and so on of path, adds to msg that it did, and
// gives what differed for --diff.
func Attributes(ctx context.Context, c *module.Call, path string, changed *bool, msg *string) (kit.Changes, error) {
	var diff kit.Changes
	a := kit.AttrsOf(c)
	did, err := a.Apply(ctx, path, c.Check, &diff)
	if err != nil {
		return diff, err
	}
	if did {
		if *changed {
			*msg += " and "
		}
		*changed = true
		*msg += "ownership, perms or SE linux context changed"
	}
	return diff, nil
}

// Diffs are the two parts that --diff shows: content (only when asked for) and
// attributes.
func Diffs(c *module.Call, path, before, after string, attrs kit.Changes) []module.Diff {
	if !c.Diff {
		before, after = "", ""
	}
	content := module.Diff{Before: value.Str(before), After: value.Str(after),
		BeforeHeader: path + " (content)", AfterHeader: path + " (content)"}
	second := module.Diff{BeforeHeader: path + " (file attributes)", AfterHeader: path + " (file attributes)"}
	if attrs.Before != nil {
		second.Before, second.After = attrs.Before, attrs.After
	}
	return []module.Diff{content, second}
}
