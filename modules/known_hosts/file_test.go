package knownhosts

import (
	"strings"
	"testing"
)

const key1 = "AAAAC3NzaC1lZDI1NTE5AAAAIJmRQc2jTk5LdZb8jLYtbvCXJQDTu8hO1SFAfSKsCKMg"
const key2 = "AAAAC3NzaC1lZDI1NTE5AAAAIBZMKNpyBMBIZrqzhIOpIRl1Ql9aTJmKCQLr0oBVjDNT"

func TestWanted(t *testing.T) {
	line := func(host, key string) string { return host + " ssh-ed25519 " + key + "\n" }
	for _, c := range []struct{ name, before, host, key, state, want string }{
		{"new", "", "a", line("a", key1), "present", line("a", key1)},
		{"same", line("a", key1), "a", line("a", key1), "present", line("a", key1)},
		{"changed", "# c\n" + line("a", key1) + line("b", key1), "a", line("a", key2), "present", "# c\n" + line("b", key1) + line("a", key2)},
		{"other kind stays", "a ssh-rsa AAAA\n", "a", line("a", key1), "present", "a ssh-rsa AAAA\n" + line("a", key1)},
		{"no end of line", "b ssh-rsa AAAA", "a", line("a", key1), "present", "b ssh-rsa AAAA\n" + line("a", key1)},
		{"another authority", "@cert-authority " + line("*.a", key1), "*.a", "@cert-authority " + line("*.a", key2), "present", "@cert-authority " + line("*.a", key1) + "@cert-authority " + line("*.a", key2)},
		{"absent", line("a", key1) + line("b", key1), "a", "", "absent", line("b", key1)},
		{"absent with another key", line("a", key1), "a", line("a", key2), "absent", ""},
		{"absent in a list", line("x,a", key1), "a", "", "absent", ""},
		{"absent by pattern", line("*.example.org,!b.example.org", key1), "b.example.org", "", "absent", line("*.example.org,!b.example.org", key1)},
		{"the second of two authorities", "@cert-authority " + line("*.a", key1) + "@cert-authority " + line("*.a", key2), "*.a", "@cert-authority " + line("*.a", key2), "absent", "@cert-authority " + line("*.a", key1)},
		{"the first of the kind", line("a", key1) + line("a", key2), "a", line("a", key2), "absent", line("a", key2)},
		{"another spelling", line("a,b", key1), "a", line("a", key1), "present", line("a", key1)},
		{"a plain one revoked", line("a", key1), "a", "@revoked " + line("a", key1), "present", "@revoked " + line("a", key1)},
		{"authorities are not removed by name", "@revoked " + line("a", key1) + line("a", key2), "a", "", "absent", "@revoked " + line("a", key1)},
	} {
		if got := wanted(c.before, c.host, c.key, c.state, false); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
	}
}

func TestHashed(t *testing.T) {
	after := wanted("", "example.com", "example.com ssh-ed25519 "+key1+"\n", "present", true)
	l, ok := parseLine(strings.TrimSpace(after))
	if !ok || !strings.HasPrefix(l.hosts, "|1|") || !l.names("example.com") || l.names("example.org") {
		t.Errorf("%q", after)
	}
	if again := wanted(after, "example.com", "example.com ssh-ed25519 "+key1+"\n", "present", true); again != after {
		t.Errorf("%q, then %q", after, again)
	}
	after = wanted("", "h", "@cert-authority h ssh-ed25519 "+key1+"\n", "present", true)
	if l, ok = parseLine(strings.TrimSpace(after)); !ok || !l.names("h") || l.marker != authority {
		t.Errorf("%q", after)
	}
	// what ssh-keygen -H made of example.com
	l, ok = parseLine("|1|usbbgGBVsl2H1BXzRsgUXGaMvVg=|5wPLqFuv1EhCw0cTa0Ilt/zvk8w= ssh-ed25519 " + key1)
	if !ok || l.names("nosuch") || !l.names("example.com") {
		t.Error("the hash is of another host")
	}
}

func FuzzWanted(f *testing.F) {
	f.Add("a ssh-ed25519 "+key1+"\n", "a")
	f.Fuzz(func(t *testing.T, before, host string) {
		once := wanted(before, host, "", "absent", false)
		if again := wanted(once, host, "", "absent", false); again != once {
			t.Errorf("%q, then %q", once, again)
		}
	})
}
