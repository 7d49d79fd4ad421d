package playbook

import (
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

// place is a kind of thing that has keywords, a bit each.
type place uint16

const (
	inPlay place = 1 << iota
	inRole
	inBlock
	inTask
	inHandler
	// inImport are import_tasks and import_role: tasks whose keywords are
	// handed on to what they import. inInclude are include_tasks and
	// include_role, which take only what means something for them.
	inImport
	inInclude
	inLoopControl
	inPlaybookImport
	inMeta // meta/main.yml of a role

	inTasks = inTask | inHandler | inImport
	inAll   = inPlay | inRole | inBlock | inTasks
)

// kind is the type of a keyword's value.
type kind uint8

const (
	anyKind kind = iota
	textKind
	boolKind
	intKind
	floatKind
	percentKind
	listKind
	dictKind
)

// use says how a keyword reaches the tasks below the place where it stands.
type use uint8

const (
	own        use = iota // concerns only the place it stands in
	inherited             // the innermost wins
	cumulative            // all levels hold
)

// Keyword is one keyword of the language: its type, where it may stand, how it is
// inherited. Static keywords cannot be templates.
type keyword struct {
	name   string
	kind   kind
	in     place
	use    use
	static bool
	// attr finds the inherited value in force.
	attr func(*plan.Attrs) *value.Value
}

// keywords lists all of them, as documented by the keyword list of the
// reference (ansible-doc -t keyword) and, for includes and imports, as seen on
// ansible-core 2.19 by trying each.
var keywords = []keyword{
	// of everything that holds tasks
	{"name", textKind, inAll | inInclude | inPlaybookImport, own, false, nil},
	{"connection", textKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.Connection }},
	{"port", intKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.Port }},
	{"remote_user", textKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.RemoteUser }},
	{"become", boolKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.Become }},
	{"become_user", textKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.BecomeUser }},
	{"become_method", textKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.BecomeMethod }},
	{"become_flags", textKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.BecomeFlags }},
	{"become_exe", textKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.BecomeExe }},
	{"no_log", boolKind, inAll | inInclude, inherited, false, func(a *plan.Attrs) *value.Value { return &a.NoLog }},
	{"run_once", boolKind, inAll | inInclude, inherited, false, func(a *plan.Attrs) *value.Value { return &a.RunOnce }},
	{"ignore_errors", boolKind, inAll | inInclude, inherited, false, func(a *plan.Attrs) *value.Value { return &a.IgnoreErrors }},
	{"ignore_unreachable", boolKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.IgnoreUnreachable }},
	{"check_mode", boolKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.CheckMode }},
	{"diff", boolKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.Diff }},
	{"any_errors_fatal", boolKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.AnyErrorsFatal }},
	{"throttle", intKind, inAll, inherited, false, func(a *plan.Attrs) *value.Value { return &a.Throttle }},
	{"timeout", intKind, inAll | inInclude, inherited, false, func(a *plan.Attrs) *value.Value { return &a.Timeout }},
	{"debugger", textKind, inAll | inInclude, inherited, false, func(a *plan.Attrs) *value.Value { return &a.Debugger }},
	{"delegate_to", textKind, inAll &^ inPlay, inherited, false, func(a *plan.Attrs) *value.Value { return &a.DelegateTo }},
	{"delegate_facts", boolKind, inAll &^ inPlay, inherited, false, func(a *plan.Attrs) *value.Value { return &a.DelegateFacts }},
	{"environment", listKind, inAll, cumulative, false, nil},
	{"module_defaults", listKind, inAll, cumulative, true, nil},
	{"vars", dictKind, inAll | inInclude | inPlaybookImport, cumulative, true, nil},
	{"tags", listKind, inAll | inInclude | inPlaybookImport, cumulative, false, nil},
	{"when", listKind, inAll&^inPlay | inInclude | inPlaybookImport, cumulative, false, nil},
	{"collections", listKind, inAll | inInclude | inMeta, inherited, true, nil},
	{"notify", listKind, inBlock | inTasks, inherited, false, nil},

	// of plays
	{"hosts", listKind, inPlay, own, false, nil},
	{"gather_facts", boolKind, inPlay, own, false, nil},
	{"gather_subset", listKind, inPlay, own, false, nil},
	{"gather_timeout", intKind, inPlay, own, false, nil},
	{"fact_path", textKind, inPlay, own, false, nil},
	{"vars_files", listKind, inPlay, own, false, nil},
	{"vars_prompt", listKind, inPlay, own, false, nil},
	{"roles", listKind, inPlay, own, false, nil},
	{"handlers", listKind, inPlay, own, false, nil},
	{"pre_tasks", listKind, inPlay, own, false, nil},
	{"post_tasks", listKind, inPlay, own, false, nil},
	{"tasks", listKind, inPlay, own, false, nil},
	{"force_handlers", boolKind, inPlay, own, false, nil},
	{"max_fail_percentage", percentKind, inPlay, own, false, nil},
	{"serial", listKind, inPlay, own, false, nil},
	{"strategy", textKind, inPlay, own, false, nil},
	{"order", textKind, inPlay, own, false, nil},

	// of blocks
	{"block", listKind, inBlock, own, false, nil},
	{"rescue", listKind, inBlock, own, false, nil},
	{"always", listKind, inBlock, own, false, nil},

	// of tasks
	{"action", anyKind, inTasks | inInclude, own, false, nil},
	{"local_action", anyKind, inTasks | inInclude, own, false, nil},
	{"args", dictKind, inTasks | inInclude, own, false, nil},
	{"async", intKind, inTasks, own, false, nil},
	{"poll", intKind, inTasks, own, false, nil},
	{"changed_when", listKind, inTasks, own, false, nil},
	{"failed_when", listKind, inTasks, own, false, nil},
	{"until", listKind, inTasks, own, false, nil},
	{"retries", intKind, inTasks, own, false, nil},
	{"delay", floatKind, inTasks, own, false, nil},
	{"loop", anyKind, inTasks | inInclude, own, false, nil},
	{"loop_control", dictKind, inTasks | inInclude, own, true, nil},
	{"register", textKind, inTasks | inInclude, own, true, nil},
	{"listen", listKind, inHandler, own, true, nil},

	// of loop_control
	{"loop_var", textKind, inLoopControl, own, false, nil},
	{"index_var", textKind, inLoopControl, own, false, nil},
	{"label", textKind, inLoopControl, own, false, nil},
	{"pause", floatKind, inLoopControl, own, false, nil},
	{"extended", boolKind, inLoopControl, own, false, nil},
	{"extended_allitems", boolKind, inLoopControl, own, false, nil},
	{"break_when", listKind, inLoopControl, own, false, nil},

	// of import_playbook and of a role's meta
	{"import_playbook", textKind, inPlaybookImport, own, false, nil},
	{"dependencies", listKind, inMeta, own, true, nil},
	{"allow_duplicates", boolKind, inMeta, own, true, nil},
	{"galaxy_info", dictKind, inMeta, own, true, nil},
	{"argument_specs", dictKind, inMeta, own, true, nil},
}

var keywordByName = func() map[string]*keyword {
	m := make(map[string]*keyword, len(keywords))
	for i := range keywords {
		m[keywords[i].name] = &keywords[i]
	}
	return m
}()

// known gives the keyword called name if it may stand in p.
func known(name string, p place) *keyword {
	if k := keywordByName[name]; k != nil && k.in&p != 0 {
		return k
	}
	return nil
}

// title is what messages call a place.
func (p place) title() string {
	switch p {
	case inPlay:
		return "Play"
	case inRole:
		return "RoleInclude"
	case inBlock:
		return "Block"
	case inHandler:
		return "Handler"
	case inLoopControl:
		return "LoopControl"
	case inPlaybookImport:
		return "PlaybookInclude"
	case inMeta:
		return "RoleMetadata"
	}
	return "Task"
}

// Reserved reports whether name is a keyword or a name that templates have of
// their own: a variable called so draws a warning.
func Reserved(name string) bool {
	if k := keywordByName[name]; k != nil && k.in&(inAll) != 0 {
		switch name {
		case "listen", "gather_subset", "vars":
			return false
		}
		return true
	}
	switch name {
	case "loop_with", "with_", "async_val", "lookup", "query", "q", "omit", "namespace", "range", "dict", "lipsum", "cycler", "joiner", "now", "undef":
		return true
	}
	return false
}
