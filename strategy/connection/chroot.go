package connection

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A directory of this machine as a host.
//
// Source: documentation of community.general 11; messages seen there.
func init() {
	add(Client{Names: []string{"community.general.chroot"}, Here: true,
		Options: []Option{
			{Name: "remote_addr", Vars: []string{"inventory_hostname", "ansible_host"}},
			{Name: "executable", Vars: []string{"ansible_executable"}, Env: []string{"ANSIBLE_EXECUTABLE"}, Ini: []string{"defaults.executable"}, Default: "/bin/sh"},
			{Name: "chroot_exe", Vars: []string{"ansible_chroot_exe"}, Env: []string{"ANSIBLE_CHROOT_EXE"}, Ini: []string{"chroot_connection.exe"}, Default: "chroot"},
			{Name: "disable_root_check", Vars: []string{"ansible_chroot_disable_root_check"}, Env: []string{"ANSIBLE_CHROOT_DISABLE_ROOT_CHECK"},
				Ini: []string{"chroot_connection.disable_root_check"}, Type: Flag},
		},
		Program: func(v Values) (Program, error) {
			if !v.True("disable_root_check") && os.Geteuid() != 0 {
				return Program{}, errors.New("chroot connection requires running as root")
			}
			return NewProgram(v["chroot_exe"], v["remote_addr"], v["executable"], "-c"), nil
		},
		Ready: func(p Program) error {
			root := p.Words()[1]
			if info, err := os.Stat(root); err != nil || !info.IsDir() {
				return fmt.Errorf("%s is not a directory", root)
			}
			// /bin/sh may be a link that only leads somewhere inside.
			if _, err := os.Lstat(filepath.Join(root, "bin/sh")); err != nil {
				return fmt.Errorf("%s does not look like a chrootable dir (/bin/sh missing)", root)
			}
			return nil
		}})
}
