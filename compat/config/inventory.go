package config

// The settings of inventories and of their variables.
func init() {
	table = append(table, []Setting{
		{Name: "INVENTORY_ENABLED", Env: []string{"ANSIBLE_INVENTORY_ENABLED"}, Ini: []string{"inventory.enable_plugins"}, Kind: List, Default: "host_list,script,auto,yaml,ini,toml"},
		{Name: "INVENTORY_IGNORE_EXTS", Env: []string{"ANSIBLE_INVENTORY_IGNORE"}, Ini: []string{"defaults.inventory_ignore_extensions", "inventory.ignore_extensions"}, Kind: List,
			Default: ".pyc,.pyo,.swp,.bak,~,.rpm,.md,.txt,.rst,.orig,.cfg,.retry"},
		{Name: "INVENTORY_IGNORE_PATTERNS", Env: []string{"ANSIBLE_INVENTORY_IGNORE_REGEX"}, Ini: []string{"defaults.inventory_ignore_patterns", "inventory.ignore_patterns"}, Kind: List},
		{Name: "INVENTORY_ANY_UNPARSED_IS_FAILED", Env: []string{"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"}, Ini: []string{"inventory.any_unparsed_is_failed"}, Kind: Bool, Default: "False"},
		{Name: "INVENTORY_EXPORT", Env: []string{"ANSIBLE_INVENTORY_EXPORT"}, Ini: []string{"inventory.export"}, Kind: Bool, Default: "False"},
		{Name: "TRANSFORM_INVALID_GROUP_CHARS", Env: []string{"ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS"}, Ini: []string{"defaults.force_valid_group_names"}, Default: "never",
			Choices: []string{"always", "ignore", "never", "silently"}},
		{Name: "YAML_FILENAME_EXTENSIONS", Env: []string{"ANSIBLE_YAML_FILENAME_EXT"}, Ini: []string{"defaults.yaml_valid_extensions"}, Kind: List, Default: ".yml,.yaml,.json"},
		{Name: "DEFAULT_INVENTORY_PLUGIN_PATH", Env: []string{"ANSIBLE_INVENTORY_PLUGINS"}, Ini: []string{"defaults.inventory_plugins"}, Kind: PathList,
			Default: "~/.ansible/plugins/inventory:/usr/share/ansible/plugins/inventory"},
		{Name: "VARIABLE_PRECEDENCE", Env: []string{"ANSIBLE_PRECEDENCE"}, Ini: []string{"defaults.precedence"}, Kind: List,
			Default: "all_inventory,groups_inventory,all_plugins_inventory,all_plugins_play,groups_plugins_inventory,groups_plugins_play"},
		{Name: "VARIABLE_PLUGINS_ENABLED", Env: []string{"ANSIBLE_VARS_ENABLED"}, Ini: []string{"defaults.vars_plugins_enabled"}, Kind: List, Default: "host_group_vars"},
		{Name: "RUN_VARS_PLUGINS", Env: []string{"ANSIBLE_RUN_VARS_PLUGINS"}, Ini: []string{"defaults.run_vars_plugins"}, Default: "demand", Choices: []string{"demand", "start"}},
	}...)
}

// Options of the reference's inventory plugins that stand in settings.
var (
	// InventoryYAMLEndings are the endings of files that the yaml plugin reads.
	InventoryYAMLEndings = Setting{Name: "yaml_extensions", Env: []string{"ANSIBLE_YAML_FILENAME_EXT", "ANSIBLE_INVENTORY_PLUGIN_EXTS"},
		Ini: []string{"defaults.yaml_valid_extensions", "inventory_plugin_yaml.yaml_valid_extensions"}, Kind: List, Default: ".yaml,.yml,.json"}
	// InventoryScriptStderr says whether scripts' stderr is shown.
	InventoryScriptStderr = Setting{Name: "always_show_stderr", Env: []string{"ANSIBLE_INVENTORY_PLUGIN_SCRIPT_STDERR"},
		Ini: []string{"inventory_plugin_script.always_show_stderr"}, Kind: Bool, Default: "True"}
	// VarsStage is when group_vars and host_vars are read.
	VarsStage = Setting{Name: "stage", Env: []string{"ANSIBLE_VARS_PLUGIN_STAGE"}, Ini: []string{"vars_host_group_vars.stage"}, Kind: Text, Choices: []string{"all", "task", "inventory"}}
	// InventoryExtraVars is use_extra_vars of constructed.
	InventoryExtraVars = Setting{Name: "use_extra_vars", Env: []string{"ANSIBLE_INVENTORY_USE_EXTRA_VARS"}, Ini: []string{"inventory_plugins.use_extra_vars"}, Kind: Bool, Default: "False"}
)
