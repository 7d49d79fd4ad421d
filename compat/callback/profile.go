package callback

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "profile_tasks", Collection: "ansible.posix",
		Settings: []config.Setting{
			{Name: "sort_order", Env: []string{"PROFILE_TASKS_SORT_ORDER"}, Ini: []string{"callback_profile_tasks.sort_order"}, Default: "descending"},
			{Name: "output_limit", Env: []string{"PROFILE_TASKS_TASK_OUTPUT_LIMIT"}, Ini: []string{"callback_profile_tasks.task_output_limit"}, Default: "20"},
			{Name: "summary_only", Env: []string{"PROFILE_TASKS_SUMMARY_ONLY"}, Ini: []string{"callback_profile_tasks.summary_only"}, Kind: config.Bool, Default: "False"},
			{Name: "datetime_format", Env: []string{"PROFILE_TASKS_DATETIME_FORMAT"}, Ini: []string{"callback_profile_tasks.datetime_format"},
				Default: profileTime},
		}, New: newProfileTasks})
	add(Spec{Name: "profile_roles", Collection: "ansible.posix",
		Settings: []config.Setting{
			{Name: "summary_only", Env: []string{"PROFILE_ROLES_SUMMARY_ONLY"}, Ini: []string{"callback_profile_roles.summary_only"}, Kind: config.Bool, Default: "False"},
		}, New: newProfileRoles})
}

// profileTime is how times are written where nothing else is asked for.
const profileTime = "%A %d %B %Y  %H:%M:%S %z"

// profile sums up the time between the starts of tasks, by task or by role.
type profile struct {
	Base
	title   string
	quiet   bool // only the summary
	roles   bool
	order   string // "descending", "ascending", "none"
	most    int    // lines of the summary, -1 for all
	total   bool
	format  string // of times, as strftime has it
	began   time.Time
	last    time.Time
	current *spent
	all     []*spent
}

// spent is the time of one task or role.
type spent struct {
	key, name string
	took      time.Duration
}

func newProfileTasks(e *Env) (event.Listener, error) {
	p := &profile{Base: e.Base, title: "TASKS RECAP", most: -1, began: e.Now(), last: e.Now()}
	limit, err := e.Text("output_limit")
	if err == nil && limit != "all" {
		if p.most, err = strconv.Atoi(limit); err != nil {
			err = fmt.Errorf("task_output_limit is a number or all, not %q", limit)
		}
	}
	if err != nil {
		return nil, err
	}
	if p.order, err = e.Text("sort_order"); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"descending", "ascending", "none"}, p.order) {
		return nil, fmt.Errorf("sort_order is descending, ascending or none, not %q", p.order)
	}
	if p.format, err = e.Text("datetime_format"); err != nil {
		return nil, err
	}
	if p.format == "iso8601" {
		p.format = "%Y-%m-%dT%H:%M:%S.%f"
	}
	only, err := e.Text("summary_only")
	p.quiet = config.IsTrue(only)
	return p, err
}

func newProfileRoles(e *Env) (event.Listener, error) {
	only, err := e.Text("summary_only")
	return &profile{Base: e.Base, title: "ROLES RECAP", roles: true, total: true, order: "descending", most: -1,
		quiet: config.IsTrue(only), began: e.Now(), last: e.Now()}, err
}

// Hear takes the time.
func (p *profile) Hear(e event.Event) {
	switch e := e.(type) {
	case event.TaskStart:
		line := p.lap()
		if !p.quiet {
			p.Print(line, Plain)
		}
		p.start(e.Task)
	case event.Stats:
		line := p.lap()
		p.Banner(p.title)
		p.Print(line, Plain)
		p.Print(filled("", "="), Plain)
		p.summary()
	}
}

func (p *profile) start(t *event.Task) {
	s := &spent{key: strconv.Itoa(t.ID), name: strings.TrimSpace(t.Title())}
	if p.roles {
		s.name = t.Action
		if t.Role != "" {
			s.name = t.Role
		}
		s.key = s.name
	}
	i := slices.IndexFunc(p.all, func(o *spent) bool { return o.key == s.key })
	if i < 0 {
		p.all = append(p.all, s)
		i = len(p.all) - 1
	}
	p.current = p.all[i]
}

// lap ends what is under way and gives the line that says when that was.
func (p *profile) lap() string {
	now := p.Now()
	since := now.Sub(p.last)
	if p.current != nil {
		p.current.took += since
	}
	p.last = now
	return filled(fmt.Sprintf("%s (%s)%s%s", value.Strftime(now, cmp.Or(p.format, profileTime), true), span(since), "       ", span(now.Sub(p.began))), "*")
}

// span is a duration as hours, minutes, seconds and thousandths.
func span(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}

// filled puts c behind text, to the width of a line.
func filled(text, c string) string {
	n := 79
	if text != "" {
		text += " "
		n = max(3, 79-len(text))
	}
	return text + strings.Repeat(c, n) + " "
}

func (p *profile) summary() {
	var sum time.Duration
	for _, s := range p.all {
		sum += s.took
	}
	if p.order != "none" {
		slices.SortStableFunc(p.all, func(a, b *spent) int {
			if p.order == "ascending" {
				a, b = b, a
			}
			return cmp.Compare(b.took, a.took)
		})
	}
	shown := p.all
	if p.most >= 0 && len(shown) > p.most {
		shown = shown[:p.most]
	}
	for _, s := range shown {
		p.Print(dotted(s.name, s.took), Plain)
	}
	if p.total {
		p.Print(filled("", "~"), Plain)
		p.Print(dotted("total", sum), Plain)
	}
}

// dotted is a line of the summary: name and seconds at its two ends.
func dotted(name string, took time.Duration) string {
	seconds := fmt.Sprintf(" %.2fs", took.Seconds())
	name += " "
	return name + strings.Repeat("-", max(0, 70-width(name))) + strings.Repeat("-", max(0, 9-len(seconds))) + seconds
}
