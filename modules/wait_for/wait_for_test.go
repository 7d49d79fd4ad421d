package waitfor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

// The port differs from run to run, as does what waiting took.
func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Mask: []string{"port", "elapsed"}})
}

// Lines as the kernel writes them: to 127.0.0.1:8080 from 127.0.0.1:40000
// established, to 10.0.0.5:8080 from 10.0.0.9 closing, a listener, and one that
// came by IPv4 to a socket of IPv6.
const (
	established = "   0: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1\n"
	timeWait    = "   1: 0500000A:1F90 0900000A:9C41 06 00000000:00000000 03:00001763 00000000     0        0 0 3 0\n"
	listening   = "   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0\n"
	mapped      = "   3: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:9C42 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1\n"
)

func TestDrained(t *testing.T) {
	for _, c := range []struct {
		name, table, host, excluded string
		port                        int
		empty                       bool
	}{
		{"established", established, "127.0.0.1", "", 8080, false},
		{"another port", established, "127.0.0.1", "", 8081, true},
		{"another address", established, "10.0.0.5", "", 8080, true},
		{"any address", established, "0.0.0.0", "", 8080, false},
		{"any address of IPv6", established, "::", "", 8080, true},
		{"excluded", established, "127.0.0.1", "127.0.0.1", 8080, true},
		{"excluded another", established, "127.0.0.1", "10.0.0.9", 8080, false},
		{"time wait", timeWait, "10.0.0.5", "", 8080, false},
		{"listening", listening, "0.0.0.0", "", 8080, true},
		{"mapped", mapped, "127.0.0.1", "", 8080, false},
		{"mapped, any of IPv4", mapped, "0.0.0.0", "", 8080, false},
		{"mapped, any of IPv6", mapped, "::", "", 8080, false},
		{"mapped, excluded", mapped, "127.0.0.1", "127.0.0.1", 8080, true},
		{"no line of a table", "sl local rem\n\nx\n 0: zz:1 zz:2 01\n", "0.0.0.0", "", 8080, true},
	} {
		path := filepath.Join(t.TempDir(), "tcp")
		if err := os.WriteFile(path, []byte(c.table), 0o600); err != nil {
			t.Fatal(err)
		}
		if !littleEndian {
			t.Skip("the lines are of a little-endian host")
		}
		d, err := newDrain(t.Context(), c.port, c.host, strings.Fields(c.excluded), []string{"ESTABLISHED", "TIME_WAIT"})
		if err != nil {
			t.Fatal(err)
		}
		d.tables = []string{path, path + ".none"}
		empty, err := d.empty(t.Context())
		if err != nil || empty != c.empty {
			t.Errorf("%s: empty is %v (%v)", c.name, empty, err)
		}
	}
}
