// Package factcache keeps facts from one run to the next, in files that the
// reference reads and writes too: one for each host, JSON or YAML, named
// PREFIXs1_HOST.
//
// What a file holds is one text, __payload__, in which the facts stand as JSON.
// The reference marks values there with where they were written; such marks are
// read over and never written: a text from a cache is data, whoever marked it
// as fit for a template.
//
// Source: documentation of the cache plugins jsonfile and community.general.yaml;
// names and content as ansible-core 2.19 writes them.
package factcache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/file"
)

// Options say where a cache is.
type Options struct {
	Dir, Prefix string
	Timeout     time.Duration // older files count for nothing; zero: none is too old
}

// Cache is a directory of files. Safe for concurrent use by different hosts.
type Cache struct {
	Options
	codec codec
}

type codec struct {
	name   string
	encode func(value.Value) (string, error)
	decode func(string) (value.Value, error)
}

var codecs = map[string]codec{
	"jsonfile": {"jsonfile", value.Compact.Text, value.ParseJSON},
	"yaml":     {"community.general.yaml", asYAML, fromYAML},
}

func asYAML(v value.Value) (string, error) {
	return yaml.Dump(v, yaml.DumpOptions{Flow: yaml.Block})
}

func fromYAML(text string) (value.Value, error) {
	doc, err := yaml.Parse([]byte(text), "")
	if err != nil {
		return nil, err
	}
	return doc.Root.Decode(nil)
}

// ErrUnknown is for a cache that nobody has.
var ErrUnknown = errors.New("no such cache")

// short is a cache's name without its collection.
func short(name string) string {
	for _, prefix := range []string{"ansible.builtin.", "ansible.legacy.", "community.general."} {
		name = strings.TrimPrefix(name, prefix)
	}
	return name
}

// Known reports whether Open knows the cache called name.
func Known(name string) bool {
	_, ok := codecs[short(name)]
	return ok || short(name) == "memory"
}

// Open makes the cache called name ready; nil for memory, which keeps nothing.
// The error is ErrUnknown for a name that means nothing; another says that
// the cache cannot be used.
func Open(name string, o Options) (*Cache, error) {
	if short(name) == "memory" {
		return nil, nil
	}
	c, ok := codecs[short(name)]
	if !ok {
		return nil, ErrUnknown
	}
	if o.Dir == "" {
		return nil, &NoPlace{fmt.Sprintf("Required config '_uri' for '%s' cache plugin not provided.", short(name))}
	}
	if _, err := os.Stat(o.Dir); err != nil {
		if err := os.MkdirAll(o.Dir, 0o777); err != nil {
			return nil, &NoPlace{fmt.Sprintf("Error in '%s' cache plugin while trying to create cache dir %s: %s", short(name), value.QuoteRepr(o.Dir), osError(err, o.Dir))}
		}
	} else if unix.Access(o.Dir, unix.R_OK|unix.W_OK|unix.X_OK) != nil {
		return nil, &NoPlace{fmt.Sprintf("error in '%s' cache, configured path (%s) does not have necessary permissions (rwx), disabling plugin", short(name), o.Dir)}
	}
	return &Cache{o, c}, nil
}

// NoPlace is a cache that has nowhere to be, in the reference's words. It does without.
type NoPlace struct{ Text string }

func (n *NoPlace) Error() string { return n.Text }

// osError is why dir could not be made, as Python tells it.
func osError(err error, dir string) string {
	var on *fs.PathError
	var no syscall.Errno
	if !errors.As(err, &on) || !errors.As(err, &no) {
		return err.Error()
	}
	path := on.Path
	if below, ok := strings.CutPrefix(dir, path+"/"); ok && no == syscall.ENOTDIR { // Python names what it would have made
		next, _, _ := strings.Cut(below, "/")
		path += "/" + next
	}
	return fmt.Sprintf("[Errno %d] %s: %s", int(no), file.Strerror(no), value.QuoteRepr(path))
}

// Corrupt is a file that holds no facts; it was removed.
type Corrupt struct {
	Plugin, Path string
	Err          error
}

func (c *Corrupt) Error() string {
	return fmt.Sprintf("The cache file %s was corrupt, or did not otherwise contain valid data. It has been removed, so you can re-run your command now.", c.Path)
}

func (c *Corrupt) Unwrap() error { return c.Err }

// Warning is what is told before.
func (c *Corrupt) Warning() string {
	return fmt.Sprintf("error in '%s' cache plugin while trying to read %s : b%s. Most likely a corrupt file, so erasing and failing.",
		c.Plugin, c.Path, value.QuoteRepr(c.Err.Error()))
}

func (c *Cache) path(host string) (string, error) {
	name := c.Prefix + "s1_" + host
	if strings.ContainsAny(name, "/\x00") {
		return "", fmt.Errorf("the fact cache has no file for the host %q: it cannot be a file's name", host)
	}
	return filepath.Join(c.Dir, name), nil
}

// Get gives a host's facts, nil if there are none.
func (c *Cache) Get(host string) (*value.Dict, error) {
	path, err := c.path(host)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if c.Timeout > 0 && time.Since(info.ModTime()) > c.Timeout {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	facts, err := c.read(string(text))
	if err != nil {
		return nil, &Corrupt{Plugin: c.codec.name, Path: path, Err: errors.Join(err, os.Remove(path))}
	}
	return facts, nil
}

func (c *Cache) read(text string) (*value.Dict, error) {
	v, err := c.codec.decode(text)
	if err != nil {
		return nil, err
	}
	outer, ok := v.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("a dict is expected, not %s", v.Type())
	}
	payload, _ := outer.GetStr("__payload__")
	inner, ok := payload.(value.Str)
	if !ok {
		return nil, errors.New("it has no __payload__")
	}
	if v, err = value.ParseJSON(string(inner)); err != nil {
		return nil, err
	}
	facts, ok := plain(v).(*value.Dict)
	if !ok {
		return nil, errors.New("its __payload__ is no dict")
	}
	return facts, nil
}

// plain takes the marks off values.
func plain(v value.Value) value.Value {
	switch c := v.(type) {
	case *value.List:
		for i, item := range c.Items {
			c.Items[i] = plain(item)
		}
	case *value.Dict:
		if _, marked := c.GetStr("__ansible_type"); marked {
			for _, key := range []string{"value", "iso8601"} {
				if inner, ok := c.GetStr(key); ok {
					return plain(inner)
				}
			}
		}
		return c.MapValues(plain)
	}
	return v
}

// Put keeps a host's facts.
func (c *Cache) Put(host string, facts *value.Dict) error {
	path, err := c.path(host)
	if err != nil {
		return err
	}
	inner, err := value.Compact.Text(facts)
	if err != nil {
		return fmt.Errorf("facts of %s for the cache: %w", host, err)
	}
	text, err := c.codec.encode(value.DictOf("__payload__", value.Str(inner)))
	if err != nil {
		return fmt.Errorf("facts of %s for the cache: %w", host, err)
	}
	return replace(path, text)
}

// replace writes a file in one step.
func replace(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".facts-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Delete forgets a host's facts.
func (c *Cache) Delete(host string) error {
	path, err := c.path(host)
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
