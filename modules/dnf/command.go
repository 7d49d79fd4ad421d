package dnf

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/rpm"
	"github.com/churten/churten/modules/kit/tool"
)

// transact runs the commands and tells what they changed.
func (j *job) transact(ctx context.Context, verbs []verb) (*module.Result, error) {
	if len(verbs) == 0 {
		return j.nothing(), nil
	}
	before, err := j.db.All(ctx)
	if err != nil {
		return nil, err
	}
	var t table
	var fetched []string
	for _, v := range verbs {
		out, err := j.call(ctx, v...)
		if err != nil {
			return nil, err
		}
		did := parseTable(out.Stdout)
		t.add(did)
		for _, p := range did.installed {
			fetched = append(fetched, "Downloaded: "+p.String())
		}
	}
	if j.Args.Bool("download_only") {
		switch {
		case len(fetched) == 0:
			return j.nothing(), nil
		case j.Check:
			return j.result(wouldHave, true, append(j.notes, fetched...)), nil
		}
		return j.result("", true, append(j.notes, fetched...)), nil
	}
	var installed, removed []rpm.Package
	if j.Check {
		installed, removed = t.outcome(before)
	} else {
		after, err := j.db.All(ctx)
		if err != nil {
			return nil, err
		}
		installed, removed = minus(after, before), minus(before, after)
	}
	lines := slices.Concat(j.notes, j.modules)
	for i := range installed {
		lines = append(lines, j.word(&installed[i], removed)+installed[i].String())
	}
	for i := range removed {
		lines = append(lines, "Removed: "+removed[i].String())
	}
	switch {
	case len(installed)+len(removed) == 0:
		return j.nothing(), nil
	case j.Check:
		return j.result(wouldHave, true, lines), nil
	}
	return j.result("", true, lines), nil
}

const wouldHave = "Check mode: No changes made, but would have if not in check mode"

// minus gives the packages of a that b does not have.
func minus(a, b []rpm.Package) (out []rpm.Package) {
	have := make(map[rpm.Package]bool, len(b))
	for _, p := range b {
		have[p] = true
	}
	for _, p := range a {
		if !have[p] {
			out = append(out, p)
		}
	}
	return out
}

// options are the words of every command line.
func (j *job) options(asking bool) []string {
	a := j.Args
	out := []string{"-y"}
	if asking {
		out = []string{"--assumeno"}
	}
	set := func(setting string) { out = append(out, "--setopt="+setting) }
	flag := func(arg, option string) {
		if a.Given(arg) && a.Str(arg) != "" {
			out = append(out, option+a.Str(arg))
		}
	}
	each := func(arg, option string) {
		for _, item := range a.Strs(arg) {
			for name := range strings.SplitSeq(item, ",") {
				if name = strings.TrimSpace(name); name != "" && !slices.Contains(j.skipped, name) {
					out = append(out, option+name)
				}
			}
		}
	}
	flag("conf_file", "--config=")
	flag("releasever", "--releasever=")
	if root := a.Str("installroot"); root != "/" && root != "" {
		out = append(out, "--installroot="+root)
		if j.five {
			out = append(out, "--use-host-config")
		}
	}
	switch best := a.Bool("best") || a.Given("nobest") && !a.Bool("nobest"); {
	case best:
		out = append(out, "--best")
	case a.Given("best"), a.Bool("nobest"):
		set("best=False")
	}
	if !j.five && slices.ContainsFunc(j.names, func(name string) bool { return strings.HasPrefix(name, "@") }) {
		set("module_stream_switch=True") // the reference takes a module's other stream without asking
	}
	if a.Bool("allowerasing") && !j.five {
		out = append(out, "--allowerasing")
	}
	if a.Bool("cacheonly") {
		out = append(out, "-C")
	}
	if a.Bool("update_cache") {
		out = append(out, "--refresh")
	}
	if a.Bool("disable_gpg_check") {
		out = append(out, "--nogpgcheck")
	} else if slices.ContainsFunc(j.names, isFile) {
		set("localpkg_gpgcheck=1")
	}
	if !a.Bool("install_weak_deps") {
		set("install_weak_deps=False")
	}
	if !a.Bool("sslverify") || !a.Bool("validate_certs") && slices.ContainsFunc(j.names, isFile) {
		set("sslverify=False")
	}
	switch skip := a.Bool("skip_broken"); {
	case skip && j.five:
		set("skip_broken=True")
	case skip:
		out = append(out, "--skip-broken")
		set("strict=0")
	}
	if d := a.Str("disable_excludes"); d != "" {
		if j.five {
			d = strings.Replace(d, "all", "*", 1)
			set("disable_excludes=" + d)
		} else {
			out = append(out, "--disableexcludes="+d)
		}
	}
	each("disablerepo", "--disablerepo=")
	each("enablerepo", "--enablerepo=")
	each("disable_plugin", "--disableplugin=")
	each("enable_plugin", "--enableplugin=")
	each("exclude", "--exclude=")
	// What the user did not ask to go stays.
	set("clean_requirements_on_remove=" + value.Text(value.Bool(a.Bool("autoremove"))))
	set("exit_on_lock=1")
	return out
}

// call runs one command; its failures are told in the reference's words.
func (j *job) call(ctx context.Context, v ...string) (tool.Output, error) {
	words := v[1:]
	if !j.five && v[0] != "makecache" && os.Geteuid() != 0 { // dnf says so late, and leaves a directory of its own
		return tool.Output{}, j.fail("This command has to be run under the root user.")
	}
	asking := j.Check && v[0] != "makecache"
	var tail []string
	adds := v[0] == "install" || v[0] == "upgrade"
	if j.five && adds {
		tail = j.fiveOptions()
	}
	if j.Args.Bool("download_only") && adds && !asking {
		tail = append(tail, "--downloadonly")
		if dir := j.Args.Str("download_dir"); dir != "" && j.five { // whose install has no --destdir
			tail = append(tail, "--setopt=destdir="+dir)
		} else if dir != "" {
			tail = append(tail, "--destdir="+dir)
		}
	}
	deadline := time.Now().Add(time.Duration(j.Args.Int("lock_timeout")) * time.Second)
	for {
		argv := append(append([]string{j.program}, j.options(asking)...), v[0])
		argv = append(append(argv, tail...), words...)
		out, err := j.wait(ctx, deadline, func(ctx context.Context) (tool.Output, error) {
			return tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C", "COLUMNS=500", "FORCE_COLUMNS=500"}, Stream: true}, argv...)
		})
		if err != nil {
			return out, err
		}
		j.warn(&out)
		if held := lockHeld(&out); held != "" {
			if time.Now().Before(deadline) {
				select {
				case <-ctx.Done():
					return out, ctx.Err()
				case <-time.After(time.Second):
				}
				continue
			}
			return out, j.fail("dnf lockfile is held by another process: " + held)
		}
		if repo, ok := unknownRepo(&out); ok && !slices.Contains(j.skipped, repo) {
			j.skipped = append(j.skipped, repo)
			continue
		}
		if j.five && out.RC != 0 && unadvised(&out) {
			return tool.Output{}, nil
		}
		// With --assumeno the answer no is an exit status of 1.
		if out.RC != 0 && !(asking && (strings.Contains(out.Stdout+out.Stderr, "Operation aborted"))) {
			return out, j.failure(&out)
		}
		if j.Args.Bool("skip_broken") && v[0] == "install" {
			for _, name := range unmatched(out.Stdout + "\n" + out.Stderr) {
				j.notes = append(j.notes, "No package "+name+" available.")
			}
		}
		for _, group := range missingGroups(&out) {
			if v[0] == "install" {
				return out, (&module.Failure{Msg: "No group " + group + " available."}).With("results", value.NewList())
			}
		}
		return out, nil
	}
}

// warn hands on what the reference warns of.
func (j *job) warn(out *tool.Output) {
	const text = `Unable to detect release version (use "releasever" option to specify release version)`
	if strings.Contains(out.Stderr, "Unable to detect release version") && !slices.Contains(j.Warnings(), text) {
		j.Warn(text)
	}
}

// lockHeld tells who holds a lock that the command wanted, "" where that is not
// what was wrong: dnf's own locks (its exit status 200, of dnf(8)), or rpm's.
func lockHeld(out *tool.Output) string {
	if out.RC == 0 {
		return ""
	}
	for line := range strings.Lines(out.Stderr) {
		line = strings.TrimSpace(line)
		for _, part := range []string{"already locked by", "can't create transaction lock on", "lock is already held", "is locked by another", "Failed to obtain"} {
			if strings.Contains(line, part) && strings.Contains(line, "lock") {
				return strings.TrimPrefix(strings.TrimPrefix(line, "RPM: "), "error: ")
			}
		}
	}
	if out.RC == 200 && strings.HasPrefix(out.Stderr, "Error: ") {
		return lastError(out)
	}
	return ""
}

// unknownRepo names a repository of enablerepo that does not exist; the
// reference goes on without it.
func unknownRepo(out *tool.Output) (string, bool) {
	_, rest, ok := strings.Cut(out.Stderr, "Error: Unknown repo: '")
	if !ok {
		if _, rest, ok = strings.Cut(out.Stderr, "No matching repositories for "); ok { // dnf5
			name, _, _ := strings.Cut(rest, ". Add")
			return name, true
		}
		return "", false
	}
	name, _, ok := strings.Cut(rest, "'")
	return name, ok
}

func missingGroups(out *tool.Output) (names []string) {
	for line := range strings.Lines(out.Stdout + "\n" + out.Stderr) {
		if rest, ok := strings.CutPrefix(line, "Module or Group '"); ok {
			name, _, _ := strings.Cut(rest, "'")
			names = append(names, name)
		}
	}
	return names
}

// failure tells why a command failed.
func (j *job) failure(out *tool.Output) error {
	if j.five {
		return fiveFailure(out)
	}
	both := out.Stdout + "\n" + out.Stderr
	if groups := missingGroups(out); len(groups) > 0 {
		return (&module.Failure{Msg: "No group " + groups[0] + " available."}).With("results", value.NewList())
	}
	if missing := unmatched(both); len(missing) > 0 {
		failures := make([]string, len(missing))
		for i, name := range missing {
			failures[i] = "No package " + name + " available."
			if strings.Contains(both, filtered+name+"\n") {
				failures[i] = name + " " + filtered + name
			}
		}
		return (&module.Failure{Msg: "Failed to install some of the specified packages"}).With("failures", value.Strings(failures...),
			"results", value.Strings(j.notes...), "rc", value.Int(1))
	}
	if name, ok := unsigned(both); ok {
		return &module.Failure{Msg: "Failed to validate GPG signature for " + strings.TrimSuffix(name, ".rpm") + ": Package " + name + " is not signed"}
	}
	if _, problem, ok := strings.Cut(out.Stderr, "\n Problem"); ok {
		return (&module.Failure{Msg: "Depsolve Error occurred: \n Problem" + strings.TrimRight(problem, "\n")}).With("failures", value.NewList(),
			"results", value.Strings(j.notes...), "rc", value.Int(1))
	}
	return (&module.Failure{Msg: lastError(out)}).With("results", value.NewList(), "rc", value.Int(out.RC))
}

// filtered is what dnf says of packages that were excluded.
const filtered = "All matches were filtered out by exclude filtering for argument: "

// unmatched lists what dnf found no package for.
func unmatched(text string) (names []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		for _, prefix := range []string{"No match for argument: ", filtered} {
			if name, ok := strings.CutPrefix(line, prefix); ok {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
				break
			}
		}
	}
	return names
}

func unsigned(text string) (string, bool) {
	for line := range strings.Lines(text) {
		if name, ok := strings.CutSuffix(strings.TrimSpace(line), " is not signed"); ok {
			return strings.TrimPrefix(name, "Package "), true
		}
	}
	return "", false
}

// lastError is what dnf said went wrong.
func lastError(out *tool.Output) string {
	if _, rest, ok := strings.Cut(out.Stderr, "Error: "); ok {
		return strings.TrimSpace(rest)
	}
	if _, rest, ok := strings.Cut(out.Stderr, "\nProblem repository: "); ok { // which dnf shows whole, after a page on keys
		name, _, _ := strings.Cut(rest, "\n")
		return "The repository " + name + " wants signed packages (gpgcheck), but names no key (gpgkey), and rpm has none: import one with rpm --import or the rpm_key module"
	}
	for _, text := range []string{out.Stderr, out.Stdout} {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
			return last
		}
	}
	return "dnf failed and did not say why"
}
