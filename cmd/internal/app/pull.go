package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/jinja/value"
)

// PullOptions are the flags of ansible-pull as they were given.
type PullOptions struct {
	PlaybookOptions
	URL, Dest, Checkout, Module              string
	Books                                    []string
	Purge, OnlyIfChanged, Force, Full, Clean bool
	AcceptHostKey, VerifyCommit              bool
	TrackSubmodules                          bool
	Sleep                                    string
	CommandLine                              []string // as it was typed
}

// Pull checks a repository out by an ad-hoc task on this machine, and runs a
// playbook that it has for it.
func Pull(ctx context.Context, o PullOptions) (int, error) {
	set, _, err := readSettings()
	if err != nil {
		return 0, err
	}
	display := newDisplay(&o.PlaybookOptions, set)
	s := &session{o: &o.PlaybookOptions, set: set, display: display}
	if o.Verbosity > 0 {
		s.sayConfig()
	}
	if o.URL == "" {
		return 0, &OptionsError{errors.New("URL for repository not specified, use -h for help")}
	}
	if !slices.Contains(repoModules, o.Module) {
		return 0, &OptionsError{fmt.Errorf("Unsupported repo module %s, choices are %s", o.Module, strings.Join(repoModules, ","))}
	}
	if err := o.wait(ctx, display); err != nil {
		return 0, err
	}
	names := ownNames()
	if o.Dest == "" {
		o.Dest = filepath.Join("~/.ansible/pull", names[0])
	}
	if rest, ok := strings.CutPrefix(o.Dest, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return 0, err
		}
		o.Dest = filepath.Join(home, rest)
	}
	o.Dest = absolute(o.Dest)
	display.Print("Starting Ansible Pull at "+time.Now().Format("2006-01-02 15:04:05"), callback.Plain)
	display.Print(strings.Join(o.CommandLine, " "), callback.Plain)
	limit := strings.Join(unique(append([]string{"localhost"}, append(names, "127.0.0.1")...)), ",")

	unchanged, code, err := o.update(ctx, limit)
	if err != nil || code != 0 && !o.Force {
		return code, err
	}
	if code != 0 {
		display.Warning("Unable to update repository. Continuing with (forced) run of playbook.")
	} else if o.OnlyIfChanged && unchanged != "" {
		display.Print("Repository has not changed, quitting: "+unchanged, callback.Plain)
		return 0, nil
	}
	books, err := o.playbooks(names, display)
	if err != nil {
		return 0, err
	}
	return o.play(ctx, books, limit)
}

// repoModules are the modules that can check something out.
var repoModules = []string{"git", "subversion", "hg", "bzr"}

// wait keeps many machines from asking for the same thing at the same moment.
func (o *PullOptions) wait(ctx context.Context, d *callback.Display) error {
	if o.Sleep == "" {
		return nil
	}
	most, err := strconv.Atoi(o.Sleep)
	if err != nil || most < 0 {
		return &OptionsError{fmt.Errorf("%s is not a number.", o.Sleep)}
	}
	seconds := rand.IntN(most + 1)
	if d.Verbosity > 0 {
		d.Print(fmt.Sprintf("Sleeping for %d seconds...", seconds), callback.ColourVerbose)
	}
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ownNames are this machine's names: the one it is known by, in full, and the
// first part of what it calls itself.
func ownNames() []string {
	host, err := os.Hostname()
	if err != nil {
		return []string{"localhost"}
	}
	full := host
	if addrs, err := net.LookupHost(host); err == nil {
		for _, a := range addrs {
			if names, err := net.LookupAddr(a); err == nil && len(names) > 0 {
				full = strings.TrimSuffix(names[0], ".")
				for _, n := range names {
					if strings.Contains(strings.TrimSuffix(n, "."), ".") {
						full = strings.TrimSuffix(n, ".")
						break
					}
				}
				break
			}
		}
	}
	short, _, _ := strings.Cut(host, ".")
	return unique([]string{full, host, short})
}

func unique(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// update checks out by an ad-hoc task. unchanged is what it said if the
// repository has not changed, as Python shows bytes.
func (o *PullOptions) update(ctx context.Context, limit string) (unchanged string, code int, err error) {
	a := AdhocOptions{PlaybookOptions: o.PlaybookOptions, Pattern: "all", Module: o.Module, Args: o.repoArgs()}
	a.Limit, a.Connection, a.Tags, a.SkipTags, a.ListHosts, a.Check = limit, "local", nil, nil, false, false
	a.AskPass, a.AskBecomePass, a.Record = false, false, ""
	if len(a.Inventory) == 0 {
		a.Inventory = []string{"localhost,"}
	}
	var said bytes.Buffer
	a.Out = io.MultiWriter(o.Out, &said)
	a.Err = piped{o.Out} // the reference shows both on its stdout
	code, err = Adhoc(ctx, a)
	if err == nil && code == 0 && !bytes.Contains(said.Bytes(), []byte(`"changed": true`)) {
		unchanged = "b" + value.Repr(value.Str(said.String()))
	}
	return unchanged, code, err
}

// piped is an output that is no terminal, whatever stands behind it.
type piped struct{ io.Writer }

// repoArgs are the arguments of the module that checks out.
func (o *PullOptions) repoArgs() string {
	var b strings.Builder
	add := func(name, text string) {
		fmt.Fprintf(&b, " %s=%s", name, text)
	}
	given := func(name, text string) {
		if text != "" {
			add(name, text)
		}
	}
	on := func(name string, is bool) {
		if is {
			add(name, "yes")
		}
	}
	switch o.Module {
	case "git":
		add("name", o.URL)
		add("dest", o.Dest)
		given("version", o.Checkout)
		on("accept_hostkey", o.AcceptHostKey)
		given("key_file", o.PrivateKey)
		on("verify_commit", o.VerifyCommit)
		on("track_submodules", o.TrackSubmodules)
		if !o.Full {
			add("depth", "1")
		}
	case "subversion":
		add("repo", o.URL)
		add("dest", o.Dest)
		given("revision", o.Checkout)
		if !o.Full {
			add("export", "yes")
		}
	case "hg":
		add("repo", o.URL)
		add("dest", o.Dest)
		given("revision", o.Checkout)
	case "bzr":
		add("name", o.URL)
		add("dest", o.Dest)
		given("version", o.Checkout)
	}
	on("force", o.Clean)
	return strings.TrimSpace(b.String())
}

// playbooks are those that were named, or the first there is for this machine.
func (o *PullOptions) playbooks(names []string, d *callback.Display) ([]string, error) {
	var found, missing []string
	look := func(name string) bool {
		path := filepath.Join(o.Dest, name)
		info, err := os.Stat(path)
		switch {
		case err != nil:
			missing = append(missing, path+": File does not exist")
		case info.IsDir():
			missing = append(missing, path+": File is not readable")
		default:
			found = append(found, path)
			return true
		}
		return false
	}
	if len(o.Books) > 0 {
		for _, b := range o.Books {
			if !look(b) {
				found = nil
				break
			}
		}
	} else {
		first, _, _ := strings.Cut(names[0], ".")
		for _, b := range []string{names[0], first, "local"} {
			if look(b + ".yml") {
				break
			}
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	text := strings.Join(missing, "\n")
	if len(o.Books) == 0 {
		text += "\n"
	}
	d.Warning(text)
	return nil, &OptionsError{errors.New("Could not find a playbook to run.")}
}

// play runs the playbooks where they lie.
func (o *PullOptions) play(ctx context.Context, books []string, limit string) (int, error) {
	p := o.PlaybookOptions
	p.Connection, p.PrivateKey = "local", ""
	p.Out, p.Err = piped{o.Out}, piped{o.Out}
	if p.Limit == "" {
		p.Limit = limit
	}
	for i, path := range p.Inventory {
		if !strings.Contains(path, ",") {
			p.Inventory[i] = absolute(path)
		}
	}
	back, err := os.Getwd()
	if err == nil {
		err = os.Chdir(o.Dest)
	}
	if err != nil {
		return 0, err
	}
	p.Playbooks = append(p.Playbooks, books...)
	code, err := Playbook(ctx, p)
	if chdirErr := os.Chdir(back); chdirErr != nil {
		_ = os.Chdir("/")
	}
	if o.Purge {
		err = errors.Join(err, os.RemoveAll(o.Dest))
	}
	return code, err
}
