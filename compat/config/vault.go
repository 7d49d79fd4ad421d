package config

// The settings of vaults and of ansible-vault.
func init() {
	table = append(table, []Setting{
		{Name: "DEFAULT_VAULT_IDENTITY", Env: []string{"ANSIBLE_VAULT_IDENTITY"}, Ini: []string{"defaults.vault_identity"}, Default: "default"},
		{Name: "DEFAULT_VAULT_ID_MATCH", Env: []string{"ANSIBLE_VAULT_ID_MATCH"}, Ini: []string{"defaults.vault_id_match"}, Kind: Bool, Default: "False"},
		{Name: "DEFAULT_VAULT_ENCRYPT_IDENTITY", Env: []string{"ANSIBLE_VAULT_ENCRYPT_IDENTITY"}, Ini: []string{"defaults.vault_encrypt_identity"}},
		{Name: "VAULT_ENCRYPT_SALT", Env: []string{"ANSIBLE_VAULT_ENCRYPT_SALT"}, Ini: []string{"defaults.vault_encrypt_salt"}},
		{Name: "EDITOR", Env: []string{"ANSIBLE_EDITOR", "EDITOR"}, Ini: []string{"defaults.editor"}, Default: "vi"},
		{Name: "PAGER", Env: []string{"ANSIBLE_PAGER", "PAGER"}, Ini: []string{"defaults.pager"}, Default: "less"},
		{Name: "DEFAULT_LOCAL_TMP", Env: []string{"ANSIBLE_LOCAL_TEMP"}, Ini: []string{"defaults.local_tmp"}, Kind: Path, Default: "~/.ansible/tmp"},
	}...)
}
