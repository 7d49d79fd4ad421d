// Package deb822repository adds and removes repositories of apt in the deb822
// form: a .sources file each.
//
// Source: documentation of ansible.builtin.deb822_repository; sources.list(5);
// results and messages seen on ansible-core 2.19 (testdata/twins.yml).
package deb822repository

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the deb822_repository module.
var Module = module.Module{
	Name: "ansible.builtin.deb822_repository", Doc: "Add and remove deb822 formatted repositories.",
	Check: true,
	Spec:  module.Spec{Args: args},
	Run:   run,
}

var args = []module.Arg{
	{Name: "allow_downgrade_to_insecure", Type: module.Bool, Doc: "Let packages go on that no longer are authenticated."},
	{Name: "allow_insecure", Type: module.Bool, Doc: "Allow a repository without signatures."},
	{Name: "allow_weak", Type: module.Bool, Doc: "Allow weak digests in signatures."},
	{Name: "architectures", Type: module.List, Elements: module.Str, Doc: "Architectures to look for."},
	{Name: "by_hash", Type: module.Bool, Doc: "Fetch indexes by their hashes."},
	{Name: "check_date", Type: module.Bool, Doc: "Believe the host's clock."},
	{Name: "check_valid_until", Type: module.Bool, Doc: "Refuse metadata that have run out."},
	{Name: "components", Type: module.List, Elements: module.Str, Doc: "Parts of the distribution."},
	{Name: "date_max_future", Type: module.Int, Doc: "How far in the future it may be, in seconds."},
	{Name: "enabled", Type: module.Bool, Doc: "Whether it is used."},
	{Name: "inrelease_path", Doc: "Where its InRelease file is."},
	{Name: "languages", Type: module.List, Elements: module.Str, Doc: "Languages of descriptions."},
	{Name: "mode", Type: module.Raw, Default: value.Str("0644"), Doc: "Permissions of the files."},
	{Name: "name", Required: true, Doc: "What it is called."},
	{Name: "pdiffs", Type: module.Bool, Doc: "Fetch differences of indexes."},
	{Name: "signed_by", Doc: "Its key: a URL, a path, fingerprints, or the key itself."},
	{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether it shall be there."},
	{Name: "suites", Type: module.List, Elements: module.Str, Doc: "Releases, or a path that ends with a slash."},
	{Name: "targets", Type: module.List, Elements: module.Str, Doc: "What to fetch."},
	{Name: "trusted", Type: module.Bool, Doc: "Take its packages unseen."},
	{Name: "types", Type: module.List, Elements: module.Str, Default: value.Strings("deb"), Choices: []string{"deb", "deb-src"}, Doc: "Packages or their sources."},
	{Name: "uris", Type: module.List, Elements: module.Str, Doc: "Where it is."},
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	slug := slugOf(a.Str("name"))
	dest := "/etc/apt/sources.list.d/" + slug + ".sources"
	keyring := "/etc/apt/keyrings/" + slug
	if a.Str("state") == "absent" {
		return absent(c, dest, keyring)
	}
	signed := a.Str("signed_by")
	var keyFile value.Value = value.None
	changed := false
	if strings.Contains(signed, "://") {
		data, err := fetch(ctx, c, signed)
		if err != nil {
			return nil, err
		}
		path := keyring + ".gpg"
		if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
			path = keyring + ".asc"
		}
		keyFile, signed = value.Str(path), path
		if changed, err = put(ctx, c, path, data); err != nil {
			return nil, err
		}
	}
	text := render(a, signed)
	did, err := put(ctx, c, dest, []byte(text))
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed || did, Values: value.DictOf("repo", value.Str(text), "changed", value.None,
		"dest", value.Str(dest), "key_filename", keyFile)}, nil
}

// absent removes the file and the key that came with it.
func absent(c *module.Call, dest, keyring string) (*module.Result, error) {
	changed := false
	for _, path := range []string{dest, keyring + ".gpg", keyring + ".asc"} {
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		changed = true
		if c.Check {
			continue
		}
		if err := os.Remove(path); err != nil {
			return nil, errors.New(kit.PyErrorText(err, path))
		}
	}
	return &module.Result{Changed: changed, Values: value.DictOf("repo", value.None, "changed", value.None,
		"dest", value.Str(dest), "key_filename", value.Str(keyring+".gpg"))}, nil
}

// put has a file hold data, with the task's mode.
func put(ctx context.Context, c *module.Call, path string, data []byte) (changed bool, err error) {
	old, err := os.ReadFile(path)
	attrs := kit.Attrs{Mode: c.Args.Value("mode")}
	if err != nil || !bytes.Equal(old, data) {
		changed = true
		if !c.Check {
			if strings.HasPrefix(path, "/etc/apt/keyrings/") {
				if err := os.MkdirAll("/etc/apt/keyrings", 0o755); err != nil {
					return false, errors.New(kit.PyError(err, "/etc/apt/keyrings"))
				}
			}
			if err := kit.Replace(ctx, path, data, c.Tmp, kit.Options{New: &attrs}); err != nil {
				return false, err
			}
		}
	}
	if _, err := os.Stat(path); err != nil {
		return changed, nil // check mode
	}
	did, err := attrs.Apply(ctx, path, c.Check, nil)
	return changed || did, err
}

// fetch loads a key.
func fetch(ctx context.Context, c *module.Call, url string) ([]byte, error) {
	failed := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return module.Failf("Could not fetch signed_by key: %s", strings.TrimPrefix(err.Error(), "Request failed: "))
	}
	client := web.Client{Timeout: 10 * time.Second, Env: c.Env, UseProxy: true, Verify: true, Netrc: true, Redirects: "urllib2", Decompress: true}
	var header web.Header
	header.Add("User-Agent", "ansible-httpget")
	resp, err := client.Do(ctx, web.Request{Method: "GET", URL: url, Header: header})
	if err != nil {
		return nil, failed(err)
	}
	defer resp.Body.Close()
	if resp.Failed() {
		return nil, failed(fmt.Errorf("HTTP Error %d: %s", resp.Status, resp.Reason))
	}
	const most = 64 << 20
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%s is larger than 64 MiB, which is no key", url)
	}
	if err != nil {
		return nil, failed(err)
	}
	return data, nil
}

// slugOf makes a file's name of the repository's.
func slugOf(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r == '_' || r == ' ' || r == '\t' || r == '\n':
			gap = true
			continue
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
		default:
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	if gap {
		b.WriteByte('-')
	}
	return b.String()
}

// fields are arguments whose names in the file do not follow from theirs.
var fields = map[string]string{"name": "X-Repolib-Name", "uris": "URIs"}

// render gives the file's text, fields in order of the arguments' names.
func render(a module.Args, signed string) string {
	var names []string
	for i := range args {
		switch name := args[i].Name; name {
		case "state", "mode":
		default:
			if a.Given(name) {
				names = append(names, name)
			}
		}
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		text := ""
		switch v := a.Value(name).(type) {
		case value.Bool:
			text = "no"
			if v {
				text = "yes"
			}
		case *value.List:
			text = strings.Join(a.Strs(name), " ")
		default:
			text = value.Text(v)
		}
		if name == "signed_by" {
			text = signed
		}
		b.WriteString(fieldName(name) + ":" + folded(text) + "\n")
	}
	return b.String()
}

func fieldName(arg string) string {
	if name, ok := fields[arg]; ok {
		return name
	}
	words := strings.Split(arg, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "-")
}

// folded gives a value behind its colon; lines of a longer one stand below,
// empty ones as a full stop.
func folded(text string) string {
	text = strings.TrimRight(text, "\n")
	if !strings.Contains(text, "\n") {
		return " " + text
	}
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			line = "."
		}
		b.WriteString("\n    " + line)
	}
	return b.String()
}
