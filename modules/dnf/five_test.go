package dnf

import (
	"slices"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// What dnf5 5.4 printed for the repositories of testdata/mkrepo.sh.
func TestFiveFailure(t *testing.T) {
	const loaded = "Updating and loading repositories:\nRepositories loaded.\n"
	const eta = "conflicting requests\n  - nothing provides nothing-provides-this needed by eta-1.0-1.noarch from churten-a"
	for _, c := range []struct {
		stderr, msg string
		failures    []string
	}{
		{loaded + "Failed to resolve the transaction:\nNo match for argument: nosuchgroup\nYou can try to add to command line:\n  --skip-unavailable to skip unavailable packages\n",
			"Failed to install some of the specified packages", []string{"No package nosuchgroup available."}},
		{loaded + "Failed to resolve the transaction:\nArgument 'theta' matches only excluded packages.\nNo match for argument: nosuch\nYou can try to add to command line:\n  --skip-unavailable to skip unavailable packages\n",
			"Failed to install some of the specified packages", []string{"Argument 'theta' matches only excluded packages.", "No package nosuch available."}},
		{loaded + "Failed to resolve the transaction:\nProblem: " + eta + "\nYou can try to add to command line:\n  --skip-broken to skip uninstallable packages\n",
			"Depsolve Error occurred", []string{"Problem: " + eta}},
		{loaded + "Failed to resolve the transaction:\nProblem 1: " + eta + "\nProblem 2: problem with installed package\n  - conflicting requests\nYou can try to add to command line:\n  --skip-broken to skip uninstallable packages\n",
			"Depsolve Error occurred", []string{"Problem 1: " + eta + "\nProblem 2: problem with installed package\n  - conflicting requests"}},
		{loaded + "Failed to resolve the transaction:\nNo match for argument: nosuch\nProblem: " + eta + "\nYou can try to add to command line:\n  --skip-unavailable to skip unavailable packages\n",
			"Depsolve Error occurred", []string{"No package nosuch available.", "Problem: " + eta}},
		{loaded + "Total size of inbound packages is 6 KiB. Need to download 6 KiB.\nRunning transaction\nTransaction failed: Signature verification failed.\nOpenPGP check for package \"theta-1.0-1.noarch\" (/x.rpm) from repo \"churten-gpg\" has failed: The package is not signed.\n",
			"Failed to validate GPG signatures: OpenPGP check for package \"theta-1.0-1.noarch\" (/x.rpm) from repo \"churten-gpg\" has failed: The package is not signed.", nil},
	} {
		f, ok := fiveFailure(&tool.Output{Stderr: c.stderr, RC: 1}).(*module.Failure)
		if !ok || f.Msg != c.msg {
			t.Errorf("%q: %+v", c.stderr, f)
			continue
		}
		v, _ := f.Values.GetStr("failures")
		var got []string
		for _, item := range v.(*value.List).Items {
			got = append(got, value.Text(item))
		}
		if !slices.Equal(got, c.failures) {
			t.Errorf("%q: %q", c.stderr, got)
		}
	}
}

func TestUnknownRepo(t *testing.T) {
	for stderr, want := range map[string]string{
		"Error: Unknown repo: 'nosuch'\n": "nosuch",
		"No matching repositories for nosuchrepo. Add \"--help\" for more information about the arguments.\n": "nosuchrepo",
		"Error: something else\n": "",
	} {
		if got, _ := unknownRepo(&tool.Output{Stderr: stderr}); got != want {
			t.Errorf("%q: %q", stderr, got)
		}
	}
}
