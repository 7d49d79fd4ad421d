package python

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const whoAmI = say + "print(json.dumps(dict(pid=os.getpid(), parent=os.getppid(), n=args().get('n'), fds=[os.readlink('/proc/self/fd/' + f) for f in os.listdir('/proc/self/fd') if os.path.lexists('/proc/self/fd/' + f)])))\nsys.exit(0)\n"

// spare gives the child of the interpreter that waits for the next call.
func (r *rig) spare(parent string) int {
	r.Helper()
	for range 500 {
		text, err := os.ReadFile("/proc/" + parent + "/task/" + parent + "/children")
		if err != nil {
			r.Skipf("processes cannot be listed here: %v", err)
		}
		if pids := strings.Fields(string(text)); len(pids) == 1 { // what has ended was waited for
			pid, _ := strconv.Atoi(pids[0])
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.Fatal("no child waits")
	return 0
}

// From the second call on a child is forked ahead; each is used once, for any
// module whose code it has, and nothing of it is left at the end.
func TestSpare(t *testing.T) {
	r := newRig(t)
	first := r.result(whoAmI, `{}`)
	parent := str(r.result(whoAmI, `{}`), "parent")
	for n := range 3 {
		pid := r.spare(parent)
		d := r.result(whoAmI, fmt.Sprintf(`{"n": %d}`, n), fmt.Sprintf("N=%d", n))
		if str(d, "pid") != fmt.Sprint(pid) || str(d, "n") != fmt.Sprint(n) {
			t.Errorf("call %d: %s, not by %d", n, str(d, "pid"), pid)
		}
		if fds := str(d, "fds"); strings.Count(fds, ",") != strings.Count(str(first, "fds"), ",") {
			t.Errorf("call %d: open are %s; at first %s", n, fds, str(first, "fds"))
		}
	}
	// Another module, whose code the waiting child does not have.
	before := r.spare(parent)
	if d := r.result(strings.Replace(whoAmI, "n=args().get('n')", "n='other'", 1), `{}`); str(d, "n") != "other" || str(d, "pid") == fmt.Sprint(before) {
		t.Errorf("another module: %s by %s", str(d, "n"), str(d, "pid"))
	}
	// A child that died while it waited.
	gone := r.spare(parent)
	if err := syscall.Kill(gone, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", gone)); err != nil || strings.Contains(string(text), ") Z ") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if d := r.result(whoAmI, `{"n": 7}`); str(d, "n") != "7" || str(d, "parent") != parent {
		t.Errorf("after its end: %s", str(d, "n"))
	}
	last := r.spare(parent)
	r.pool.Close()
	for range 500 {
		if err := syscall.Kill(last, 0); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is left", last)
}
