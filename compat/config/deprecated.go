package config

// deprecation is what the reference says of a setting that is on its way out.
type deprecation struct{ why, instead, version string }

const unused = "This option is no longer used in the Ansible Core code base."

// deprecated has the settings that ansible-core 2.19 warns of when they are
// given, be it with their default.
var deprecated = map[string]deprecation{
	"ANSIBLE_CONNECTION_PATH":        {"This setting has no effect.", "none", "2.22"},
	"DEFAULT_ALLOW_UNSAFE_LOOKUPS":   {unused, "Lookup plugins are responsible for tagging strings containing templates to allow evaluation as a template.", "2.23"},
	"DEFAULT_JINJA2_EXTENSIONS":      {"Jinja2 extensions have been deprecated", "Ansible-supported Jinja plugins (tests, filters, lookups)", "2.23"},
	"DEFAULT_JINJA2_NATIVE":          {unused, "Jinja2 native mode is now the default and only option.", "2.23"},
	"DEFAULT_LIBVIRT_LXC_NOSECLABEL": {"This option was moved to the plugin itself", "Use the option from the plugin itself.", "2.22"},
	"DEFAULT_MANAGED_STR": {"The `ansible_managed` variable can be set just like any other variable, or a different variable can be used.",
		"Set the `ansible_managed` variable, or use any custom variable in templates.", "2.23"},
	"DEFAULT_NULL_REPRESENTATION":    {unused, noAlternative, "2.23"},
	"DEFAULT_UNDEFINED_VAR_BEHAVIOR": {unused, noAlternative, "2.23"},
	"PARAMIKO_HOST_KEY_AUTO_ADD":     {"This option was moved to the plugin itself", "Use the option from the plugin itself.", "2.20"},
	"PARAMIKO_LOOK_FOR_KEYS":         {"This option was moved to the plugin itself", "Use the option from the plugin itself.", "2.20"},
	"STRING_TYPE_FILTERS":            {"This option has no effect.", "None; native types returned from filters are always preserved.", "2.23"},
	"_TEMPLAR_SANDBOX_MODE":          {"controlling sandbox behavior is a temporary workaround", "none", "2.23"},
}

const noAlternative = "There is no alternative at the moment. A different mechanism would have to be implemented in the current code base."

// Deprecated gives the reference's words on each setting that is given and on
// its way out, in the reference's order.
func (s *Settings) Deprecated() []string {
	var out []string
	for _, d := range Reference() {
		what, ok := deprecated[d.Name]
		if !ok || d.Owner != "base" || !s.given(d) {
			continue
		}
		instead := what.instead
		if n := len(instead); instead[n-1] == '.' {
			instead = instead[:n-1]
		}
		out = append(out, d.Name+" option. Reason: "+what.why+"\nAlternatives: "+instead+". This feature will be removed from ansible-core version "+what.version+".\n")
	}
	return out
}

// given says that a setting stands in the file or the environment.
func (s *Settings) given(d Definition) bool {
	_, from, _ := s.Typed(d)
	return from.Text != "default"
}
