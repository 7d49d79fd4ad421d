package account

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestLookup(t *testing.T) {
	dir := t.TempDir()
	f := Files{Passwd: filepath.Join(dir, "passwd"), Group: filepath.Join(dir, "group"), NSSwitch: filepath.Join(dir, "nsswitch")}
	for path, text := range map[string]string{
		f.Passwd:   "root:x:0:0:root:/root:/bin/bash\nbroken\nann:x:1001:1002:Ann A,,:/home/ann:/bin/sh\n",
		f.Group:    "root:x:0:\nstaff:x:50:ann,bob\n",
		f.NSSwitch: "passwd: files # ldap\ngroup: files [NOTFOUND=return]\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ann := User{Name: "ann", Password: "x", UID: 1001, GID: 1002, Gecos: "Ann A,,", Dir: "/home/ann", Shell: "/bin/sh"}
	if u, err := f.UserByName("ann"); err != nil || u != ann {
		t.Error(u, err)
	}
	if u, err := f.UserByID(1001); err != nil || u != ann {
		t.Error(u, err)
	}
	staff := Group{Name: "staff", Password: "x", GID: 50, Members: []string{"ann", "bob"}}
	if g, err := f.GroupByName("staff"); err != nil || !reflect.DeepEqual(g, staff) {
		t.Error(g, err)
	}
	if g, err := f.GroupByID(50); err != nil || !reflect.DeepEqual(g, staff) {
		t.Error(g, err)
	}
	for _, name := range []string{"nobody-here", "", "broken", "-x"} {
		if _, err := f.UserByName(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := f.GroupByID(7); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}
