package config

// Where Python plugins are looked for.
func init() {
	table = append(table, []Setting{
		{Name: "PLAYBOOK_DIR", Env: []string{"ANSIBLE_PLAYBOOK_DIR"}, Ini: []string{"defaults.playbook_dir"}, Kind: Path},
		{Name: "DEFAULT_CONNECTION_PLUGIN_PATH", Env: []string{"ANSIBLE_CONNECTION_PLUGINS"}, Ini: []string{"defaults.connection_plugins"}, Kind: PathList, Default: "~/.ansible/plugins/connection:/usr/share/ansible/plugins/connection"},
		{Name: "BECOME_PLUGIN_PATH", Env: []string{"ANSIBLE_BECOME_PLUGINS"}, Ini: []string{"defaults.become_plugins"}, Kind: PathList, Default: "~/.ansible/plugins/become:/usr/share/ansible/plugins/become"},
		{Name: "DEFAULT_CACHE_PLUGIN_PATH", Env: []string{"ANSIBLE_CACHE_PLUGINS"}, Ini: []string{"defaults.cache_plugins"}, Kind: PathList, Default: "~/.ansible/plugins/cache:/usr/share/ansible/plugins/cache"},
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

// PreferPython names native modules (full or short names, blanks between; all
// for all) in whose place the user's Python ones run: so that both can be
// compared. Those with an action of their own stay native.
var PreferPython = Setting{Name: "prefer_python", Env: []string{"CHURTEN_PREFER_PYTHON"}}
