// Package find lists files of directories that meet conditions.
//
// Source: documentation of ansible.builtin.find; results seen on ansible-core
// 2.19 (testdata/cases.yml). Files come in the order the directory has them,
// as in the reference.
package find

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/edit"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/stat"
)

// Module is the find module.
var Module = module.Module{
	Name: "ansible.builtin.find", Doc: "Return a list of files based on specific criteria.",
	Check: true,
	Differs: []string{
		"With contains, 16 MiB of a line are looked at; read_whole_file and utf-16 skip files of 256 MiB and more, and say so.",
		"encoding knows those of Unicode and those of one byte for each character; others are refused. Without one it is utf-8, whatever the locale.",
	},
	Spec: module.Spec{Args: []module.Arg{
		{Name: "paths", Type: module.List, Elements: module.Path, Required: true, Aliases: []string{"name", "path"}, Doc: "Directories to search."},
		{Name: "patterns", Type: module.List, Default: value.NewList(), Aliases: []string{"pattern"}, Doc: "Shell patterns, or regular expressions, of names."},
		{Name: "excludes", Type: module.List, Aliases: []string{"exclude"}, Doc: "The same, of names to leave out."},
		{Name: "contains", Doc: "Regular expression that the content must match."},
		{Name: "read_whole_file", Type: module.Bool, Default: value.False, Doc: "Search contains in the whole file instead of matching each line."},
		{Name: "file_type", Default: value.Str("file"), Choices: []string{"any", "directory", "file", "link"}, Doc: "What to find."},
		{Name: "age", Doc: "At least (with minus: at most) this old: 1w, 3d, 2h …"},
		{Name: "age_stamp", Default: value.Str("mtime"), Choices: []string{"atime", "ctime", "mtime"}, Doc: "Which time age means."},
		{Name: "size", Doc: "At least (with minus: at most) this large: 10k, 1g …"},
		{Name: "recurse", Type: module.Bool, Default: value.False, Doc: "Search directories below."},
		{Name: "hidden", Type: module.Bool, Default: value.False, Doc: "Find names that begin with a dot."},
		{Name: "follow", Type: module.Bool, Default: value.False, Doc: "Follow links to directories."},
		{Name: "get_checksum", Type: module.Bool, Default: value.False, Doc: "Give a checksum of each file."},
		{Name: "checksum_algorithm", Default: value.Str("sha1"), Choices: []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"},
			Aliases: []string{"checksum", "checksum_algo"}, Doc: "Which checksum."},
		{Name: "use_regex", Type: module.Bool, Default: value.False, Doc: "patterns are regular expressions."},
		{Name: "depth", Type: module.Int, Doc: "How deep to search."},
		{Name: "mode", Type: module.Raw, Doc: "Permissions, octal or symbolic."},
		{Name: "exact_mode", Type: module.Bool, Default: value.True, Doc: "mode is the whole mode; otherwise some of its bits."},
		{Name: "encoding", Doc: "Encoding of files when contains is used; utf-8 when left out."},
		{Name: "limit", Type: module.Int, Doc: "Stop after this many."},
	}},
	Run: run,
}

// search is one call.
type search struct {
	*module.Call
	patterns, excludes []func(name string) (bool, error)
	contains           *pyre.Regexp
	codec              edit.Codec
	age                time.Duration
	olderThan          bool
	hasAge, hasSize    bool
	size               int64
	largerThan         bool
	now                time.Time

	found    *value.List
	skipped  *value.Dict
	warned   bool // of a path that was skipped
	examined int64
	// badContains is why no content can be matched: as in the reference, that is found out with the first file of each path.
	badContains error
}

// errLimit ends a walk that has found enough.
var errLimit = errors.New("limit reached")

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	s := &search{Call: c, now: time.Now(), found: value.NewList(), skipped: value.NewDict(0)}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	var err error
	for _, path := range c.Args.Strs("paths") {
		if info, statErr := os.Stat(path); statErr != nil || !info.IsDir() {
			s.skip(path, fmt.Sprintf("'%s' is not a directory", path))
			continue
		}
		err = s.walk(ctx, path, path, map[string]bool{})
		if bad := (*unreadable)(nil); errors.As(err, &bad) { // the rest of the path is not looked at, as there
			s.skip(path, bad.why)
			err = nil
		}
		if err != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, errLimit) {
		return nil, err
	}
	msg := "All paths examined"
	if errors.Is(err, errLimit) {
		msg = "Limit of matches reached"
	}
	if s.warned {
		msg = "Not all paths examined, check warnings for details"
	}
	return &module.Result{Msg: msg, Values: value.DictOf("files", s.found, "changed", value.None, "msg", value.None,
		"matched", value.Int(len(s.found.Items)), "examined", value.Int(s.examined), "skipped_paths", s.skipped)}, nil
}

func (s *search) skip(path, why string) {
	s.skipped.SetStr(path, value.Str(why))
	s.warned = true
	s.Warn(fmt.Sprintf("Skipped '%s' path due to this access issue: %s\n", path, why))
}

func (s *search) prepare() error {
	a := s.Args
	if mode := a.Value("mode"); a.Given("mode") && mode.Type() != "str" {
		return module.Failf("argument 'mode' is not a string and conversion is not allowed, value is of type %s", mode.Type())
	}
	patterns := a.Strs("patterns")
	if len(patterns) == 0 {
		patterns = []string{"*"}
		if a.Bool("use_regex") {
			patterns = []string{".*"}
		}
		s.Shown("patterns", value.Strings(patterns...))
	}
	s.patterns, s.excludes = s.matchers(patterns), s.matchers(a.Strs("excludes"))
	if a.Given("contains") {
		var err error
		if s.contains, err = pyre.Compile(a.Str("contains"), 0); err != nil {
			s.badContains = err
		}
		encoding := "utf-8"
		if a.Given("encoding") {
			encoding = a.Str("encoding")
		}
		if s.codec, err = edit.CodecOf(encoding); err != nil {
			s.badContains = err
		}
	}
	if a.Given("age") {
		n, ok := number(a.Str("age"), ageUnits)
		if !ok {
			return module.Failf("failed to process age").With("age", a.Value("age"))
		}
		s.hasAge, s.olderThan, s.age = true, n >= 0, time.Duration(max(n, -n))*time.Second
	}
	if a.Given("size") {
		n, ok := number(a.Str("size"), sizeUnits)
		if !ok {
			return module.Failf("failed to process size").With("size", a.Value("size"))
		}
		s.hasSize, s.largerThan, s.size = true, n >= 0, max(n, -n)
	}
	return nil
}

// walk looks at what is in dir, then below. above are the real directories on
// the way, against link loops.
func (s *search) walk(ctx context.Context, top, dir string, above map[string]bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := readDir(dir)
	if err != nil { // told there alone, as in the reference
		s.skipped.SetStr(dir, value.Str(kit.PyErrorText(err, dir)))
		return nil
	}
	s.examined += int64(len(entries))
	if d := s.Args.Int("depth"); d > 0 && int64(depth(top, dir)) >= d {
		return nil
	}
	var below []string
	// As Python's walk has it: directories after files are told apart first.
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if isDir(path, e) {
			below = append(below, path)
		}
	}
	for _, files := range []bool{true, false} {
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if isDir(path, e) == files {
				continue
			}
			if err := s.look(ctx, path, e.Name()); err != nil {
				return err
			}
		}
	}
	if !s.Args.Bool("recurse") {
		return nil
	}
	return s.descend(ctx, top, below, above)
}

// readDir gives the entries in the order in which the system has them, as Python's walk does.
func readDir(dir string) ([]fs.DirEntry, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

func (s *search) descend(ctx context.Context, top string, below []string, above map[string]bool) error {
	for _, path := range below {
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		if info.Mode()&fs.ModeSymlink != 0 && !s.Args.Bool("follow") {
			continue
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil || above[real] {
			continue
		}
		above[real] = true
		err = s.walk(ctx, top, path, above)
		delete(above, real)
		if err != nil {
			return err
		}
	}
	return nil
}

func isDir(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func depth(top, dir string) int {
	rel, err := filepath.Rel(top, dir)
	if err != nil || rel == "." {
		return 0
	}
	return strings.Count(rel, "/") + 1
}

// look adds path to what was found if it meets the conditions.
func (s *search) look(ctx context.Context, path, name string) error {
	if strings.HasPrefix(name, ".") && !s.Args.Bool("hidden") {
		return nil
	}
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		s.skip(path, kit.PyErrorText(err, path))
		return nil
	}
	kind := st.Mode & syscall.S_IFMT
	want := s.Args.Str("file_type")
	regular := kind == syscall.S_IFREG
	switch {
	case want == "file" && !regular, want == "directory" && kind != syscall.S_IFDIR, want == "link" && kind != syscall.S_IFLNK:
		return nil
	}
	ok, err := s.meets(ctx, path, name, &st)
	if err != nil || !ok {
		return err
	}
	d := value.DictOf("path", value.Str(path))
	describe(d, &st)
	if regular && s.Args.Bool("get_checksum") {
		sum, err := kit.Sum(path, kit.Hash(s.Args.Str("checksum_algorithm")))
		if err != nil {
			return err
		}
		d.SetStr("checksum", value.Str(sum))
	}
	s.found.Items = append(s.found.Items, d)
	if s.Args.Given("limit") && int64(len(s.found.Items)) >= s.Args.Int("limit") {
		return errLimit
	}
	return nil
}

func (s *search) meets(ctx context.Context, path, name string, st *syscall.Stat_t) (bool, error) {
	if ok, err := anyOf(s.patterns, name); err != nil || !ok {
		return false, err
	}
	if bad, err := anyOf(s.excludes, name); err != nil || bad {
		return false, err
	}
	if s.hasAge {
		old := s.now.Sub(stamp(st, s.Args.Str("age_stamp")))
		if s.olderThan && old < s.age || !s.olderThan && old > s.age {
			return false, nil
		}
	}
	if ok, err := s.modeMeets(st); err != nil || !ok {
		return false, err
	}
	what := s.Args.Str("file_type")
	if what != "file" && what != "any" {
		return true, nil
	}
	if s.hasSize && (s.largerThan && st.Size < s.size || !s.largerThan && st.Size > s.size) {
		return false, nil
	}
	if what == "any" {
		return true, nil
	}
	return s.contentMeets(ctx, path)
}

func anyOf(matchers []func(string) (bool, error), name string) (bool, error) {
	for _, m := range matchers {
		if ok, err := m(name); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

func stamp(st *syscall.Stat_t, which string) time.Time {
	switch which {
	case "atime":
		return time.Unix(st.Atim.Unix())
	case "ctime":
		return time.Unix(st.Ctim.Unix())
	}
	return time.Unix(st.Mtim.Unix())
}

func (s *search) modeMeets(st *syscall.Stat_t) (bool, error) {
	if !s.Args.Given("mode") {
		return true, nil
	}
	have := st.Mode & 0o7777
	want, err := kit.ParseMode(s.Args.Value("mode"), have, st.Mode&syscall.S_IFMT == syscall.S_IFDIR, kit.Umask())
	if err != nil {
		return false, &unreadable{err.Error()}
	}
	if s.Args.Bool("exact_mode") {
		return int64(have) == want, nil
	}
	return int64(have)&want != 0, nil
}

// describe adds what the reference tells of each file, in its order.
func describe(d *value.Dict, st *syscall.Stat_t) {
	all := value.NewDict(40)
	stat.Basics(all, st)
	owner, group := "", ""
	if u, err := account.System.UserByID(int(st.Uid)); err == nil {
		owner = u.Name
	}
	if g, err := account.System.GroupByID(int(st.Gid)); err == nil {
		group = g.Name
	}
	for k, v := range all.All() {
		switch value.Text(k) {
		case "blocks", "block_size", "device_type":
			continue
		case "wusr":
			d.SetStr("gr_name", value.Str(group))
			d.SetStr("pw_name", value.Str(owner))
		}
		d.Set(k, v)
	}
}
