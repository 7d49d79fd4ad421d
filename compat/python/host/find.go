package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Find gives the interpreter that runs the user's ansible: the one that was
// named, else that of the ansible-playbook on PATH, else python3. self is this
// program, which may stand on PATH under that name.
func Find(_ context.Context, named, path, self string) (string, error) {
	if named != "" {
		found, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("the Python for plugins (CHURTEN_PYTHON): %w", err)
		}
		return found, nil
	}
	dirs := filepath.SplitList(path)
	for _, dir := range dirs {
		file := filepath.Join(dir, "ansible-playbook")
		to, err := filepath.EvalSymlinks(file)
		if err != nil || to == self || filepath.Base(to) == "churten" {
			continue
		}
		if python := interpreter(to, dirs); python != "" {
			return python, nil
		}
	}
	if found := onPath("python3", dirs); found != "" {
		return found, nil
	}
	return "", errors.New("there is neither an ansible-playbook nor a python3 on PATH; CHURTEN_PYTHON can name one")
}

// interpreter reads the first lines of a script: "#!/venv/bin/python", through
// env, or the two lines that pip writes where the path is too long for the kernel.
func interpreter(file string, dirs []string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil || !bytes.HasPrefix(head, []byte("#!")) {
		return ""
	}
	lines := strings.SplitN(string(head[2:]), "\n", 3)
	words := strings.Fields(lines[0])
	if len(words) > 1 && filepath.Base(words[0]) == "env" {
		words = words[1:]
		if words[0] == "-S" && len(words) > 1 {
			words = words[1:]
		}
		words[0] = onPath(words[0], dirs)
	}
	if len(words) == 0 {
		return ""
	}
	if filepath.Base(words[0]) == "sh" && len(lines) > 1 {
		rest, ok := strings.CutPrefix(lines[1], "'''exec' ")
		if !ok {
			return ""
		}
		if strings.HasPrefix(rest, `"`) {
			words = []string{strings.SplitN(rest[1:], `"`, 2)[0]}
		} else {
			words = strings.Fields(rest)
		}
	}
	if len(words) == 0 || !strings.Contains(filepath.Base(words[0]), "python") {
		return ""
	}
	if st, err := os.Stat(words[0]); err != nil || st.IsDir() {
		return ""
	}
	return words[0]
}

func onPath(name string, dirs []string) string {
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && !st.IsDir() && st.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}
