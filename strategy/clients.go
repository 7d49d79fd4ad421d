package strategy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy/connection"
)

// client fills in the way to a host through another program's client.
func (s *setting) client(a *Address, c *connection.Client, task *plan.Task, d *Connection) {
	if s.err != nil {
		return
	}
	if c.Refused != "" {
		s.err = errors.New(c.Refused)
		return
	}
	a.Kind = c.Names[0]
	v := connection.Values{}
	for i := range c.Options {
		text, err := s.option(&c.Options[i], a.Host, task, d)
		if err != nil {
			s.err = err
			return
		}
		v[c.Options[i].Name] = text
	}
	a.User = v["remote_user"]
	a.RemoteTmp = s.text(nil, d.RemoteTmp, "ansible_remote_tmp")
	a.TimeoutSeconds = s.number(nil, d.Timeout, "ansible_timeout")
	if text := v["timeout"]; text != "" && s.err == nil {
		if a.TimeoutSeconds, s.err = strconv.Atoi(text); s.err != nil {
			s.err = fmt.Errorf("the time-out of %s is no number of seconds: %s", a.Kind, text)
		}
	}
	if s.err == nil {
		a.Program, s.err = c.Program(v)
	}
}

// option gives the value of one option: of variables the last that is set,
// then the task's keyword, the command line, environment and ansible.cfg.
func (s *setting) option(o *connection.Option, host string, task *plan.Task, d *Connection) (string, error) {
	names := slices.Clone(o.Vars)
	slices.Reverse(names)
	var keyword value.Value
	text := o.Default
	if d.Own != nil {
		own, ok, err := d.Own(o)
		if err != nil {
			return "", err
		}
		if ok {
			text = own
		}
	}
	switch o.Keyword {
	case connection.RemoteUser:
		keyword = task.RemoteUser
		if d.User != "" {
			text = d.User
		}
	case connection.Timeout:
		if text == "" {
			text = strconv.Itoa(d.Timeout)
		}
	}
	if slices.Contains(o.Vars, "inventory_hostname") {
		names = slices.DeleteFunc(names, func(n string) bool { return n == "inventory_hostname" })
		text = host
	}
	v := s.find(keyword, names)
	if s.err != nil {
		return "", s.err
	}
	if v == nil {
		v = value.Str(text)
	}
	if v == value.Value(value.Str("")) {
		return "", nil
	}
	switch o.Type {
	case connection.Flag:
		b, ok := module.ToBool(v)
		if !ok {
			return "", fmt.Errorf("%s: '%s' is not a valid boolean", o.Name, value.Text(v))
		}
		return strconv.FormatBool(b), nil
	case connection.Settings:
		return entries(o.Name, v)
	case connection.List:
		return items(v), nil
	case connection.Number:
		n, err := module.ToInt(v)
		if err != nil {
			return "", fmt.Errorf("%s: %w", o.Name, err)
		}
		return strconv.FormatInt(n, 10), nil
	}
	text = value.Text(v)
	if len(o.Choices) > 0 && !slices.Contains(o.Choices, text) {
		return "", fmt.Errorf("%s: '%s' is none of %s", o.Name, text, strings.Join(o.Choices, ", "))
	}
	if o.Secret && text != "" {
		d.secret(text)
	}
	return text, nil
}

// items gives a list, which may be written with commas.
func items(v value.Value) string {
	var all []string
	switch v := v.(type) {
	case *value.List:
		for _, item := range v.Items {
			all = append(all, value.Text(item))
		}
	default:
		for item := range strings.SplitSeq(value.Text(v), ",") {
			all = append(all, strings.TrimSpace(item))
		}
	}
	return connection.JoinList(all)
}

// entries gives a dictionary of texts as NAME=value.
func entries(option string, v value.Value) (string, error) {
	d, ok := v.(*value.Dict)
	if !ok {
		return "", fmt.Errorf("%s: a dictionary is wanted, not %s", option, value.Repr(v))
	}
	var all []string
	for name, item := range d.All() {
		text, ok := value.AsText(item)
		if !ok {
			return "", fmt.Errorf("Non-string value found for %s option. Ambiguous env options must be wrapped in quotes to avoid them being interpreted. Value: %s", option, value.Text(item))
		}
		all = append(all, value.Text(name)+"="+text)
	}
	return connection.JoinSettings(all), nil
}
