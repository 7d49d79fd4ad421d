package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
)

// tree makes blocks of a short notation: a word is a task, [body|rescue|always]
// a block.
func tree(t *testing.T, text string) []*Block {
	t.Helper()
	p := &treeParser{text: text}
	var blocks []*Block
	for p.skip(); p.i < len(p.text); p.skip() {
		switch n := p.node().(type) {
		case *Block:
			blocks = append(blocks, n)
		case *Task:
			blocks = append(blocks, &Block{ID: NextID(), Implicit: true, Body: []Node{n}})
		}
	}
	return blocks
}

type treeParser struct {
	text string
	i    int
}

func (p *treeParser) skip() {
	for p.i < len(p.text) && p.text[p.i] == ' ' {
		p.i++
	}
}

func (p *treeParser) node() Node {
	if p.text[p.i] != '[' {
		start := p.i
		for p.i < len(p.text) && !strings.ContainsRune(" []|", rune(p.text[p.i])) {
			p.i++
		}
		return &Task{ID: NextID(), Name: value.Str(p.text[start:p.i])}
	}
	p.i++
	b := &Block{ID: NextID()}
	parts := []*[]Node{&b.Body, &b.Rescue, &b.Always}
	for part := 0; ; {
		p.skip()
		switch p.text[p.i] {
		case '|':
			part++
			p.i++
		case ']':
			p.i++
			return b
		default:
			*parts[part] = append(*parts[part], p.node())
		}
	}
}

// walk goes through blocks; the tasks named in fails fail. A task is shown with
// "!" when it failed and with "~" when a rescue part took over at once.
func walk(c *Cursor, fails string, at func(name string)) string {
	failing := map[string]bool{}
	for _, f := range strings.Fields(fails) {
		failing[f] = true
	}
	var way []string
	for t := c.Task(); t != nil; t = c.Task() {
		name := value.Text(t.Name)
		if again := c.Task(); again != t {
			return fmt.Sprintf("Task moved from %s to %v", name, again)
		}
		c.Advance()
		if failing[name] {
			if c.Fail() {
				name += "~"
			} else {
				name += "!"
			}
		}
		way = append(way, name)
		if at != nil {
			at(value.Text(t.Name))
		}
		if len(way) > 100 {
			return "no end"
		}
	}
	return strings.Join(way, " ")
}

// The ways are those that ansible-core 2.19 takes; testdata/execution/blocks
// has the playbooks of the like.
func TestCursor(t *testing.T) {
	for _, c := range []struct {
		blocks, fails, want string
		failed              bool
	}{
		{"", "", "", false},
		{"a b c", "", "a b c", false},
		{"a b c", "b", "a b!", true},
		{"[] a", "", "a", false},
		{"[a b|r|z] c", "", "a b z c", false},
		{"[a b|r|z] c", "a", "a~ r z c", false},
		{"[a|r s|z] c", "a r", "a~ r! z", true},
		{"[a||z] c", "a", "a! z", true},
		{"[a||y z] c", "a y", "a! y!", true},
		{"[a|r|z] c", "z", "a z!", true},
		{"[a|r|z] c", "a z", "a~ r z!", true},
		{"[a [b|r|y] c|s|z] d", "b", "a b~ r y c z d", false},
		{"[a [b|r|y] c|s|z] d", "b r", "a b~ r! y s z d", false},
		{"[a [b||y] c|s|z] d", "b", "a b! y s z d", false},
		{"[a [b||y] c||z] d", "b", "a b! y z", true},
		{"[[[a|r|x]|s|y]|t|z]", "a r s t", "a~ r! x s! y t! z", true},
		{"[a|[r|rr|rz] s|z] d", "a r", "a~ r~ rr rz s z d", false},
		{"[a||[y|yr|yz] z] d", "a y", "a! y~ yr yz z", true},
		{"[a|r|] [b|s|] c", "a b", "a~ r b~ s c", false},
		{"[[]|r|z] a", "", "z a", false},
	} {
		cur := NewCursor(tree(t, c.blocks))
		if got := walk(cur, c.fails, nil); got != c.want {
			t.Errorf("%s with %s failing: %s; want %s", c.blocks, c.fails, got, c.want)
		}
		if cur.Failed() != c.failed {
			t.Errorf("%s with %s failing: failed %v", c.blocks, c.fails, cur.Failed())
		}
	}
}

// TestInsert: what includes bring comes next, in the part the include stands
// in, and fails into the blocks around it.
func TestInsert(t *testing.T) {
	for _, c := range []struct{ blocks, at, insert, fails, want string }{
		{"a b", "a", "x y", "", "a x y b"},
		{"a b", "b", "x", "", "a b x"},
		{"[a b|r|z] c", "a", "x [y|s|]", "", "a x y b z c"},
		{"[a b|r|z] c", "a", "x", "x", "a x~ r z c"},
		{"[a b|r|z] c", "a", "[x|s|w]", "x", "a x~ s w b z c"},
		{"[a|i|z] c", "i", "x", "a x", "a~ i x! z"},
		{"[a||i z] c", "i", "x", "", "a i x z c"},
		{"a b", "a", "", "", "a b"},
	} {
		cur := NewCursor(tree(t, c.blocks))
		got := walk(cur, c.fails, func(name string) {
			if name == c.at {
				cur.Insert(tree(t, c.insert))
			}
		})
		if got != c.want {
			t.Errorf("%s with %s behind %s, %s failing: %s; want %s", c.blocks, c.insert, c.at, c.fails, got, c.want)
		}
	}
}

// TestFlush: handlers come at once; their failure is one of the place where
// they were flushed.
func TestFlush(t *testing.T) {
	for _, c := range []struct{ blocks, at, handlers, fails, want string }{
		{"a b", "a", "h i", "", "a h i b"},
		{"a b", "b", "h", "", "a b h"},
		{"a b", "a", "h i", "h", "a h!"},
		{"[a b|r|z] c", "a", "h i", "h", "a h~ r z c"},
		{"[a b||z] c", "a", "h i", "h", "a h! z"},
		{"a b", "a", "[h|s|]", "h", "a h~ s b"},
	} {
		cur := NewCursor(tree(t, c.blocks))
		got := walk(cur, c.fails, func(name string) {
			if name == c.at {
				cur.Flush(tree(t, c.handlers))
			}
		})
		if got != c.want {
			t.Errorf("%s with %s flushed at %s, %s failing: %s; want %s", c.blocks, c.handlers, c.at, c.fails, got, c.want)
		}
	}
}

func TestEnd(t *testing.T) {
	cur := NewCursor(tree(t, "a [b||z] c"))
	if got := walk(cur, "", func(name string) {
		if name == "b" {
			cur.End()
		}
	}); got != "a b" || cur.Failed() {
		t.Errorf("%s, failed %v", got, cur.Failed())
	}
}

// TestEndRole: the rest of the role is passed over, with its always parts, up to
// the mark at its end.
func TestEndRole(t *testing.T) {
	role, dep := &Role{Name: "r"}, &Role{Name: "d"}
	dep.Parents = []*Role{role}
	blocks := tree(t, "a [b||z] c mark d")
	for _, task := range Tasks(blocks)[:5] {
		task.Role = role
	}
	mark := Tasks(blocks)[4]
	mark.Implicit, mark.Action, mark.Args = true, "meta", value.DictOf("_raw_params", value.Str("role_complete"))
	Tasks(blocks)[3].Role = dep
	cur := NewCursor(blocks)
	if got := walk(cur, "", func(name string) {
		if name == "a" {
			cur.EndRole(role)
		}
	}); got != "a mark d" {
		t.Error(got)
	}
}

// TestRevive: a host that is out stays out; one on its way out goes on.
func TestRevive(t *testing.T) {
	cur := NewCursor(tree(t, "a b c"))
	if got := walk(cur, "a", func(name string) {
		if name == "a" {
			cur.Revive()
		}
	}); got != "a!" || cur.Failed() {
		t.Errorf("%s, failed %v", got, cur.Failed())
	}
	cur = NewCursor(tree(t, "[a||y z] c"))
	if got := walk(cur, "a", func(name string) {
		if name == "y" {
			cur.Revive()
		}
	}); got != "a! y z c" || cur.Failed() {
		t.Errorf("%s, failed %v", got, cur.Failed())
	}
}

func TestFilter(t *testing.T) {
	blocks := tree(t, "a [b|c|] [[d]||] e")
	kept := Filter(blocks, func(t *Task) bool { return strings.Contains("ce", value.Text(t.Name)) })
	var names []string
	for _, task := range Tasks(kept) {
		names = append(names, value.Text(task.Name))
	}
	if strings.Join(names, " ") != "c e" || len(kept) != 2 || len(Tasks(blocks)) != 5 {
		t.Errorf("%v, %d blocks", names, len(kept))
	}
}
