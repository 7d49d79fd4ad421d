package playbook

import (
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
)

// staticScope has the variables known before a run: those of the command line,
// the task's and what is around it, the role's, the play's. No host's.
type staticScope struct {
	l *Loader
	s *site
}

// Lookup finds a variable in the order of precedence.
func (sc staticScope) Lookup(name string) (value.Value, bool, error) {
	for _, d := range sc.dicts() {
		if v, ok := d.GetStr(name); ok {
			return v, true, nil
		}
	}
	if sc.s != nil && sc.s.play != nil {
		if v, ok := sc.l.answers[sc.s.play.ID].GetStr(name); ok {
			return v, true, nil
		}
		for _, p := range sc.s.play.VarsPrompt {
			if p.Name == name && p.Default != nil {
				return p.Default, true, nil
			} else if p.Name == name {
				return value.None, true, nil
			}
		}
	}
	if v, ok := sc.magic(name); ok || sc.l.opts.Globals == nil {
		return v, ok, nil
	}
	return sc.l.opts.Globals(name)
}

func (sc staticScope) dicts() []*value.Dict {
	dicts := []*value.Dict{sc.l.opts.ExtraVars}
	if sc.s == nil {
		return dicts
	}
	if r := sc.s.role; r != nil {
		dicts = append(dicts, r.Params)
	}
	dicts = append(dicts, sc.s.attrs.Vars...)
	if r := sc.s.role; r != nil {
		dicts = append(dicts, r.Vars)
		for _, p := range r.Parents {
			dicts = append(dicts, p.Params, p.Vars)
		}
		dicts = append(dicts, r.UseVars)
	}
	if p := sc.s.play; p != nil {
		for _, r := range sc.publicRoles() {
			dicts = append(dicts, r.Vars)
		}
		// A later file of vars_files goes before an earlier one.
		for _, d := range slices.Backward(sc.l.fileVars[p.ID]) {
			dicts = append(dicts, d)
		}
		dicts = append(dicts, p.PlayVars)
	}
	if r := sc.s.role; r != nil {
		dicts = append(dicts, r.Defaults)
	}
	for _, r := range sc.publicRoles() {
		dicts = append(dicts, r.Defaults)
	}
	return dicts
}

// publicRoles are the play's roles as far as they are loaded, with those they
// depend on, the last first: all that is in the play sees their variables.
func (sc staticScope) publicRoles() []*plan.Role {
	if sc.s == nil || sc.s.play == nil {
		return nil
	}
	var out []*plan.Role
	var add func(roles []*plan.Role)
	add = func(roles []*plan.Role) {
		for _, r := range slices.Backward(roles) {
			out = append(out, r)
			add(r.Dependencies)
		}
	}
	for _, r := range slices.Backward(sc.s.play.Roles) {
		if r.Public {
			add([]*plan.Role{r})
		}
	}
	return out
}

func (sc staticScope) magic(name string) (value.Value, bool) {
	switch name {
	case "playbook_dir":
		return value.Str(sc.l.base(sc.s)), true
	case "role_path":
		if sc.s != nil && sc.s.role != nil {
			return value.Str(sc.s.role.Path), true
		}
	case "role_name", "ansible_role_name":
		if sc.s != nil && sc.s.role != nil {
			return value.Str(sc.s.role.Name), true
		}
	}
	return nil, false
}

// static evaluates a template that the loader itself needs.
func (l *Loader) static(v value.Value, s *site) (value.Value, error) {
	if b, ok := v.(*load.Broken); ok {
		return nil, evalError(b.Err, b.Pos)
	}
	t, ok := v.(*expr.Template)
	if !ok {
		return value.Force(v)
	}
	ctx := expr.NewCtx(nil, l.opts.Env, staticScope{l, s})
	out, err := expr.Bind(ctx, v)
	if err == nil {
		out, err = expr.Finalize(out)
	}
	if err == nil {
		out, err = value.Deep(out)
	}
	if err != nil {
		return nil, evalError(err, t.Pos())
	}
	return out, nil
}

// staticText is static for names of files and roles.
func (l *Loader) staticText(v value.Value, s *site) (string, error) {
	out, err := l.static(v, s)
	if err != nil {
		return "", err
	}
	return value.Text(out), nil
}

// evalError places an evaluation's error where the template stands, as the
// reference does; the exact place is the cause's.
func evalError(err error, pos source.Pos) error {
	return &source.Error{Pos: pos, Msg: err.Error(), Err: &plain{err}}
}

// taskSite is the place of an include that a run has come to. play may be nil where only files are looked for.
func (l *Loader) taskSite(t *plan.Task, play *plan.Play) site {
	s := site{play: play, role: t.Role, parent: t.Parent, handlers: t.Handler, dynamic: true, attrs: t.Attrs}
	if play != nil {
		s.collection = play.Collection
	}
	if t.Parent != nil {
		s.attrs = t.Parent.Attrs
		s.notify = t.Parent.Notify
	}
	return s
}
