package module

import "github.com/churten/churten/jinja/value"

// fileArgs are the arguments that Spec.FileArgs adds: add_file_common_args of
// the reference.
var fileArgs = []Arg{
	{Name: "mode", Type: Raw, Doc: "Permissions, as an octal number or symbolic (u=rwX,g-w)."},
	{Name: "owner", Doc: "Name or number of the user who shall own the file."},
	{Name: "group", Doc: "Name or number of the group that shall own the file."},
	{Name: "seuser", Doc: "User part of the SELinux context."},
	{Name: "serole", Doc: "Role part of the SELinux context."},
	{Name: "selevel", Doc: "Level part of the SELinux context."},
	{Name: "setype", Doc: "Type part of the SELinux context."},
	{Name: "attributes", Aliases: []string{"attr"}, Doc: "File attributes as chattr takes them, with = + or - before them."},
	{Name: "unsafe_writes", Type: Bool, Default: value.False, FromEnv: "ANSIBLE_UNSAFE_WRITES",
		Doc: "Write in place where a file cannot be replaced atomically (a bind mount in a container); ANSIBLE_UNSAFE_WRITES of the environment where left out."},
}

// withFileArgs gives args and those of fileArgs that args does not have.
func withFileArgs(args []Arg) []Arg {
	out := make([]Arg, 0, len(args)+len(fileArgs))
	out = append(out, args...)
next:
	for i := range fileArgs {
		for j := range args {
			if args[j].Name == fileArgs[i].Name {
				continue next
			}
		}
		out = append(out, fileArgs[i])
	}
	return out
}

// All lists the arguments of s with those that FileArgs adds.
func (s *Spec) All() []Arg {
	if s.FileArgs {
		return withFileArgs(s.Args)
	}
	return s.Args
}
