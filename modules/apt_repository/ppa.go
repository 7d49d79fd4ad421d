package aptrepository

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
	"github.com/churten/churten/modules/kit/web"
)

const (
	launchpad = "https://api.launchpad.net/1.0/"
	keyserver = "hkp://keyserver.ubuntu.com:80"
)

// keyDirs are where keys may be that apt is given.
var keyDirs = []string{"/etc/apt/keyrings", "/etc/apt/trusted.gpg.d", "/usr/share/keyrings"}

// ppa is an archive of Launchpad.
type ppa struct {
	*module.Call
	text                  string // as it was given, after ppa:
	owner, name, codename string
}

// newPPA reads what follows ppa: OWNER/NAME, or the OWNER of one named ppa.
func newPPA(c *module.Call, text string) (*ppa, error) {
	f := strings.Split(text, "/")
	p := &ppa{Call: c, text: text, owner: f[0], name: "ppa", codename: c.Args.Str("codename")}
	if len(f) > 1 {
		p.name = f[1]
	}
	if p.codename == "" {
		p.codename = codename()
	}
	if p.codename == "" {
		return nil, module.Failf("ppa:%s: which release this host has is not in /etc/os-release (VERSION_CODENAME); say it by codename", text)
	}
	return p, nil
}

var codenameLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^VERSION_CODENAME=["']?([\w.-]+)`)
})

func codename() string {
	data, _ := os.ReadFile("/etc/os-release")
	if m := codenameLine().FindSubmatch(data); m != nil {
		return string(m[1])
	}
	return ""
}

// source is the line that the archive stands for.
func (p *ppa) source() string {
	return "deb https://ppa.launchpadcontent.net/" + p.owner + "/" + p.name + "/ubuntu " + p.codename + " main"
}

// fileName is that of the archive's list.
func (p *ppa) fileName() string {
	return strings.Join(words("ppa:"+p.text+" "+p.codename), "_")
}

// trust has apt know the archive's key. In check mode it only looks it up.
func (p *ppa) trust(ctx context.Context) error {
	data, err := web.SmallOf(ctx, p.Call, launchpad+"~"+p.owner+"/+archive/"+p.name, p.Args.Bool("validate_certs"), "application/json")
	if err != nil {
		return module.Failf("failed to fetch PPA information, error was: %s", err)
	}
	key, err := fingerprint(data)
	if err != nil {
		return module.Failf("ppa:%s/%s: %s", p.owner, p.name, err)
	}
	if p.Check {
		return nil
	}
	if aptKey := tool.Have(p.Call, "apt-key"); aptKey != "" {
		return p.receive(ctx, aptKey, key)
	}
	gpg, err := tool.Find(p.Call, "gpg")
	if err != nil {
		return err
	}
	if known, err := p.known(ctx, gpg, key); known || err != nil {
		return err
	}
	return p.export(ctx, gpg, key)
}

// fingerprint reads Launchpad's answer.
func fingerprint(data []byte) (string, error) {
	v, err := value.ParseJSON(string(data))
	if err != nil {
		return "", module.Failf("Launchpad's answer is no JSON: %s", err)
	}
	d, _ := v.(*value.Dict)
	if d == nil {
		return "", module.Failf("Launchpad's answer is no archive's description")
	}
	found, _ := d.GetStr("signing_key_fingerprint")
	key, _ := found.(value.Str)
	if key == "" || strings.Trim(string(key), "0123456789ABCDEFabcdef") != "" {
		return "", module.Failf("Launchpad knows no signing key of it; a new archive gets one with its first package")
	}
	return string(key), nil
}

// locale is what apt-key is run with.
func locale() []string {
	return []string{"LANG=C.utf8", "LC_ALL=C.utf8", "LC_MESSAGES=C.utf8", "LANGUAGE=C.utf8"}
}

// receive has apt-key get the key, where it does not have it yet.
func (p *ppa) receive(ctx context.Context, aptKey, key string) error {
	out, err := tool.RunWith(ctx, p.Call, tool.Options{Env: locale()}, aptKey, "export", key)
	if err != nil || out.RC == 0 && out.Stdout != "" {
		return err
	}
	_, err = tool.RunWith(ctx, p.Call, tool.Options{Env: locale(), Check: true}, aptKey, "adv", "--recv-keys", "--no-tty", "--keyserver", keyserver, key)
	return err
}

// known says whether the key is in one of the files that apt may be given.
func (p *ppa) known(ctx context.Context, gpg, key string) (bool, error) {
	for _, dir := range keyDirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*.gpg"))
		for _, file := range files {
			out, err := tool.Run(ctx, p.Call, gpg, "--list-packets", file)
			if err != nil || strings.Contains(out.Stdout, key) {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// export writes the key from gpg's own keyring into a file of its own.
func (p *ppa) export(ctx context.Context, gpg, key string) error {
	argv := []string{gpg, "--no-tty", "--keyserver", keyserver, "--export", key}
	out, err := tool.Run(ctx, p.Call, argv...)
	if err != nil {
		return err
	}
	if out.RC != 0 || out.Stdout == "" {
		return module.Failf("Unable to get required signing key").With("rc", value.Int(out.RC), "stderr", value.Str(out.Stderr), "command", value.Strings(argv...))
	}
	path := filepath.Join(keyDirs[0], "ubuntu-"+p.codename+"-main-"+p.owner+"-"+p.name+".gpg")
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, []byte(out.Stdout)) {
		return nil
	}
	return kit.Replace(ctx, path, []byte(out.Stdout), p.Tmp, kit.Options{})
}
