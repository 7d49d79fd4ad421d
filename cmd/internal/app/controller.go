package app

import (
	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/lookup"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/templatevars"
	"github.com/churten/churten/parser/vault"
)

// controller is what templates ask of the run: lookups, the vault filters, and
// strings that include templates.
type controller struct{ *session }

// BaseDir is the playbook's directory.
func (c controller) BaseDir() string { return c.invOpts.PlaybookDir }

// ReadFile reads a file, its vault opened.
func (c controller) ReadFile(path string) ([]byte, error) { return c.readText(path) }

// Hosts gives the hosts that a pattern matches.
func (c controller) Hosts(pattern string) ([]string, error) {
	hosts, warnings, err := c.inv.Match(pattern)
	if err != nil {
		return nil, err
	}
	for _, w := range warnings {
		c.display.Warning(w)
	}
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name
	}
	return names, nil
}

// Template renders a file for the template lookup.
func (c controller) Template(ctx *expr.Ctx, path, text string, t lookup.TemplateOptions) (value.Value, error) {
	o := document.DefaultOptions()
	o.VarStart, o.VarEnd, o.CommentStart, o.CommentEnd = t.VariableStart, t.VariableEnd, t.CommentStart, t.CommentEnd
	o.TrimBlocks, o.Search, o.Read = t.TrimBlocks, t.Search, c.readText
	return document.Value(ctx, path, text, o)
}

// TemplateSearch gives the directories in which strings find the templates they
// include.
func (c controller) TemplateSearch(*expr.Ctx) []string { return []string{c.BaseDir()} }

// TemplateVars gives what the template lookup adds to the variables.
func (c controller) TemplateVars(ctx *expr.Ctx, name, path string) (*value.Dict, error) {
	v, err := templatevars.Of(name, path, c.set.Str("DEFAULT_MANAGED_STR"))
	if err != nil {
		return nil, err
	}
	_, defined, err := ctx.Scope.Lookup("ansible_managed")
	if err != nil {
		return nil, err
	}
	if defined {
		v.Delete(value.Str("ansible_managed"))
	}
	return v, c.managed(v)
}

// VaultEncrypt gives the vault text of plain. A nil salt is a random one.
func (controller) VaultEncrypt(plain, password []byte, id string, salt []byte) (string, error) {
	secret := vault.Secret{ID: id, Password: password}
	encrypt := vault.Encrypt
	if salt != nil {
		encrypt = func(plain []byte, secret vault.Secret) ([]byte, error) {
			return vault.EncryptSalted(plain, secret, salt)
		}
	}
	text, err := encrypt(plain, secret)
	return string(text), err
}

// Cipher gives the vault text that a text of the content was read from.
func (c controller) Cipher(plain value.Str) (string, bool) { return c.content.Cipher(plain) }

// VaultDecrypt opens a vault text with one password.
func (controller) VaultDecrypt(text string, password []byte, id string) ([]byte, error) {
	return (&vault.Secrets{List: []vault.Secret{{ID: id, Password: password}}}).Decrypt([]byte(text))
}
