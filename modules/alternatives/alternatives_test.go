package alternatives

import (
	"reflect"
	"testing"
)

// What dpkg's update-alternatives 1.21 displayed.
const debian = `zz - manual mode
  link best version is /bin/ls
  link currently points to /bin/ls
  link zz is /usr/local/bin/zz
  slave zzs is /usr/local/bin/zzs
/bin/cat - priority 50
/bin/ls - priority -5
  slave zzs: /bin/cat
`

// The form that alternatives(8) of chkconfig has.
const rhel = "java - status is auto.\n link currently points to /srv/alt/b\n" +
	"/srv/alt/a - family java-17.x86_64 priority 1700\n follower jre: /srv/alt/c\n follower keytool: (null)\n" +
	"/srv/alt/b - b - priority 5\n slave jre: (null)\nCurrent `best' version is /srv/alt/a.\n"

func TestRead(t *testing.T) {
	want := group{known: true, current: "/bin/ls", link: "/usr/local/bin/zz", links: map[string]string{"zzs": "/usr/local/bin/zzs"},
		paths: []alternative{{path: "/bin/cat", priority: 50}, {path: "/bin/ls", priority: -5, subs: []sub{{name: "zzs", path: "/bin/cat"}}}}}
	if got := read(debian); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	want = group{known: true, auto: true, current: "/srv/alt/b", links: map[string]string{},
		paths: []alternative{{path: "/srv/alt/a", priority: 1700, family: "java-17.x86_64", subs: []sub{{name: "jre", path: "/srv/alt/c"}}}, {path: "/srv/alt/b - b", priority: 5}}}
	if got := read(rhel); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(debian)
	f.Add(rhel)
	f.Fuzz(func(t *testing.T, text string) {
		g := read(text)
		for _, p := range g.paths {
			if p.path == "" {
				t.Errorf("a path without a name in %q", text)
			}
			g.subcommands(p)
		}
	})
}
