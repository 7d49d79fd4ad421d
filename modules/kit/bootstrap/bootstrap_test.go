package bootstrap

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/churten/churten/modules/kit/wire"
)

// fakeAgent is a program that says hello as an agent does, and then what it
// was called as and what it finds on stdin, up to a line "end".
func fakeAgent(t *testing.T, pad int) []byte {
	t.Helper()
	var hello bytes.Buffer
	if err := wire.WriteHello(&hello, &wire.Hello{Protocol: wire.Protocol, User: "fake"}); err != nil {
		t.Fatal(err)
	}
	var oct strings.Builder
	for _, c := range hello.Bytes() {
		fmt.Fprintf(&oct, `\%03o`, c)
	}
	return fmt.Appendf(nil, "#!/bin/sh\nprintf '%s'\nprintf '%%s\\n' \"$0 $*\" \"$(umask)\"\nenv | grep ^c_\nwhile read -r l; do [ \"$l\" = end ] && exit 0; printf 'in:%%s\\n' \"$l\"; done\n#%s\n", oct.String(), strings.Repeat("x", pad))
}

// run runs line by shell in home, sends early before anything else, follows
// the handshake, and gives what the agent said.
func run(t *testing.T, shell []string, home, line, nonce, early string, agent []byte, env ...string) (said string, need *Need, err error) {
	t.Helper()
	cmd := exec.Command(shell[0], append(shell[1:], line)...)
	cmd.Dir = home
	cmd.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}, env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	io.WriteString(in, early)
	r := bufio.NewReader(out)
	_, installed, err := Handshake(r, in, nonce, func(n Need) (Image, error) {
		need = &n
		if slices.Contains(n.Packings, XZ) {
			pack := exec.Command("xz", "--x86", "--lzma2=preset=0", "-c")
			pack.Stdin = bytes.NewReader(agent)
			xz, err := pack.Output()
			return Image{Content: bytes.NewReader(xz), Packing: XZ, Size: int64(len(xz)), FileSize: int64(len(agent))}, err
		}
		if !slices.Contains(n.Packings, Gzip) {
			return Image{Content: bytes.NewReader(agent), Size: int64(len(agent)), FileSize: int64(len(agent))}, nil
		}
		var gz bytes.Buffer
		w := gzip.NewWriter(&gz)
		w.Write(agent)
		w.Close()
		return Image{Content: &gz, Packing: Gzip, Size: int64(gz.Len()), FileSize: int64(len(agent))}, nil
	})
	if err != nil {
		return stderr.String(), need, err
	}
	if installed != (need != nil) {
		t.Errorf("installed %v, need %+v", installed, need)
	}
	io.WriteString(in, "after\nend\n")
	b, err := io.ReadAll(r)
	return string(b), need, err
}

func opts(dirs ...string) Options {
	return Options{Build: "b1", Dirs: dirs, Nonce: "N0NCE", Args: []string{"word"}}
}

const home = "~/.cache/churten"

// loginShells are the kinds of shells that users have; those present are tried.
func loginShells() [][]string {
	var out [][]string
	for _, s := range [][]string{{"sh"}, {"dash"}, {"bash"}, {"zsh"}, {"mksh"}, {"csh"}, {"tcsh"}, {"fish"}, {"busybox", "sh"}} {
		if _, err := exec.LookPath(s[0]); err == nil {
			out = append(out, append(s, "-c"))
		}
	}
	return out
}

func TestLoginShells(t *testing.T) {
	agent := fakeAgent(t, 300_000)
	for _, shell := range loginShells() {
		dir := t.TempDir()
		early := "early\x00\xff bytes 'and' lines\n\\n N0NC\nmore"
		said, need, err := run(t, shell, dir, Line(opts(home)), "N0NCE", early, agent)
		file := filepath.Join(dir, ".cache/churten/agent-b1-"+machine(t))
		if want := file + " __agent word\n" + umask(t) + "\nin:after\n"; err != nil || said != want || need == nil || need.Dir != filepath.Join(dir, ".cache/churten") {
			t.Errorf("%v: %q, %+v, %v", shell, said, need, err)
		}
		said, need, err = run(t, shell, dir, Line(opts(home)), "N0NCE", "early line\n", agent)
		if want := file + " __agent word\n" + umask(t) + "\nin:early line\nin:after\n"; err != nil || said != want || need != nil {
			t.Errorf("%v, cached: %q, %+v, %v", shell, said, need, err)
		}
	}
}

// The script runs under every sh there is.
func TestPOSIXShells(t *testing.T) {
	agent := fakeAgent(t, 10)
	for _, sh := range [][]string{{"dash", "-c"}, {"bash", "--posix", "-c"}, {"mksh", "-c"}, {"busybox", "sh", "-c"}, {"zsh", "--emulate", "sh", "-c"}} {
		if _, err := exec.LookPath(sh[0]); err != nil {
			continue
		}
		dir := t.TempDir()
		for _, fresh := range []bool{true, false} {
			said, need, err := run(t, sh, dir, Script(opts(home)), "N0NCE", "", agent)
			if err != nil || !strings.HasSuffix(said, "in:after\n") || (need != nil) != fresh {
				t.Errorf("%v: %q, %+v, %v", sh, said, need, err)
			}
		}
	}
}

// tools makes a PATH with only the named programs.
func tools(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		path, err := exec.LookPath(n)
		if err != nil {
			t.Skip("needs", n)
		}
		if err := os.Symlink(path, filepath.Join(dir, n)); err != nil {
			t.Fatal(err)
		}
	}
	return "PATH=" + dir
}

func TestFewTools(t *testing.T) {
	agent := fakeAgent(t, 10)
	base := []string{"sh", "id", "uname", "ls", "mkdir", "chmod", "mv", "rm", "wc", "tr", "env", "grep"}
	for _, c := range []struct {
		more     []string
		packings []Packing
	}{
		{[]string{"gzip", "head"}, []Packing{Gzip, Raw}}, {[]string{"head"}, []Packing{Raw}}, {[]string{"dd"}, []Packing{Raw}},
		{[]string{"gzip", "dd"}, []Packing{Gzip, Raw}}, {[]string{"gzip", "xz", "head"}, []Packing{XZ, Gzip, Raw}}, {[]string{"xz", "dd"}, []Packing{XZ, Raw}},
	} {
		said, need, err := run(t, []string{"/bin/sh", "-c"}, t.TempDir(), Line(opts(home)), "N0NCE", "x\ny", agent, tools(t, append(c.more, base...)...))
		if err != nil || need == nil || !slices.Equal(need.Packings, c.packings) || !strings.HasSuffix(said, "in:after\n") {
			t.Errorf("%v: %q %+v %v", c.more, said, need, err)
		}
	}
}

func TestBusybox(t *testing.T) {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("needs busybox")
	}
	dir := t.TempDir()
	if out, err := exec.Command(busybox, "--install", "-s", dir).CombinedOutput(); err != nil {
		t.Skipf("%s", out)
	}
	agent := fakeAgent(t, 300_000)
	base := t.TempDir()
	for _, fresh := range []bool{true, false} {
		said, need, err := run(t, []string{busybox, "sh", "-c"}, base, Script(opts(home)), "N0NCE", "early\n", agent, "PATH="+dir)
		if err != nil || (need != nil) != fresh || !strings.HasSuffix(said, "in:after\n") {
			t.Errorf("%q %+v %v", said, need, err)
		}
	}
}

// What others could have put there, or could change, is not run.
func TestForeignFiles(t *testing.T) {
	agent := fakeAgent(t, 10)
	evil := []byte("#!/bin/sh\necho evil\n")
	for name, spoil := range map[string]func(dir, file string){
		"writable by the group": func(_, file string) { os.Chmod(file, 0o720) },
		"writable by all":       func(_, file string) { os.Chmod(file, 0o702) },
		"directory writable":    func(dir, _ string) { os.Chmod(dir, 0o770) },
		"not executable":        func(_, file string) { os.Chmod(file, 0o600) },
		"a symbolic link": func(dir, file string) {
			os.Rename(file, filepath.Join(dir, "elsewhere"))
			os.Symlink("elsewhere", file)
		},
		"directory a symbolic link": func(dir, _ string) {
			os.Rename(dir, dir+"2")
			os.Symlink("churten2", dir)
		},
		"file of another user": func(_, file string) {
			if os.Getuid() != 0 {
				os.Remove(file)
				return
			}
			os.Chown(file, 4711, 4711)
		},
	} {
		base := t.TempDir()
		dir := filepath.Join(base, ".cache/churten")
		file := filepath.Join(dir, "agent-b1-"+machine(t))
		os.MkdirAll(dir, 0o700)
		os.WriteFile(file, evil, 0o700)
		spoil(dir, file)
		said, need, err := run(t, []string{"sh", "-c"}, base, Line(opts(home, "~/second")), "N0NCE", "", agent)
		if err != nil || need == nil || strings.Contains(said, "evil") {
			t.Errorf("%s: %q %+v %v", name, said, need, err)
		}
	}
}

func TestSharedDirectory(t *testing.T) {
	agent := fakeAgent(t, 10)
	shared := t.TempDir()
	os.Chmod(shared, 0o1777)
	own := filepath.Join(shared, fmt.Sprintf("churten-%d", os.Getuid()))
	for round := range 2 {
		said, need, err := run(t, []string{"sh", "-c"}, "/", Line(opts("~/none/\x01", shared+"/@")), "N0NCE", "", agent, "HOME=/proc")
		if err != nil || !strings.HasPrefix(said, own+"/agent-b1-") || (need != nil) != (round == 0) {
			t.Errorf("round %d: %q %+v %v", round, said, need, err)
		}
	}
	info, err := os.Stat(own)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
	// Someone else was faster with the name.
	os.RemoveAll(own)
	os.Symlink(t.TempDir(), own)
	if _, _, err := run(t, []string{"sh", "-c"}, "/", Line(opts(shared+"/@")), "N0NCE", "", agent); !errors.Is(err, ErrNoDir) {
		t.Error(err)
	}
}

func TestNoDirectory(t *testing.T) {
	agent := fakeAgent(t, 10)
	if _, _, err := run(t, []string{"sh", "-c"}, "/", Line(opts("/proc/x", "/dev/null/y")), "N0NCE", "", agent); !errors.Is(err, ErrNoDir) {
		t.Error(err)
	}
	if os.Getuid() != 0 {
		t.Skip("the rest needs root, to mount")
	}
	dir := t.TempDir()
	mount := func(options string) string {
		return "mount --make-rprivate / && mount -t tmpfs -o " + options + " none " + dir + " && " + Line(opts(dir+"/sub", "~/other"))
	}
	second := t.TempDir()
	if out, err := exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount: %s", out)
	}
	unshare := []string{"unshare", "-m", "sh", "-c"}
	for _, o := range []string{"noexec", "ro"} {
		_, need, err := run(t, unshare, second, mount(o), "N0NCE", "", agent)
		if err != nil || need == nil || need.Dir != second+"/other" {
			t.Errorf("%s: %+v %v", o, need, err)
		}
		os.RemoveAll(second + "/other")
	}
	_, _, err := run(t, unshare, second, mount("size=8k"), "N0NCE", "", fakeAgent(t, 1<<20))
	var install *InstallError
	if !errors.As(err, &install) || install.Dir != dir+"/sub" || !strings.Contains(install.Msg, "No space left on device") {
		t.Error(err)
	}
}

// A link that is cut while the agent is sent leaves nothing behind, and above
// all no half agent under the real name.
func TestCutUpload(t *testing.T) {
	agent := fakeAgent(t, 500_000)
	base := t.TempDir()
	cmd := exec.Command("sh", "-c", Line(opts(home)))
	cmd.Env = []string{"HOME=" + base, "PATH=" + os.Getenv("PATH")}
	cmd.Stdin = strings.NewReader(fmt.Sprintf("\nN0NCE raw %d %d\n%s", len(agent), len(agent), agent[:len(agent)/2]))
	out, _ := cmd.CombinedOutput()
	if !strings.Contains(string(out), "churten-fail\x02"+base) {
		t.Errorf("%q", out)
	}
	entries, err := os.ReadDir(filepath.Join(base, ".cache/churten"))
	if err != nil || len(entries) > 0 {
		t.Error(entries, err)
	}
}

func TestDirWords(t *testing.T) {
	base := t.TempDir()
	for _, dir := range []string{base + "/plain", base + "/with 'quotes' and \"more\"", base + "/a!b;c&d`e\\f", base + "/ümlaut", "~/in home", "$HOME/by name"} {
		cmd := exec.Command("/bin/sh", "-c", "printf %s "+dirWord(dir))
		cmd.Env = []string{"HOME=" + base, "PATH=" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		want := strings.NewReplacer("~", base, "$HOME", base).Replace(dir)
		if err != nil || string(out) != want {
			t.Errorf("%s: %s %q %v", dir, dirWord(dir), out, err)
		}
	}
	if w := Line(opts(base + "/it's! a \\\\ test\nline")); strings.Count(w, "'") != 2 || strings.ContainsAny(w, "!\n") || strings.Contains(w, `\\`) {
		t.Error(w)
	}
	if w := Line(opts(DefaultDirs("~/.ansible/tmp")...)); strings.Count(w, "'") != 2 || strings.ContainsAny(w, "!\n") || strings.Contains(w, `\\`) {
		t.Error(w)
	}
}

func TestNoise(t *testing.T) {
	var hello bytes.Buffer
	wire.WriteHello(&hello, &wire.Hello{Protocol: wire.Protocol, User: "u"})
	h, _, err := Handshake(bufio.NewReader(strings.NewReader("Welcome!\r\n\x01churten-\x1b[0m\x01churten-agen\x02"+hello.String())), nil, "", nil)
	if err != nil || h.User != "u" {
		t.Error(h, err)
	}
	var noise *NoiseError
	_, _, err = Handshake(bufio.NewReader(strings.NewReader("This account is currently not available.\r\n")), nil, "", nil)
	if !errors.As(err, &noise) || noise.Output != "This account is currently not available." || noise.Err != io.EOF {
		t.Error(err)
	}
	_, _, err = Handshake(bufio.NewReader(io.MultiReader(strings.NewReader(strings.Repeat("y\n", 2<<20)), forever{})), nil, "", nil)
	if !errors.As(err, &noise) || len(noise.Output) > 2*keepNoise {
		t.Error(err)
	}
}

type forever struct{}

func (forever) Read(p []byte) (int, error) { return len(p), nil }

func TestPlatform(t *testing.T) {
	for in, want := range map[[2]string]string{{"Linux", "x86_64"}: "linux/amd64", {"Linux", "aarch64"}: "linux/arm64", {"FreeBSD", "amd64"}: "freebsd/amd64"} {
		if o, a, ok := (Need{OS: in[0], Machine: in[1]}).Platform(); !ok || o+"/"+a != want {
			t.Errorf("%+v: %s/%s %v", in, o, a, ok)
		}
	}
	if _, _, ok := (Need{OS: "SunOS", Machine: "sun4v"}).Platform(); ok {
		t.Error("sun4v has a platform")
	}
}

func FuzzHandshake(f *testing.F) {
	f.Add([]byte("x\x01churten-need\x02Linux|x86_64|gzip|/d\n\x01churten-fail\x02/d|full\n"))
	f.Add([]byte("\x01churten-agent\x02\x00\x00\x00\x09\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		Handshake(bufio.NewReader(bytes.NewReader(b)), io.Discard, "n", func(Need) (Image, error) {
			return Image{Content: strings.NewReader("agent"), Size: 5, FileSize: 5}, nil
		})
	})
}

func machine(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("uname", "-m").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func umask(t *testing.T) string {
	t.Helper()
	old := syscall.Umask(0)
	syscall.Umask(old)
	return fmt.Sprintf("%04o", old)
}
