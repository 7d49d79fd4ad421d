package modules

import (
	"context"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

// missing has a call for each module that runs programs of the host, and what its message names on a
// host that has none of them.
var missing = map[string]struct{ args, names string }{
	"acl":             {`{"path": "/etc/passwd", "etype": "other", "permissions": "r", "state": "present"}`, "setfacl"},
	"alternatives":    {`{"name": "x", "path": "/bin/true", "link": "/usr/bin/x"}`, "update-alternatives"},
	"apk":             {`{"name": "x"}`, "apk"},
	"apt":             {`{"name": "x"}`, "apt-get"},
	"apt_key":         {`{"id": "DEADBEEF", "state": "absent"}`, "gpg"},
	"at":              {`{"command": "true", "count": 1, "units": "hours"}`, "at"},
	"capabilities":    {`{"path": "/etc/passwd", "capability": "cap_chown+ep"}`, "getcap"},
	"cron":            {`{"name": "x", "job": "true"}`, "crontab"},
	"cronvar":         {`{"name": "x", "value": "true"}`, "crontab"},
	"debconf":         {`{"name": "x"}`, "debconf-show"},
	"dnf":             {`{"name": "x"}`, "dnf"},
	"dnf5":            {`{"name": "x"}`, "dnf5"},
	"dpkg_selections": {`{"name": "x", "selection": "hold"}`, "dpkg"},
	"filesystem":      {`{"dev": "/etc/passwd", "fstype": "xfs"}`, "blkid"},
	"firewalld":       {`{"service": "http", "state": "enabled", "permanent": true}`, "firewall"},
	"getent":          {`{"database": "passwd"}`, "getent"},
	"git":             {`{"repo": "x", "dest": "/nosuch/x"}`, "git"},
	"git_config":      {`{"name": "a.b", "value": "c", "scope": "system"}`, "git"},
	"group":           {`{"name": "churten-nosuch"}`, "groupadd"},
	"hostname":        {`{"name": "x", "use": "systemd"}`, "hostnamectl"},
	"iptables":        {`{"chain": "INPUT", "jump": "ACCEPT"}`, "iptables"},
	"lvg":             {`{"vg": "x", "pvs": "/dev/null"}`, "vgs"},
	"lvol":            {`{"vg": "x", "lv": "y", "size": "1G"}`, "lvm"},
	"modprobe":        {`{"name": "x"}`, "modprobe"},
	"npm":             {`{"name": "x", "global": true}`, "npm"},
	"pacman":          {`{"name": "x"}`, "pacman"},
	"parted":          {`{"device": "/dev/null"}`, "parted"},
	"patch":           {`{"src": "/etc/passwd", "dest": "/etc/passwd", "remote_src": true}`, "patch"},
	"pip":             {`{"name": "x", "executable": "pip3"}`, "pip3"},
	"rpm_key":         {`{"key": "/etc/passwd"}`, "rpm"},
	"runit":           {`{"name": "x", "state": "started"}`, "sv"},
	"snap":            {`{"name": "x"}`, "snap"},
	"subversion":      {`{"repo": "file:///x", "dest": "/nosuch/x"}`, "svn"},
	"sudoers":         {`{"name": "x", "user": "u", "commands": "/bin/ls", "sudoers_path": "/tmp", "validation": "required"}`, "visudo"},
	"supervisorctl":   {`{"name": "x", "state": "started"}`, "supervisorctl"},
	"synchronize":     {`{"src": "/etc/passwd", "dest": "/nosuch/x"}`, "rsync"},
	"sysctl":          {`{"name": "vm.x", "value": "1", "sysctl_set": true, "sysctl_file": "/nosuch/x"}`, "sysctl"},
	"systemd":         {`{"name": "x", "state": "started"}`, "systemctl"},
	"ufw":             {`{"state": "enabled"}`, "ufw"},
	"user":            {`{"name": "churten-nosuch"}`, "useradd"},
	"xattr":           {`{"path": "/etc/passwd", "key": "a"}`, "getfattr"},
	"xbps":            {`{"name": "x"}`, "xbps-install"},
	"zypper":          {`{"name": "x"}`, "zypper"},
}

// really are modules that in check mode do not ask for the program that would change something; without
// it they change nothing.
var really = map[string]bool{"at": true, "cronvar": true, "group": true, "user": true}

// noProgram tells why others of those that can run programs fail with none: their calls need none,
// are tested elsewhere, or it is the user who names the program.
var noProgram = map[string]string{
	"apt_repository": "the programs are for PPAs and caches: a file is written without",
	"archive":        "only xz and bz2 are programs'",
	"command":        "the user names the program",
	"expect":         "the user names the program",
	"locale_gen":     "needs a host with locales: testdata/luck",
	"mount":          "changes the host: testdata/luck",
	"mount_facts":    "mount is one source of many",
	"package_facts":  "asks what is there",
	"raw":            "the user names the program",
	"script":         "the user names the program",
	"seboolean":      "needs a host with SELinux",
	"selinux":        "needs a host with SELinux",
	"service":        "finds out what the host has",
	"service_facts":  "finds out what the host has",
	"setup":          "leaves out what it cannot learn",
	"stat":           "attributes are left out",
	"sysvinit":       "finds out what the host has",
	"timezone":       "finds out what the host has",
	"unarchive":      "needs an archive: testdata/luck",
}

// TestMissing runs every module that needs programs on a host without any.
func TestMissing(t *testing.T) {
	empty := t.TempDir()
	dirs := process.SystemDirs
	process.SystemDirs = nil
	defer func() { process.SystemDirs = dirs }()
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		t.Run(name, func(t *testing.T) {
			call := missing[name]
			m, ok := Module(name)
			if !ok {
				if m, ok = Module("community.general." + name); !ok {
					t.Fatal("no such module")
				}
			}
			args, err := value.ParseJSON(call.args)
			if err != nil {
				t.Fatal(err)
			}
			c := &module.Call{As: m.Name, Check: !really[name], Dir: "/", Env: []string{"PATH=" + empty}}
			res := module.Run(context.Background(), m, args.(*value.Dict), c)
			if !res.Failed || !strings.Contains(res.Msg, call.names) {
				t.Errorf("failed %v, message %q: it does not name %s", res.Failed, res.Msg, call.names)
			}
		})
	}
}

// TestMissingWhole holds the lists against the modules that import what runs programs.
func TestMissingWhole(t *testing.T) {
	runs := map[string]bool{}
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if strings.HasSuffix(i.Path.Value, `/modules/kit/tool"`) || strings.HasSuffix(i.Path.Value, `/modules/kit/process"`) || strings.HasSuffix(i.Path.Value, `/modules/kit/crontab"`) {
				runs[filepath.Dir(path)] = true
			}
		}
	}
	for name := range runs {
		if _, ok := missing[name]; !ok && noProgram[name] == "" {
			t.Errorf("%s runs programs and is in neither list", name)
		}
	}
	for name := range noProgram {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}
