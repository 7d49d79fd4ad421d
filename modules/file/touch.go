package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

func (j *job) touch(ctx context.Context) (*module.Result, error) {
	t, err := j.times("now")
	if err != nil {
		return nil, err
	}
	dest := []any{"dest", value.Str(j.path)}
	if j.prev == "absent" {
		j.changed = true
		if j.Check {
			return j.result(dest...), nil
		}
		f, err := os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return nil, (&module.Failure{Msg: "Error, could not touch target.", Err: errors.New(kit.PyError(err, j.path))}).With("path", value.Str(j.path))
		}
		f.Close()
	}
	j.begin("touch")
	err = j.attributes(ctx, j.target(), t)
	if err != nil {
		if j.prev == "absent" {
			var f *module.Failure
			if errors.As(err, &f) && f.Values != nil {
				module.AddPathInfo(f.Values) // what it was
			}
			os.Remove(j.path) // do not leave a file with the wrong attributes
		}
		return nil, err
	}
	return j.result(dest...), nil
}

// times is what the access and modification time shall be.
type times struct{ atime, mtime stamp }

// stamp is a time, the time of the change, or nothing when both are unset.
type stamp struct {
	now bool
	at  time.Time
}

func (s stamp) unset() bool { return !s.now && s.at.IsZero() }

// times reads the arguments; otherwise is what counts where they are not given.
func (j *job) times(otherwise string) (times, error) {
	mtime, err := j.stamp("modification_time", otherwise)
	if err != nil {
		return times{}, err
	}
	atime, err := j.stamp("access_time", otherwise)
	return times{atime, mtime}, err
}

func (j *job) stamp(arg, otherwise string) (stamp, error) {
	text := otherwise
	if j.Args.Given(arg) {
		text = j.Args.Str(arg)
	}
	switch text {
	case "preserve":
		return stamp{}, nil
	case "now":
		return stamp{now: true}, nil
	}
	format := j.Args.Str(arg + "_format")
	at, err := strptime(text, format)
	if err != nil {
		return stamp{}, module.Failf("Error while obtaining timestamp for time %s using format %s: %s", text, format, err.Error())
	}
	return stamp{at: at}, nil
}

// apply sets the times of path where they differ.
func (t times) apply(j *job, path string) (bool, error) {
	if t.atime.unset() && t.mtime.unset() {
		return false, nil
	}
	fail := func(err error, about string) error {
		return (&module.Failure{Msg: "Error while updating modification or access time: " + kit.PyError(err, about), Err: err}).With("path", value.Str(path))
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, fail(err, path)
	}
	oldA, oldM := accessed(info), info.ModTime()
	now := time.Now()
	pick := func(s stamp, old time.Time) time.Time {
		switch {
		case s.now:
			return now
		case s.unset():
			return old
		}
		return s.at
	}
	newA, newM := pick(t.atime, oldA), pick(t.mtime, oldM)
	if newA.Equal(oldA) && newM.Equal(oldM) {
		return false, nil
	}
	if j.diff.Before != nil {
		for _, x := range []struct {
			key      string
			old, new time.Time
		}{{"mtime", oldM, newM}, {"atime", oldA, newA}} {
			if !x.old.Equal(x.new) {
				j.diff.Before.SetStr(x.key, seconds(x.old))
				j.diff.After.SetStr(x.key, seconds(x.new))
			}
		}
	}
	if j.Check {
		return true, nil
	}
	if t.atime.now && t.mtime.now {
		err = unix.Utimes(path, nil) // whoever may write the file may say that it is new, its owner or not
	} else {
		err = os.Chtimes(path, newA, newM)
	}
	if err != nil {
		return false, fail(err, "")
	}
	return true, nil
}

// seconds is a time as Python's os.stat gives it.
func seconds(t time.Time) value.Value {
	return value.Float(float64(t.Unix()) + 1e-9*float64(t.Nanosecond()))
}

// fields of a strptime format, with the most digits each takes.
var digits = map[byte]int{'Y': 4, 'm': 2, 'd': 2, 'H': 2, 'M': 2, 'S': 2, 'y': 2, 'j': 3, 'I': 2}

// strptime reads a local time in a format of Python's time.strptime.
func strptime(text, format string) (time.Time, error) {
	mismatch := fmt.Errorf("time data %s does not match format %s", value.Repr(value.Str(text)), value.Repr(value.Str(format)))
	p := parsed{year: 1900, month: 1, day: 1}
	rest := text
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' {
			if rest == "" || rest[0] != c {
				return time.Time{}, mismatch
			}
			rest = rest[1:]
			continue
		}
		i++
		if i == len(format) {
			return time.Time{}, fmt.Errorf("stray %% in format '%s'", format)
		}
		ok, known := p.field(format[i], &rest)
		if !known {
			return time.Time{}, fmt.Errorf("'%c' is a bad directive in format '%s'", format[i], format)
		}
		if !ok {
			return time.Time{}, mismatch
		}
	}
	if rest != "" {
		return time.Time{}, fmt.Errorf("unconverted data remains: %s", rest)
	}
	return p.time()
}
