package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/document"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/lookup"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy"
	"github.com/churten/churten/strategy/connection/ssh"
	"github.com/churten/churten/strategy/remote/agents"
	"github.com/churten/churten/strategy/vars"
)

// PlaybookOptions are the flags of ansible-playbook as they were given; zero
// means not given.
type PlaybookOptions struct {
	Playbooks, Inventory                        []string
	Limit                                       string
	Tags, SkipTags, ExtraVars                   []string
	Check, Diff                                 bool
	Forks, Verbosity                            int
	ListHosts, ListTasks, ListTags, SyntaxCheck bool
	Step                                        bool
	StartAt                                     string
	ForceHandlers, FlushCache                   bool
	VaultIDs, VaultFiles                        []string
	AskVault                                    bool
	ModulePath                                  []string
	Python                                      string // interpreter with the user's ansible
	Inspect                                     bool   // what is needed is told, nothing is run: see Check

	User, PasswordFile, PrivateKey, Connection string
	AskPass                                    bool
	Timeout                                    int
	SSHCommonArgs, SSHExtraArgs                string
	Become                                     bool
	BecomeMethod, BecomeUser                   string
	AskBecomePass                              bool
	BecomePasswordFile                         string

	In       io.Reader
	Out, Err io.Writer

	// Dir stands in for the playbooks' directory where a command has none.
	Dir string
	// choose, if set, changes what the settings say of callbacks; tree is the
	// directory of the callback of that name.
	choose func(callback.Choice, *config.Settings) callback.Choice
	tree   string

	// localhost is set where nothing but the implicit localhost is asked for.
	localhost bool

	Record   string // file for the events of the run
	Progress bool   // show what is under way, on a terminal
}

// session is one command's parts.
type session struct {
	o        *PlaybookOptions
	set      *config.Settings
	display  *callback.Display
	terminal *terminal
	content  *load.Loader
	extra    *value.Dict
	env      *expr.Env
	secrets  *callback.Secrets
	closers  []func() error // of what the run keeps open
	inv      *inventory.Inventory
	invOpts  inventory.Options
	loader   *playbook.Loader
	python   *pythonPlugins
	names    actions     // what names of actions stand for
	foreign  *foreigners // modules that are not native
	store    *vars.Store // of the run; before it, see globals
	cache    *openedCache
}

// Playbook runs playbooks and gives the exit code.
func Playbook(ctx context.Context, o PlaybookOptions) (int, error) {
	for _, path := range o.Playbooks {
		if err := readablePlaybook(path); err != nil && !collection.IsFQCN(path) {
			return 0, err
		}
	}
	s, err := newSession(ctx, &o)
	if err != nil {
		return 0, err
	}
	if err := s.findPlaybooks(); err != nil {
		return 0, err
	}
	if err := s.loadInventory(ctx); err != nil {
		return 0, err
	}
	if o.lists() {
		return s.list()
	}
	code, err := s.run(ctx)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx) // while the last was told
	}
	return code, err
}

// findPlaybooks puts the files in place of playbooks that are named as those of
// collections.
func (s *session) findPlaybooks() error {
	for i, path := range s.o.Playbooks {
		if !collection.IsFQCN(path) {
			continue
		}
		if file, ok := collection.New(s.set.List("COLLECTIONS_PATHS"), s.o.dir()).Playbook(path); ok {
			s.o.Playbooks[i] = file
		} else if err := readablePlaybook(path); err != nil {
			return err
		}
	}
	return nil
}

// dir is that of the first playbook, or what stands in for it.
func (o *PlaybookOptions) dir() string {
	if len(o.Playbooks) == 0 {
		return absolute(o.Dir)
	}
	return filepath.Dir(absolute(o.Playbooks[0]))
}

func (o *PlaybookOptions) lists() bool {
	return o.ListHosts || o.ListTasks || o.ListTags || o.SyntaxCheck
}

func readablePlaybook(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("the playbook: %s could not be found", path)
	}
	if st.IsDir() || !(st.Mode().IsRegular() || st.Mode()&os.ModeNamedPipe != 0) {
		return fmt.Errorf("the playbook: %s does not appear to be a file", path)
	}
	return nil
}

// newSession reads the configuration and makes what does not depend on hosts.
func newSession(ctx context.Context, o *PlaybookOptions) (*session, error) {
	s := &session{o: o}
	set, warnings, err := readSettings()
	if err != nil {
		return nil, err
	}
	s.set = set
	if len(o.Playbooks) == 0 && o.Dir == "" {
		o.Dir = set.Str("PLAYBOOK_DIR")
	}
	s.display = newDisplay(o, set)
	s.secrets = &callback.Secrets{}
	if err := s.keep(); err != nil {
		return nil, err
	}
	if o.Verbosity > 0 {
		s.sayConfig()
	}
	for _, w := range warnings {
		s.display.Warning(w)
	}
	sayDeprecated(s.display, set)
	if err := s.refuse(); err != nil {
		return nil, err
	}
	s.terminal = &terminal{in: o.In, out: o.Err, hide: s.secrets.Add}
	s.content = load.New(nil, s.yamlWarning)
	s.content.Duplicates = set.Str("DUPLICATE_YAML_DICT_KEY")
	if s.content.Secrets, err = vaultSecrets(ctx, vaultSources{IDs: o.VaultIDs, Files: o.VaultFiles, Ask: o.AskVault}, set, s.terminal, s.display.Warning); err != nil {
		return nil, err
	}
	if s.content.Secrets != nil {
		s.content.Secrets.Opened = s.opened
	}
	if s.extra, err = extraVars(s.content, o.ExtraVars); err != nil {
		return nil, err
	}
	s.python = s.newPython(ctx)
	s.env = s.newEnv()
	return s, nil
}

func newDisplay(o *PlaybookOptions, set *config.Settings) *callback.Display {
	d := &callback.Display{Out: o.Out, Err: o.Err, Columns: 79}
	o.Verbosity = max(o.Verbosity, set.Int("DEFAULT_VERBOSITY"))
	d.Verbosity = o.Verbosity
	d.HideDeprecated = !set.Bool("DEPRECATION_WARNINGS")
	if f, ok := o.Out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		d.Colours = true
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 1 {
			d.Columns = max(d.Columns, w-1) // never narrower
		}
	}
	if set.Bool("ANSIBLE_NOCOLOR") || os.Getenv("TERM") == "dumb" {
		d.Colours = false
	}
	if set.Bool("ANSIBLE_FORCE_COLOR") {
		d.Colours = true
	}
	return d
}

// sayDeprecated warns of the settings that are on their way out.
func sayDeprecated(d *callback.Display, set *config.Settings) {
	for _, text := range set.Deprecated() {
		d.Deprecated(text)
	}
}

func (s *session) sayConfig() {
	if s.set.File != "" {
		s.display.Print(fmt.Sprintf("Using %s as config file", s.set.File), callback.ColourVerbose)
	} else {
		s.display.Print("No config file found; using defaults", callback.ColourVerbose)
	}
}

// refuse names what was asked for and cannot be done, before anything is.
func (s *session) refuse() error {
	for _, name := range s.set.List("DEFAULT_JINJA2_EXTENSIONS") {
		if !document.HasExtension(name) {
			return fmt.Errorf("the Jinja extension %s (DEFAULT_JINJA2_EXTENSIONS, %s) is not supported by churten", name, s.set.Origin("DEFAULT_JINJA2_EXTENSIONS").Text)
		}
	}
	return nil
}

func (s *session) yamlWarning(w yaml.Warning) {
	text := w.Msg
	if !w.Pos.IsZero() {
		text = callback.WarningText(w.Msg, w.Pos, w.Help)
	}
	if w.Deprecated {
		s.display.Deprecated(text)
		return
	}
	s.display.Warning(text)
}

func (s *session) loadInventory(ctx context.Context) error {
	if err := s.readInventory(ctx); err != nil {
		return err
	}
	return s.judgeHosts()
}

// load reads one playbook.
func (s *session) load(path string) (*plan.Playbook, error) {
	if s.loader == nil {
		s.newLoader(filepath.Dir(absolute(path)))
	}
	pb, err := s.loader.Load(path)
	return pb, contentError(err)
}

// newLoader makes the reader of playbooks; dir is the first one's.
func (s *session) newLoader(dir string) {
	names := s.actions(dir)
	s.names = names
	s.loader = playbook.New(playbook.Options{
		Lookup: s.python.hasLookup, Load: s.content, Action: names.Action, Explain: names.Explain, Group: names.Group, PluginDir: s.pluginDir,
		Code: s.isCode, RolesPath: s.set.List("DEFAULT_ROLES_PATH"), PrivateRoles: s.set.Bool("DEFAULT_PRIVATE_ROLE_VARS"), Collections: names.Finder,
		Env: s.env, ExtraVars: s.extra, Warn: s.contentWarning, Globals: s.globals,
	})
}

// pluginDir makes the modules and plugins of a playbook or role known.
func (s *session) pluginDir(dir string) {
	s.names.AddDir(dir)
	s.foreign.AddDir(dir)
	s.python.addDir(dir)
}

// contentError tells the exit status of an error in what was loaded.
func contentError(err error) error {
	if err != nil && playbook.ExitCode(err) == playbook.ExitParse {
		return &ContentError{err}
	}
	return err
}

func (s *session) contentWarning(w playbook.Warning) {
	if w.Deprecated != "" {
		msg := w.Msg + " This feature will be removed from ansible-core version " + w.Deprecated + "."
		s.display.Deprecated(callback.WarningText(msg, w.Pos, w.Help))
		return
	}
	s.display.Warning(callback.WarningText(w.Msg, w.Pos, w.Help))
}

// list prints what --list-hosts and its like ask for.
func (s *session) list() (int, error) {
	opts := playbook.ListOptions{Hosts: s.o.ListHosts, Tasks: s.o.ListTasks, Tags: s.o.ListTags, Only: s.tags(), Skip: s.skipTags()}
	for _, path := range s.o.Playbooks {
		pb, err := s.load(path)
		if err != nil {
			return 0, err
		}
		var bad error // of a pattern: no fault of the content's
		opts.HostsOf = func(patterns []string) (names []string, err error) {
			names, bad = s.hostsOf(patterns)
			return names, bad
		}
		if err := s.loader.List(s.o.Out, pb, opts); err != nil {
			if bad != nil {
				return 0, bad
			}
			return 0, contentError(err)
		}
	}
	return 0, nil
}

func (s *session) hostsOf(patterns []string) ([]string, error) {
	hosts, warnings, err := s.inv.MatchList(patterns)
	if err != nil {
		return nil, err
	}
	for _, w := range warnings {
		s.display.Warning(w)
	}
	if s.o.Limit != "" {
		if hosts, _, err = s.inv.Limit(hosts, s.o.Limit); err != nil {
			return nil, err
		}
	}
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name
	}
	return names, nil
}

// tags are those to run: the command line's come on top of the settings'. To
// list tags without a word on which means those of never, too.
func (s *session) tags() []string {
	tags := slices.Concat(s.set.List("TAGS_RUN"), s.o.Tags)
	switch {
	case len(tags) > 0:
		return tags
	case s.o.ListTags && len(s.skipTags()) == 0:
		return []string{"all", "never"}
	}
	return []string{"all"}
}

func (s *session) skipTags() []string {
	return slices.Concat(s.set.List("TAGS_SKIP"), s.o.SkipTags)
}

// run runs the playbooks.
func (s *session) run(ctx context.Context) (code int, err error) {
	books := make([]*plan.Playbook, len(s.o.Playbooks))
	for i, path := range s.o.Playbooks {
		if books[i], err = s.load(path); err != nil {
			return 0, err
		}
	}
	return s.runBooks(ctx, books)
}

// runBooks runs playbooks that were loaded.
func (s *session) runBooks(ctx context.Context, books []*plan.Playbook) (code int, err error) {
	if err := s.python.refuse(books); err != nil {
		return 0, err
	}
	run, err := s.newRun(ctx)
	if err != nil {
		return 0, err
	}
	for _, pb := range books {
		if err := run.Refuse(pb); err != nil {
			return 0, &ContentError{err}
		}
	}
	run.Start()
	defer suspendable(ctx, run.Hosts)()
	defer func() { err = errors.Join(err, s.close()) }()
	defer func() {
		// The goodbye is said even when ctx has ended: nothing stays behind.
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		if closeErr := run.Hosts.Close(bye); closeErr != nil && s.o.Verbosity > 2 {
			s.display.PrintErr("churten: "+closeErr.Error(), callback.ColourDebug)
		}
	}()
	status := strategy.StatusOK
	for _, pb := range books {
		st, err := run.Playbook(ctx, pb)
		if errors.Is(err, strategy.ErrQuit) {
			return s.interrupted(), nil
		}
		if err != nil {
			return 0, err
		}
		if st != strategy.StatusOK {
			status = st
		}
	}
	return int(status), nil
}

func (s *session) newRun(ctx context.Context) (*strategy.Run, error) {
	o, set := s.o, s.set
	sshPassword, becomePassword, err := passwords(ctx, o, set, s.terminal)
	if err != nil {
		return nil, err
	}
	forks := set.Int("DEFAULT_FORKS")
	if o.Forks > 0 {
		forks = o.Forks
	}
	diff := o.Diff || set.Bool("DIFF_ALWAYS")
	listener, err := s.listener(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := set.Own(config.Setting{Name: "async_dir", Env: []string{"ANSIBLE_ASYNC_DIR"}, Ini: []string{"defaults.async_dir"}})
	if err != nil {
		return nil, err
	}
	runner := &executor.Runner{Env: s.env, Find: s.find, Lookup: lookup.Run, Group: s.names.Members, Named: s.names.Action, Check: o.Check, Diff: diff, Verbosity: o.Verbosity,
		Live: s.live(), Timeout: set.Int("TASK_TIMEOUT"), NoLog: set.Bool("DEFAULT_NO_LOG"), StrictUTF8: set.Bool("MODULE_STRICT_UTF8_RESPONSE"), PollInterval: set.Int("DEFAULT_POLL_INTERVAL"), AsyncDir: jobs,
		FactsModules: set.List("FACTS_MODULES")}
	run := &strategy.Run{
		Options: strategy.Options{
			Forks: forks, Check: o.Check, Diff: diff, Verbosity: o.Verbosity,
			Strategy: set.Str("DEFAULT_STRATEGY"), Gathering: set.Str("DEFAULT_GATHERING"), GatherSubset: set.List("DEFAULT_GATHER_SUBSET"),
			GatherTimeout: set.Int("DEFAULT_GATHER_TIMEOUT"), FactPath: set.Str("DEFAULT_FACT_PATH"),
			ForceHandlers: o.ForceHandlers || set.Bool("DEFAULT_FORCE_HANDLERS"), AnyErrorsFatal: set.Bool("ANY_ERRORS_FATAL"),
			MissingHandlerOK: !set.Bool("ERROR_ON_MISSING_HANDLER"), Tags: s.tags(), SkipTags: s.skipTags(), Limit: o.Limit, StartAt: o.StartAt,
			Managed:    set.Str("DEFAULT_MANAGED_STR"),
			Connection: s.connection(sshPassword, becomePassword),
		},
		Inventory: s.inv, InventoryOptions: s.invOpts, Runner: runner, Loader: s.loader, Content: s.content, Prompt: s.terminal, Retry: s.retryFile(), Render: s.render,
		Listener: listener, Foreign: s.foreign,
	}
	run.Foreigners = s.foreignSettings()
	inside := modules.Inside()
	run.Inside = &inside
	ways := &pluginWays{pythonPlugins: s.python}
	run.Plugins = ways
	if o.Step {
		run.Stepper = stepper{s}
	}
	run.Store = s.newStore(forks, diff)
	s.store = run.Store
	s.debugging(run)
	if err := s.factCache(run); err != nil {
		return nil, err
	}
	pool := &strategy.Pool{Dialer: ssh.NewDialer(ssh.SystemEnvironment()), Agents: agents.Embedded(),
		Local: agent.Options{Lookup: modules.Module}, Prompt: s.terminal.connectionPrompt, Plugin: ways.Dial}
	run.InTurn = !s.set.Bool("SEND_AHEAD")
	run.Calls = o.Verbosity >= 3 || s.display.Log != nil && s.display.Log.Verbosity >= 3
	if run.Calls {
		pool.Verbose = func(host string, level int, line string) {
			if text := "<" + host + "> " + line; o.Verbosity >= level {
				s.display.Print(text, callback.ColourVerbose)
			} else {
				s.display.Note(level, text)
			}
		}
	}
	run.Hosts = pool
	return run, nil
}

func (s *session) connection(sshPassword, becomePassword *string) strategy.Connection {
	o, set := s.o, s.set
	c := strategy.Connection{
		Kind: first(o.Connection, set.Str("DEFAULT_TRANSPORT")), User: first(o.User, set.Str("DEFAULT_REMOTE_USER")),
		KeyFile: first(o.PrivateKey, set.Str("DEFAULT_PRIVATE_KEY_FILE")), Port: set.Int("DEFAULT_REMOTE_PORT"),
		Password: sshPassword, BecomePassword: becomePassword,
		SSHArgs: set.Str("SSH_ARGS"), CommonArgs: first(o.SSHCommonArgs, set.Str("SSH_COMMON_ARGS")), ExtraArgs: first(o.SSHExtraArgs, set.Str("SSH_EXTRA_ARGS")),
		HostKeyChecking: set.Bool("HOST_KEY_CHECKING"), Timeout: set.Int("DEFAULT_TIMEOUT"), Retries: set.Int("SSH_RETRIES"), RemoteTmp: set.Str("REMOTE_TMP"), Executable: set.Str("DEFAULT_EXECUTABLE"),
		Become: o.Become || set.Bool("DEFAULT_BECOME"), BecomeMethod: first(o.BecomeMethod, set.Str("DEFAULT_BECOME_METHOD")),
		Secret: s.secrets.Add, Own: ownOptions(set),
		BecomeUser: o.BecomeUser, BecomeSameUser: set.Bool("BECOME_ALLOW_SAME_USER"),
	}
	if o.Timeout > 0 {
		c.Timeout = o.Timeout
	}
	return c
}

// magic are the variables that are the same for the whole run.
func (s *session) magic(forks int, diff bool) *value.Dict {
	d := value.NewDict(16)
	full := ReferenceVersion
	d.SetStr("ansible_version", value.DictOf("string", value.Str(full), "full", value.Str(full),
		"major", value.Int(2), "minor", value.Int(19), "revision", value.Int(14)))
	d.SetStr("ansible_forks", value.Int(forks))
	d.SetStr("ansible_check_mode", value.Bool(s.o.Check))
	d.SetStr("ansible_diff_mode", value.Bool(diff))
	d.SetStr("ansible_verbosity", value.Int(s.o.Verbosity))
	d.SetStr("ansible_run_tags", value.Strings(s.tags()...))
	d.SetStr("ansible_skip_tags", value.Strings(s.skipTags()...))
	given := s.o.Inventory
	if len(given) == 0 {
		given = s.set.List("DEFAULT_HOST_LIST")
	}
	sources := make([]string, len(given))
	for i, src := range given {
		sources[i] = src
		if !strings.Contains(src, ",") {
			sources[i] = absolute(src)
		}
	}
	d.SetStr("ansible_inventory_sources", value.Strings(sources...))
	if s.o.Limit != "" {
		d.SetStr("ansible_limit", value.Str(s.o.Limit))
	}
	if s.set.File != "" {
		d.SetStr("ansible_config_file", value.Str(s.set.File))
	} else {
		d.SetStr("ansible_config_file", value.None)
	}
	d.SetStr("ansible_playbook_python", value.Str(playbookPython()))
	d.SetStr("playbook_dir", value.Str(s.invOpts.PlaybookDir))
	return d
}
