package app

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
)

// PrintVersion prints the versions and the paths in use, in a form that
// scripts which read `ansible --version` understand: the lines are the
// reference's, and those about Python say that there is none.
func PrintVersion(w io.Writer, name string) error {
	set, _, err := readSettings()
	if err != nil {
		return err
	}
	file := "None"
	if set.File != "" {
		file = set.File
	}
	self, _ := os.Executable()
	fmt.Fprintf(w, "%s [core %s]\n", name, ReferenceVersion)
	for _, line := range [][2]string{
		{"config file", file},
		{"configured module search path", value.Repr(value.Strings(set.List("DEFAULT_MODULE_PATH")...))},
		{"ansible python module location", "None (churten " + Version + " is one static program)"},
		{"ansible collection location", strings.Join(set.List("COLLECTIONS_PATHS"), ":")},
		{"executable location", self},
		{"python version", "None"},
		{"jinja version", "3.1.6 (churten's own)"},
		{"pyyaml version", "6.0.3 (churten's own)"},
	} {
		fmt.Fprintf(w, "  %s = %s\n", line[0], line[1])
	}
	return nil
}

// readSettings reads the settings of this process: its environment, working
// directory and home.
func readSettings() (set *config.Settings, warnings []string, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, nil, err
	}
	home, _ := os.UserHomeDir()
	set, warnings, err = config.Load(config.Environment{Getenv: os.LookupEnv, Dir: dir, Home: home})
	if err != nil {
		return nil, warnings, &OptionsError{err}
	}
	return set, warnings, nil
}
