package user

import (
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

var spec = module.Spec{
	Args: []module.Arg{
		{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the user shall be there."},
		{Name: "name", Required: true, Aliases: []string{"user"}, Doc: "Name of the user."},
		{Name: "uid", Type: module.Int, Doc: "The user's number."},
		{Name: "non_unique", Type: module.Bool, Default: value.False, Doc: "Allow a number that another user has."},
		{Name: "group", Doc: "The primary group, by name or number."},
		{Name: "groups", Type: module.List, Elements: module.Str, Doc: "The other groups, by name or number; an empty list for none."},
		{Name: "comment", Doc: "The description (GECOS)."},
		{Name: "home", Type: module.Path, Doc: "The home directory."},
		{Name: "shell", Type: module.Path, Doc: "The login shell."},
		{Name: "password", NoLog: true, Doc: "The hash of the password."},
		{Name: "login_class", Doc: "The login class on BSD; of no effect here."},
		{Name: "password_expire_max", Type: module.Int, Doc: "Days after which the password must be changed."},
		{Name: "password_expire_min", Type: module.Int, Doc: "Days before which the password cannot be changed."},
		{Name: "password_expire_warn", Type: module.Int, Doc: "Days of warning before the password expires."},
		{Name: "hidden", Type: module.Bool, Doc: "Hide the user on macOS; of no effect here."},
		{Name: "seuser", Doc: "The user's SELinux user."},
		{Name: "force", Type: module.Bool, Default: value.False, Doc: "Remove the user even if logged in; make a key anew."},
		{Name: "remove", Type: module.Bool, Default: value.False, Doc: "Remove the home directory and the mail too."},
		{Name: "create_home", Type: module.Bool, Default: value.True, Aliases: []string{"createhome"}, Doc: "Make the home directory where it is missing."},
		{Name: "skeleton", Doc: "The directory that a new home is a copy of."},
		{Name: "system", Type: module.Bool, Default: value.False, Doc: "Make a system account."},
		{Name: "move_home", Type: module.Bool, Default: value.False, Doc: "Move the old home directory to the new place."},
		{Name: "append", Type: module.Bool, Default: value.False, Doc: "Leave the user in other groups too."},
		{Name: "generate_ssh_key", Type: module.Bool, Doc: "Make an SSH key for the user."},
		{Name: "ssh_key_bits", Type: module.Int, Doc: "Length of the key."},
		{Name: "ssh_key_type", Default: value.Str("rsa"), Doc: "Kind of the key."},
		{Name: "ssh_key_file", Type: module.Path, Doc: "Where the key goes, relative to the home directory."},
		{Name: "ssh_key_comment", Default: value.Str("ansible-generated on " + hostname()), Doc: "Comment of the key."},
		{Name: "ssh_key_passphrase", NoLog: true, Doc: "Passphrase of the key."},
		{Name: "update_password", Default: value.Str("always"), Choices: []string{"always", "on_create"}, Doc: "Whether an existing user's password is changed."},
		{Name: "expires", Type: module.Float, Doc: "When the account expires, in seconds since 1970; never, when negative."},
		{Name: "password_lock", Type: module.Bool, Doc: "Lock or unlock the password."},
		{Name: "local", Type: module.Bool, Default: value.False, Doc: "Use libuser's programs, which know only local users."},
		{Name: "profile", Doc: "Profiles on Solaris; of no effect here."},
		{Name: "authorization", Doc: "Authorizations on Solaris; of no effect here."},
		{Name: "role", Doc: "Roles on Solaris; of no effect here."},
		{Name: "umask", Doc: "The umask a new home directory is made with."},
		{Name: "password_expire_account_disable", Type: module.Int, Doc: "Days from the password's expiry until the account is disabled."},
		{Name: "uid_min", Type: module.Int, Doc: "Least number to take, instead of login.defs'."},
		{Name: "uid_max", Type: module.Int, Doc: "Greatest number to take, instead of login.defs'."},
	},
}
