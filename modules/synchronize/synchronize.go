// Package synchronize copies trees with rsync.
//
// The action (action.go) works out where rsync runs, which of both ends is the
// far one and how it is named (ends.go); the module in this file makes the
// command line of it and runs it there: on the controller, as a rule.
//
// Source: documentation of ansible.posix.synchronize, rsync(1); command lines
// and results seen on ansible.posix 2.1 (testdata, testdata/sessions/synchronize.session).
package synchronize

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Module runs rsync.
var Module = module.Module{
	Name: "ansible.posix.synchronize", Aliases: []string{"ansible.builtin.synchronize"}, Doc: "Copy trees with rsync.",
	Check: true, Diff: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "src", Type: module.Path, Required: true, Doc: "What is copied; with a slash at its end, what is in it."},
		{Name: "dest", Type: module.Path, Required: true, Doc: "Where to."},
		{Name: "dest_port", Type: module.Int, Doc: "Port of SSH; the host's, where not given."},
		{Name: "delete", Type: module.Bool, Default: value.False, Doc: "Remove what the source does not have."},
		{Name: "private_key", Type: module.Path, Doc: "Key file of SSH; the connection's, where not given."},
		{Name: "rsync_path", Doc: "The program at the far end."},
		{Name: "_local_rsync_path", Type: module.Path, Default: value.Str("rsync"), Doc: "The action's: the program at the near end, from ansible_rsync_path."},
		{Name: "_local_rsync_password", NoLog: true, Doc: "The action's: the connection's password."},
		{Name: "_substitute_controller", Type: module.Bool, Default: value.False, Doc: "The action's: localhost is where the SSH session came from."},
		{Name: "archive", Type: module.Bool, Default: value.True, Doc: "Links, permissions, times, owner and group, recursively."},
		{Name: "checksum", Type: module.Bool, Default: value.False, Doc: "Compare content instead of times and sizes."},
		{Name: "compress", Type: module.Bool, Default: value.True, Doc: "Compress on the way."},
		{Name: "existing_only", Type: module.Bool, Default: value.False, Doc: "Make no new files."},
		{Name: "dirs", Type: module.Bool, Default: value.False, Doc: "Directories without what is in them."},
		{Name: "recursive", Type: module.Bool, Doc: "Go into directories; as archive says, where not given."},
		{Name: "links", Type: module.Bool, Doc: "Copy links as links; as archive says."},
		{Name: "copy_links", Type: module.Bool, Default: value.False, Doc: "Copy what links lead to."},
		{Name: "perms", Type: module.Bool, Doc: "Keep permissions; as archive says."},
		{Name: "times", Type: module.Bool, Doc: "Keep times; as archive says."},
		{Name: "owner", Type: module.Bool, Doc: "Keep the owner; as archive says."},
		{Name: "group", Type: module.Bool, Doc: "Keep the group; as archive says."},
		{Name: "set_remote_user", Type: module.Bool, Default: value.True, Doc: "Name the user of the connection; else it is left to ssh."},
		{Name: "rsync_timeout", Type: module.Int, Default: value.Int(0), Doc: "Seconds without data after which rsync gives up."},
		{Name: "rsync_opts", Type: module.List, Default: value.NewList(), Doc: "More options of rsync."},
		{Name: "_ssh_args", Doc: "The action's: arguments of ssh, by use_ssh_args."},
		{Name: "use_ssh_args", Type: module.Bool, Default: value.False, Doc: "Give ssh the arguments that the settings say."},
		{Name: "ssh_connection_multiplexing", Type: module.Bool, Default: value.False, Doc: "Let ssh share connections."},
		{Name: "partial", Type: module.Bool, Default: value.False, Doc: "Keep what came when a transfer breaks off."},
		{Name: "verify_host", Type: module.Bool, Default: value.False, Doc: "Check the host's key."},
		{Name: "delay_updates", Type: module.Bool, Default: value.True, Doc: "Put files in their places at the end."},
		{Name: "mode", Default: value.Str("push"), Choices: []string{"pull", "push"}, Doc: "From the controller to the host (push) or the other way."},
		{Name: "link_dest", Type: module.List, Elements: module.Path, Doc: "Directories whose files are linked where nothing changed."},
	}},
	Run: run,
}

// marker begins the lines that rsync prints of what changed.
const marker = "<<CHANGED>>"

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	src, dest := c.Args.Str("src"), c.Args.Str("dest")
	if c.Args.Bool("_substitute_controller") {
		client := sshClient(c.Env)
		if client == "" {
			return nil, module.Failf("Could not determine controller hostname for rsync to send to")
		}
		src, dest = substituted(src, client), substituted(dest, client)
	}
	line, err := command(ctx, c, src, dest)
	if err != nil {
		return nil, err
	}
	shown := strings.Join(line, " ")
	out, err := execute(ctx, c, shown)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, (&module.Failure{Msg: out.Stderr}).With("rc", value.Int(out.RC), "cmd", value.Str(shown))
	}
	text := strings.ReplaceAll(out.Stdout, marker, "")
	lines := value.NewList()
	for l := range strings.SplitSeq(text, "\n") {
		if l != "" {
			lines.Items = append(lines.Items, value.Str(l))
		}
	}
	r := &module.Result{Changed: strings.Contains(out.Stdout, marker),
		Values: value.DictOf("changed", value.None, "msg", value.Str(text), "rc", value.Int(0), "cmd", value.Str(shown), "stdout_lines", lines)}
	if c.Args.Given("link_dest") && len(c.Args.List("link_dest")) > 0 {
		// What is linked is told too; a dot in front says that nothing changed.
		r.Changed = !strings.Contains(out.Stdout, marker+".")
	}
	if c.Diff {
		r.Diff = []module.Diff{{Prepared: text}}
		if text == "" {
			r.Diff[0].Raw = value.DictOf("prepared", value.Str(""))
		}
	}
	return r, nil
}

// execute runs the command line, through sshpass where there is a password.
func execute(ctx context.Context, c *module.Call, line string) (tool.Output, error) {
	out := tool.Output{Cmd: line}
	words, err := process.Split(line)
	if err != nil {
		return out, module.Failf("%s: %v", line, err)
	}
	for i, w := range words {
		words[i] = module.ExpandPath(w, c.Env)
	}
	if !c.Args.Given("_local_rsync_password") {
		return tool.RunWith(ctx, c, tool.Options{Stream: true}, words...)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return out, err
	}
	defer r.Close()
	// A password is smaller than any pipe.
	_, err = w.WriteString(c.Args.Str("_local_rsync_password") + "\n")
	if e := w.Close(); err == nil {
		err = e
	}
	if err != nil {
		return out, fmt.Errorf("giving sshpass the password: %w", err)
	}
	return tool.RunWith(ctx, c, tool.Options{Stream: true, Extra: []*os.File{r}}, words...)
}

// command makes the command line, word by word, each as a shell would read it.
func command(ctx context.Context, c *module.Call, src, dest string) ([]string, error) {
	a := c.Args
	rsync := a.Str("_local_rsync_path")
	if !strings.Contains(rsync, "/") {
		var err error
		if rsync, err = tool.Find(c, rsync); err != nil {
			return nil, err
		}
	}
	line := []string{rsync}
	if a.Given("_local_rsync_password") {
		if tool.Have(c, "sshpass") == "" {
			if _, err := tool.Run(ctx, c, "sshpass"); err != nil {
				return nil, err // that it is not there
			}
		}
		line = []string{"sshpass", "-d3", rsync}
	}
	line = append(line, options(c)...)
	if strings.HasPrefix(src, "rsync://") && strings.HasPrefix(dest, "rsync://") {
		return nil, module.Failf("either src or dest must be a localhost").With("rc", value.Int(1))
	}
	extra := a.Strs("rsync_opts")
	if shellNeeded(src, dest) && !slices.ContainsFunc(extra, func(o string) bool { return strings.Contains(o, "--rsh") }) {
		rsh, err := remoteShell(c)
		if err != nil {
			return nil, err
		}
		line = append(line, "--rsh="+tool.Quote(rsh))
	}
	if path := a.Str("rsync_path"); path != "" {
		line = append(line, "--rsync-path="+tool.Quote(path))
	}
	if slices.Contains(extra, "") {
		c.Warn("The empty string is present in rsync_opts which will cause rsync to transfer the current working directory. If this is intended, use \".\"" +
			" instead to get rid of this warning. If this is unintended, check for problems in your playbook leading to empty string in rsync_opts.")
	}
	line = append(line, extra...)
	if a.Bool("partial") {
		line = append(line, "--partial")
	}
	links, err := linked(c, dest)
	if err != nil {
		return nil, err
	}
	line = append(line, links...)
	return append(line, "--out-format="+tool.Quote(marker+"%i %n%L"), tool.Quote(src), tool.Quote(dest)), nil
}

// shellNeeded reports whether rsync goes to one of the ends by a remote shell.
func shellNeeded(src, dest string) bool {
	return !strings.HasPrefix(src, "rsync://") && !strings.HasPrefix(dest, "rsync://") && strings.Contains(src+dest, ":")
}

// linked are the options of link_dest.
func linked(c *module.Call, dest string) ([]string, error) {
	dirs := c.Args.Strs("link_dest")
	if len(dirs) == 0 {
		return nil, nil
	}
	abs := func(path string) string {
		if !filepath.IsAbs(path) {
			path = filepath.Join(workingDir(c), path)
		}
		return filepath.Clean(path)
	}
	parent := "."
	if i := strings.LastIndexByte(dest, '/'); i >= 0 {
		parent = dest[:i+1]
	}
	parent = abs(parent)
	line := []string{"-H", "-vv"} // a new link is a change only to who looks closely
	for _, dir := range dirs {
		dir = abs(dir)
		if strings.HasPrefix(parent, dir) {
			return nil, module.Failf("Hardlinking into a subdirectory of the source would cause recursion. %s and %s", parent, dest)
		}
		line = append(line, "--link-dest="+dir)
	}
	return line, nil
}

func workingDir(c *module.Call) string {
	if c.Dir != "" {
		return c.Dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return "/"
	}
	return dir
}
