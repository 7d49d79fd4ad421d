package synchronize

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Action works out the two ends.
var Action = module.Action{
	Name: "ansible.posix.synchronize", Aliases: []string{"ansible.builtin.synchronize"}, Doc: Module.Doc,
	Where: module.Controller, Check: true, Diff: true,
	Spec: module.Spec{AnyArgs: true}, // the module checks them
	Run:  act,
}

// The connections through the client of a container's engine.
const (
	docker  = "community.docker.docker"
	podman  = "containers.podman.podman"
	buildah = "containers.podman.buildah"
)

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	args := c.Args.Clone()
	arg := func(name string) value.Value {
		if v, ok := args.GetStr(name); ok {
			return v
		}
		return value.None
	}
	way, err := c.Controller.Way(ctx)
	if err != nil {
		return nil, err
	}
	container := slices.Contains([]string{docker, podman, buildah}, way.Connection)
	if way.Delegate == "" && way.Connection != "ssh" && way.Connection != "local" && !container {
		return failed("synchronize uses rsync to function. rsync needs to connect to the remote host via ssh, docker client or a direct filesystem "+
			"copy. This remote host is being accessed via %s instead so it cannot work.", way.Connection), nil
	}
	if arg("src") == value.Value(value.None) || arg("dest") == value.Value(value.None) {
		return failed("synchronize requires both src and dest parameters are set"), nil
	}
	texts := map[string]string{}
	for _, name := range []string{"src", "dest"} {
		text, ok := value.AsText(arg(name))
		if !ok {
			return nil, module.Failf("argument '%s' must be a path, not %s", name, value.Text(arg(name)))
		}
		texts[name] = text
	}
	setUser, err := truth(arg("set_remote_user"), true)
	if err != nil {
		return nil, err
	}
	sshArgs, err := truth(arg("use_ssh_args"), false)
	if err != nil {
		return nil, err
	}
	args.Delete(value.Str("use_ssh_args"))
	if sshArgs && way.Connection == "ssh" {
		args.SetStr("_ssh_args", value.Str(strings.Join(way.SSHArgs, " ")))
	}
	e := &ends{ActionCall: c, way: way, container: container}
	if err := e.find(setUser); err != nil {
		return nil, err
	}
	rsync, _, err := c.Var("ansible_rsync_path")
	if err != nil {
		return nil, err
	}
	if rsync == nil || !value.Truth(rsync) {
		rsync = value.Str("rsync")
	}
	args.SetStr("_local_rsync_path", rsync)
	if arg("dest_port") == value.Value(value.None) && e.port != nil {
		args.SetStr("dest_port", e.port)
	}
	if err := e.name(args, texts["src"], texts["dest"], value.Text(arg("mode")) == "pull"); err != nil {
		return nil, err
	}
	if !e.here {
		e.credentials(args)
	}
	if container && !e.atDelegate {
		if err := e.inContainer(args); err != nil {
			return nil, err
		}
	}
	return c.Module(e.place(ctx), Module.Name, args)
}

func failed(format string, args ...any) *module.Result {
	return module.Failed(module.Failf(format, args...))
}

func truth(v value.Value, def bool) (bool, error) {
	if v == value.Value(value.None) {
		return def, nil
	}
	b, ok := module.ToBool(v)
	if !ok {
		return false, module.Failf("The value '%s' is not a valid boolean.", value.Text(v))
	}
	return b, nil
}

// credentials adds the password and whom the far end becomes, which cannot be
// become where rsync is started.
func (e *ends) credentials(args *value.Dict) {
	if e.password != "" {
		args.SetStr("_local_rsync_password", value.Str(e.password))
	}
	if v, ok := args.GetStr("private_key"); (!ok || v == value.Value(value.None)) && e.way.KeyFile != "" {
		args.SetStr("private_key", value.Str(e.way.KeyFile))
	}
	path, _ := args.GetStr("rsync_path")
	if path != nil && value.Truth(path) || !e.way.Become || e.way.BecomeMethod != "sudo" || e.way.Connection == docker || e.way.Connection == podman {
		return
	}
	sudo := "sudo rsync"
	if e.way.BecomeUser != "" {
		sudo = fmt.Sprintf("sudo -u %s rsync", e.way.BecomeUser)
	}
	args.SetStr("rsync_path", value.Str(sudo))
}

// inContainer has rsync go by the client of a container's engine.
func (e *ends) inContainer(args *value.Dict) error {
	var opts []value.Value
	switch v, _ := args.GetStr("rsync_opts"); v := v.(type) {
	case *value.List:
		opts = slices.Clone(v.Items)
	case value.Str:
		for part := range strings.SplitSeq(string(v), ",") {
			opts = append(opts, value.Str(part))
		}
	case value.Int, value.Float:
		opts = []value.Value{value.Str(value.Text(v))}
	}
	if !slices.ContainsFunc(opts, func(v value.Value) bool { return value.Text(v) == "--blocking-io" }) {
		opts = append(opts, value.Str("--blocking-io"))
	}
	rsh := "buildah run --"
	if e.way.Connection != buildah {
		client := e.way.Client
		if e.way.Connection == docker {
			var err error
			if client, err = process.Find(client, nil); err != nil {
				return module.Failf("the program %s was not found", e.way.Client)
			}
		}
		user := e.user
		if e.way.Become && e.way.BecomeUser != "" {
			user = e.way.BecomeUser
		}
		rsh = client + " exec -i"
		if user != "" {
			rsh = client + " exec -u " + user + " -i"
		}
	}
	args.SetStr("rsync_opts", value.NewList(append(opts, value.Str("--rsh="+tool.Quote(rsh)))...))
	return nil
}
