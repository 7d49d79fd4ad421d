package config

// Where Python plugins are looked for.
func init() {
	table = append(table, []Setting{
		{Name: "DEFAULT_FILTER_PLUGIN_PATH", Env: []string{"ANSIBLE_FILTER_PLUGINS"}, Ini: []string{"defaults.filter_plugins"}, Kind: PathList,
			Default: "~/.ansible/plugins/filter:/usr/share/ansible/plugins/filter"},
		{Name: "DEFAULT_TEST_PLUGIN_PATH", Env: []string{"ANSIBLE_TEST_PLUGINS"}, Ini: []string{"defaults.test_plugins"}, Kind: PathList,
			Default: "~/.ansible/plugins/test:/usr/share/ansible/plugins/test"},
		{Name: "DEFAULT_LOOKUP_PLUGIN_PATH", Env: []string{"ANSIBLE_LOOKUP_PLUGINS"}, Ini: []string{"defaults.lookup_plugins"}, Kind: PathList,
			Default: "~/.ansible/plugins/lookup:/usr/share/ansible/plugins/lookup"},
	}...)
}

// Python names the interpreter in which the user's plugins run, where it is not
// that of the ansible-playbook on PATH.
var Python = Setting{Name: "python", Env: []string{"CHURTEN_PYTHON"}, Ini: []string{"defaults.churten_python"}}
