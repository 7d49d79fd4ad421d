package apt

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// deb installs a package file by dpkg, after what it depends on by apt-get.
func (j *job) deb(ctx context.Context, path string) (*module.Result, error) {
	if state := j.Args.Str("state"); state != "present" {
		return nil, module.Failf("deb only supports state=present")
	}
	if strings.Contains(path, "://") {
		local, err := j.download(ctx, path)
		if err != nil {
			return nil, err
		}
		path = local
	}
	fields, err := j.control(ctx, path)
	if err != nil {
		return nil, err
	}
	db, err := loadStatus()
	if err != nil {
		return nil, err
	}
	name := fields["Package"]
	if arch := fields["Architecture"]; arch != "all" && arch != db.native {
		name += ":" + arch
	}
	if p := db.find(name); p != nil && p.installed() {
		c := compare(p.version, fields["Version"])
		if c == 0 {
			return &module.Result{Values: value.DictOf("changed", value.None, "stdout", value.Str(""), "stderr", value.Str(""), "diff", value.Str(""))}, nil
		}
		if c > 0 && !j.force && !j.Args.Bool("allow_downgrade") {
			return nil, module.Failf("A later version is already installed")
		}
	}
	deps, err := j.missing(ctx, path, fields)
	if err != nil {
		return nil, err
	}
	before := tool.Output{}
	if len(deps) > 0 {
		res, err := j.install(ctx, deps)
		if err != nil {
			return nil, err
		}
		before.Stdout, before.Stderr = text(res.Values, "stdout"), text(res.Values, "stderr")
	}
	return j.dpkgInstall(ctx, path, before)
}

func text(d *value.Dict, key string) string {
	v, _ := d.GetStr(key)
	s, _ := v.(value.Str)
	return string(s)
}

func (j *job) dpkgInstall(ctx context.Context, path string, before tool.Output) (*module.Result, error) {
	dpkg, err := tool.Find(j.Call, "dpkg")
	if err != nil {
		return nil, err
	}
	argv := []string{dpkg}
	for _, option := range strings.Split(j.Args.Str("dpkg_options"), ",") {
		argv = append(argv, "--"+option)
	}
	if j.Check {
		argv = append(argv, "--simulate")
	}
	if j.force {
		argv = append(argv, "--force-all")
	}
	restore, err := j.policyRCD()
	if err != nil {
		return nil, err
	}
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: env(), Stream: true}, append(argv, "-i", path)...)
	if e := restore(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	rc, shown := out.RC, strings.Join(append([]string{"dpkg"}, append(argv[1:], "-i", path)...), " ")
	out.Stdout, out.Stderr = before.Stdout+out.Stdout, before.Stderr+out.Stderr
	if rc != 0 {
		f := failed(&out, "%s failed", shown)
		f.Values.Delete(value.Str("rc"))
		return nil, f
	}
	return &module.Result{Changed: true, Values: output(&out), Diff: prepared(out.Stdout)}, nil
}

// control reads the fields of a package file.
func (j *job) control(ctx context.Context, path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, module.Failf("Unable to install package: E:Could not open file %s - open (%s)", path, numbered(err))
	}
	magic := make([]byte, 8)
	n, _ := f.Read(magic)
	f.Close()
	if string(magic[:n]) != "!<arch>\n" {
		return nil, module.Failf("Unable to install package: E:Invalid archive signature")
	}
	dpkgDeb, err := tool.Find(j.Call, "dpkg-deb")
	if err != nil {
		return nil, err
	}
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: env()}, dpkgDeb, "--field", path, "Package", "Version", "Architecture")
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failed(&out, "Unable to install package: %s", strings.TrimSpace(out.Stderr))
	}
	fields := map[string]string{}
	for line := range strings.Lines(out.Stdout) {
		if k, v, ok := strings.Cut(line, ":"); ok {
			fields[k] = strings.TrimSpace(v)
		}
	}
	return fields, nil
}

// numbered words an error as libapt does: 2: No such file or directory.
func numbered(err error) string {
	text := file.PyError(err, "") // [Errno 2] No such file or directory
	text = strings.TrimPrefix(text, "[Errno ")
	number, what, _ := strings.Cut(text, "] ")
	return number + ": " + what
}

// missing asks apt-get what else installing the file would install.
func (j *job) missing(ctx context.Context, path string, fields map[string]string) ([]spec, error) {
	args := []string{j.aptGet, "-s", "-y", "--allow-downgrades"}
	if j.Args.Given("install_recommends") {
		args = append(args, fmt.Sprintf("-oAPT::Install-Recommends=%t", j.Args.Bool("install_recommends")))
	} else {
		args = append(args, "--no-install-recommends")
	}
	if !strings.HasPrefix(path, "/") {
		path = "./" + path
	}
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: env()}, append(args, "install", path)...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		if j.force {
			return nil, nil
		}
		return nil, &module.Failure{Msg: unsatisfied(out.Stdout, out.Stderr)}
	}
	var deps []spec
	for line := range strings.Lines(out.Stdout) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "Inst" && words[1] != fields["Package"] {
			deps = append(deps, spec{text: words[1], name: words[1]})
		}
	}
	return deps, nil
}

// unsatisfied says which dependency apt-get cannot meet.
func unsatisfied(stdout, stderr string) string {
	for line := range strings.Lines(stdout) {
		if _, rest, ok := strings.Cut(line, "Depends: "); ok {
			what, _, _ := strings.Cut(rest, " but it is")
			return "Dependency is not satisfiable: " + strings.TrimSpace(what) + "\n"
		}
	}
	return strings.TrimSpace(stderr)
}
