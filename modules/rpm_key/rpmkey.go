// Package rpmkey imports and removes the keys that rpm trusts.
//
// Source: documentation of ansible.builtin.rpm_key; results, messages and calls
// of rpm and gpg seen on ansible-core 2.19 (testdata/twins.yml); DETAILS of
// gpg for what its colons mean.
package rpmkey

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the rpm_key module.
var Module = module.Module{
	Name: "ansible.builtin.rpm_key", Doc: "Add or remove keys of rpm's database.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the key shall be there."},
		{Name: "key", Required: true, Doc: "The key: a URL, a file on the host, or the id of one that is in the database."},
		{Name: "fingerprint", Type: module.List, Elements: module.Str, Doc: "Fingerprints that the key must have; blanks do not count."},
		{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check the server's certificate."},
	}},
	Run: run,
}

// job is one call.
type job struct {
	*module.Call
	rpm, gpg string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c}
	var err error
	if j.rpm, err = tool.Find(c, "rpm"); err != nil {
		return nil, err
	}
	if j.gpg = tool.Have(c, "gpg"); j.gpg == "" {
		if j.gpg, err = tool.Find(c, "gpg2"); err != nil {
			return nil, err
		}
	}
	key := c.Args.Str("key")
	file := ""
	id := keyID(key)
	switch {
	case strings.Contains(key, "://"):
		if file, err = j.fetch(ctx, key); err != nil {
			return nil, err
		}
		if id, err = j.idOf(ctx, file); err != nil {
			return nil, err
		}
		if id == "" {
			return nil, module.Failf("Not a public key: %s", key)
		}
	case isKeyID(key):
	case isFile(key):
		file = key
		if id, err = j.idOf(ctx, file); err != nil {
			return nil, err
		}
		if id == "" {
			return nil, module.Failf("Not a public key: %s", key)
		}
	default:
		return nil, module.Failf("Not a valid key %s", key)
	}
	var changed bool
	if c.Args.Str("state") == "present" {
		changed, err = j.add(ctx, file, id)
	} else {
		changed, err = j.drop(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed, Values: value.DictOf("changed", value.None)}, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// keyID is an id without 0x, in capitals.
func keyID(text string) string {
	return strings.ToUpper(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(text), "0x"), "0X"))
}

func isKeyID(text string) bool {
	id := keyID(text)
	return id != "" && strings.Trim(id, "0123456789ABCDEF") == ""
}

// fetch gets the key of a URL into a file of this call's own.
func (j *job) fetch(ctx context.Context, url string) (string, error) {
	data, err := web.Small(ctx, j.Call, url, j.Args.Bool("validate_certs"))
	if err != nil {
		return "", module.Failf("failed to fetch key at %s , error was: %s", url, err)
	}
	if !strings.Contains(string(data), "-----BEGIN PGP PUBLIC KEY BLOCK-----") {
		return "", module.Failf("Not a public key: %s", url)
	}
	dir, err := j.Tmp()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "key.asc")
	return path, os.WriteFile(path, data, 0o600)
}

// colons asks gpg for the keys of a file, a line of fields for each record.
func (j *job) colons(ctx context.Context, stdin []byte, args ...string) ([][]string, error) {
	argv := append([]string{j.gpg, "--no-tty", "--batch", "--with-colons", "--fixed-list-mode"}, args...)
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Stdin: stdin}, argv...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, module.Failf("%s", out.Stderr)
	}
	return records(out.Stdout), nil
}

func records(text string) (all [][]string) {
	for line := range strings.Lines(text) {
		all = append(all, strings.Split(strings.TrimSpace(line), ":"))
	}
	return all
}

// idOf is the id of the first key in file, "" where there is none.
func (j *job) idOf(ctx context.Context, file string) (string, error) {
	records, err := j.colons(ctx, nil, file)
	if err != nil {
		return "", err
	}
	return firstID(records), nil
}

func firstID(records [][]string) string {
	for _, f := range records {
		if len(f) > 4 && f[0] == "pub" {
			return f[4]
		}
	}
	return ""
}

// short is how rpm names keys: by the last eight digits.
func short(id string) string {
	if len(id) > 8 {
		id = id[len(id)-8:]
	}
	return strings.ToLower(id)
}

// has says whether the database has a key: its id as a whole, where there is
// more of it than rpm's names tell.
func (j *job) has(ctx context.Context, id string) (bool, error) {
	out, err := tool.Run(ctx, j.Call, j.rpm, "-q", "gpg-pubkey")
	if err != nil || out.RC != 0 { // there is no key at all
		return false, err
	}
	if len(id) <= 8 {
		return strings.Contains(out.Stdout, "gpg-pubkey-"+short(id)), nil
	}
	if !strings.Contains(out.Stdout, "gpg-pubkey-"+short(id)) {
		return false, nil
	}
	out, err = tool.Check(ctx, j.Call, j.rpm, "-q", "gpg-pubkey", "--qf", "%{description}")
	if err != nil {
		return false, err
	}
	records, err := j.colons(ctx, []byte(out.Stdout), "-")
	if err != nil {
		return false, err
	}
	for _, f := range records {
		if len(f) > 4 && f[0] == "pub" && strings.HasSuffix(f[4], id) {
			return true, nil
		}
	}
	return false, nil
}

// add imports the key, once it has the fingerprints it shall have.
func (j *job) add(ctx context.Context, file, id string) (bool, error) {
	there, err := j.has(ctx, id)
	if err != nil || there {
		return false, err
	}
	if file == "" {
		return false, module.Failf("When importing a key, a valid file must be given")
	}
	if err := j.judge(ctx, file); err != nil {
		return false, err
	}
	if j.Check {
		return true, nil
	}
	return true, j.rpmDoes(ctx, "--import", file)
}

// rpmDoes runs rpm for a change.
func (j *job) rpmDoes(ctx context.Context, args ...string) error {
	out, err := tool.Run(ctx, j.Call, append([]string{j.rpm}, args...)...)
	if err == nil && out.RC != 0 {
		err = module.Failf("%s", out.Stderr)
	}
	return err
}

func (j *job) drop(ctx context.Context, id string) (bool, error) {
	there, err := j.has(ctx, id)
	if err != nil || !there || j.Check {
		return there, err
	}
	return true, j.rpmDoes(ctx, "--erase", "--allmatches", "gpg-pubkey-"+short(id))
}

// judge compares the fingerprints of the file's keys with those that are asked
// for: all of these have to be among them.
func (j *job) judge(ctx context.Context, file string) error {
	if !j.Args.Given("fingerprint") {
		return nil
	}
	records, err := j.colons(ctx, nil, "--import", "--import-options", "show-only", "--dry-run", file)
	if err != nil {
		return err
	}
	var have []string
	for _, f := range records {
		if len(f) > 9 && f[0] == "fpr" {
			have = append(have, f[9])
		}
	}
	if len(have) == 0 {
		return module.Failf("Unexpected gpg output")
	}
	var want []string
	missing := false
	for _, w := range j.Args.Strs("fingerprint") {
		w = strings.ToUpper(strings.ReplaceAll(w, " ", ""))
		want = append(want, w)
		missing = missing || !slices.Contains(have, w)
	}
	if missing {
		return module.Failf("The specified fingerprint, '%s', does not match any key fingerprints in '%s'", set(want), set(have))
	}
	return nil
}

// set shows texts as Python shows a set, in the order they were given in.
func set(texts []string) string {
	var quoted []string
	seen := map[string]bool{}
	for _, t := range texts {
		if !seen[t] {
			quoted = append(quoted, value.Repr(value.Str(t)))
		}
		seen[t] = true
	}
	return "{" + strings.Join(quoted, ", ") + "}"
}
