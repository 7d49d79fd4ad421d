package python

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
)

// pythons gives the interpreters of all versions that are here, and those that
// CHURTEN_TEST_PYTHONS names.
func pythons() []string {
	var out []string
	for _, name := range []string{"python2.7", "python3.6", "python3.7", "python3.8", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"} {
		if path, err := exec.LookPath(name); err == nil {
			out = append(out, path)
		}
	}
	return append(out, filepath.SplitList(os.Getenv("CHURTEN_TEST_PYTHONS"))...)
}

const versatile = `
from ansible.module_utils.basic import args, loaded_by
from ansible.module_utils import util
import inspect, json, os, pkgutil, sys
text = pkgutil.get_data('ansible.module_utils', 'util.py').decode('ascii')
print(json.dumps(dict(name=args()['name'], forked=loaded_by == os.getppid(), env=os.environ.get('OWN'), util=util.NAME, text=text,
    source='NAME' in inspect.getsource(util), file=util.__file__.endswith('ansible/module_utils/util.py'), main=__name__, version='%d.%d' % sys.version_info[:2])))
sys.exit(0)
`

func TestVersions(t *testing.T) {
	ran := 0
	for _, path := range pythons() {
		version, err := exec.Command(path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
		if err != nil {
			continue // a name that leads nowhere
		}
		ran++
		t.Run(string(version[:len(version)-1]), func(t *testing.T) {
			r := newRig(t)
			r.python = path
			for range 2 {
				d := r.result(versatile, `{"name": "a \u00fc"}`, "OWN=1")
				for key, want := range map[string]string{"name": "a ü", "forked": "True", "env": "1", "util": "there", "text": "NAME = 'there'\n", "source": "True",
					"file": "True", "main": "__main__", "version": string(version[:len(version)-1])} {
					if got := str(d, key); got != want {
						t.Fatalf("%s: %q, want %q in %s", key, got, want, value.Repr(d))
					}
				}
			}
		})
	}
	if ran == 0 {
		t.Skip("no Python here")
	}
}
