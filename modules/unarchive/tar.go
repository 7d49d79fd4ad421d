package unarchive

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

// tarArchive is read by the host's tar, which knows compressions by itself.
type tarArchive struct {
	*module.Call
	name, tar, option string
	src, dest         string
	members           []string
}

func openTar(ctx context.Context, c *module.Call, src, dest, name, option string) (*tarArchive, error) {
	t := &tarArchive{Call: c, name: name, option: option, src: src, dest: dest}
	var err error
	if t.tar, err = process.Find("gtar", c.Env); err != nil {
		if t.tar, err = process.Find("tar", c.Env); err != nil {
			return nil, fmt.Errorf("Unable to find required 'gtar' or 'tar' binary in the path")
		}
	}
	res, err := t.run(ctx, t.command("--list", false))
	if err != nil {
		return nil, err
	}
	if res.RC != 0 {
		return nil, fmt.Errorf("Command \"%s\" could not handle archive: Unable to list files in the archive: %s", t.tar, res.Stderr)
	}
	for line := range strings.Lines(string(res.Stdout)) {
		if name := unescapeOctal(strings.TrimRight(line, "\n")); name != "" {
			t.members = append(t.members, strings.TrimPrefix(name, "/"))
		}
	}
	if len(t.members) == 0 {
		return nil, fmt.Errorf("Command \"%s\" found no files in archive. Empty archive files are not supported.", t.tar)
	}
	return t, nil
}

// run runs tar with messages that can be read.
func (t *tarArchive) run(ctx context.Context, argv []string) (process.Result, error) {
	env := append(append([]string(nil), t.Env...), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "LC_MESSAGES=C.UTF-8", "LANGUAGE=C")
	return process.Run(ctx, process.Command{Argv: argv, Env: env, Dir: t.dest})
}

func (t *tarArchive) command(action string, writes bool) []string {
	argv := []string{t.tar, action, "-C", t.dest}
	if t.option != "" {
		argv = append(argv, t.option)
	}
	if extra := t.Args.Strs("extra_opts"); len(extra) > 0 {
		argv = append(append(argv, "--show-transformed-names"), extra...)
	}
	if writes {
		if t.Args.Given("owner") {
			argv = append(argv, "--owner="+t.Args.Str("owner"))
		}
		if t.Args.Given("group") {
			argv = append(argv, "--group="+t.Args.Str("group"))
		}
		if t.Args.Bool("keep_newer") {
			argv = append(argv, "--keep-newer-files")
		}
	}
	for _, name := range t.Args.Strs("exclude") {
		argv = append(argv, "--exclude="+name)
	}
	return append(append(argv, "-f", t.src), t.Args.Strs("include")...)
}

func (t *tarArchive) handler() string { return t.name }
func (t *tarArchive) files() []string { return t.members }

// differences are what tar --diff says of members that are not as in the
// archive. What the task sets itself does not count. That a file of another
// type or a name beyond what the system takes is in the way, the reference passes over;
// a link that is missing ("Cannot readlink: No such file or directory") is passed over here too.
var differences = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`: (Uid differs|Gid differs|Mode differs|Mod time differs|Size differs|Contents differ|Symlink differs|File type differs|(?:Warning: )?Cannot stat: [^:]+|Cannot readlink: Invalid argument|Invalid owner|Invalid group)$`)
})

func (t *tarArchive) differs(ctx context.Context) (bool, string, error) {
	res, err := t.run(ctx, t.command("--diff", true))
	if err != nil {
		return false, "", err
	}
	for line := range strings.Lines(string(res.Stdout) + string(res.Stderr)) {
		line = strings.TrimRight(line, "\n")
		m := differences().FindStringSubmatch(line)
		// A member whose name an option took away altogether has none.
		if m == nil || strings.HasSuffix(line, ": : "+m[1]) {
			continue
		}
		switch m[1] {
		case "Uid differs":
			if t.Args.Given("owner") || os.Geteuid() != 0 {
				continue
			}
		case "Gid differs":
			if t.Args.Given("group") || os.Geteuid() != 0 {
				continue
			}
		case "Mode differs":
			if t.Args.Given("mode") {
				continue
			}
		}
		return true, "", nil
	}
	return false, "", nil
}

func (t *tarArchive) extract(ctx context.Context) (*value.Dict, error) {
	argv := t.command("--extract", true)
	res, err := t.run(ctx, argv)
	if err != nil {
		return nil, err
	}
	return value.DictOf("cmd", value.Strings(argv...), "rc", value.Int(res.RC), "out", value.Str(res.Stdout), "err", value.Str(res.Stderr)), nil
}

// unescapeOctal reads the \303\251 that tar prints for bytes it does not like.
func unescapeOctal(name string) string {
	if !strings.Contains(name, `\`) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '\\' && i+3 < len(name) {
			if n, err := strconv.ParseUint(name[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		if name[i] == '\\' && i+1 < len(name) && name[i+1] == '\\' {
			i++
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
