package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionCommand prints what a shell needs to complete churten and, where
// shims are in use, Ansible's commands. It is made from the commands' own declarations.
func completionCommand() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print what a shell needs to complete commands and options", ArgsUsage: "shell",
		Description: "shell is bash, zsh or fish. In ~/.bashrc: source <(churten completion bash). In ~/.zshrc, after compinit: source <(churten completion zsh). For fish: churten completion fish > ~/.config/fish/completions/churten.fish.",
		Action: func(c *cli.Context) error {
			write := map[string]func(io.Writer, []entryPoint){"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Args().First()]
			if write == nil || c.NArg() != 1 {
				return usageError{plainError(fmt.Sprintf("argument shell: invalid choice: '%s' (choose from 'bash', 'zsh', 'fish')", strings.Join(c.Args().Slice(), " ")))}
			}
			write(os.Stdout, entryPoints())
			return nil
		},
	}
}

// entryPoint is one way to call a command: "churten vault view" or "ansible-vault view".
type entryPoint struct {
	words []string
	c     *cli.Command
}

// entryPoints are all ways to call all commands.
func entryPoints() []entryPoint {
	var out []entryPoint
	var walk func(words []string, c *cli.Command)
	walk = func(words []string, c *cli.Command) {
		out = append(out, entryPoint{words, c})
		for _, s := range c.Subcommands {
			if !s.Hidden {
				walk(append(slices.Clip(words), s.Name), s)
			}
		}
	}
	root := &cli.Command{Name: "churten", Usage: "runs Ansible content, many times faster", Subcommands: commands(nil), Flags: []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "show the version"}}}
	walk([]string{"churten"}, root)
	for _, c := range root.Subcommands {
		if name := ansibleName([]*cli.Command{root, c}); name != root.Name {
			walk([]string{name}, c)
		}
	}
	return out
}

// programs are the first words of entry points.
func programs(points []entryPoint) []string {
	var out []string
	for _, p := range points {
		if !slices.Contains(out, p.words[0]) {
			out = append(out, p.words[0])
		}
	}
	return out
}

// offered are the words that may follow: commands, or options.
func offered(c *cli.Command) (words []string) {
	for _, s := range c.Subcommands {
		if !s.Hidden {
			words = append(words, s.Name)
		}
	}
	for _, f := range (page{c: c}).flags() {
		words = append(words, dashed(f.Names())...)
	}
	return words
}

// bashCompletion prints a function that looks up what the words so far stand
// for; zsh reads it too.
func bashCompletion(w io.Writer, points []entryPoint) {
	fmt.Fprint(w, `_churten() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=${COMP_WORDS[0]##*/} word words= choices=
    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$path $word" in
`)
	for _, p := range points {
		if len(p.words) > 1 {
			fmt.Fprintf(w, "        %q) path=%q ;;\n", strings.Join(p.words, " "), strings.Join(p.words, " "))
		}
	}
	fmt.Fprint(w, "        esac\n    done\n    case $path in\n")
	for _, p := range points {
		fmt.Fprintf(w, "    %q)\n        words=%q\n        case $prev in\n", strings.Join(p.words, " "), strings.Join(offered(p.c), " "))
		var values []string
		for _, f := range (page{c: p.c}).flags() {
			metavar, _ := described(f)
			if c, ok := f.(*choiceFlag); ok {
				fmt.Fprintf(w, "        %s) choices=%q ;;\n", strings.Join(dashed(f.Names()), "|"), strings.Join(c.of, " "))
			} else if metavar != "" {
				values = append(values, dashed(f.Names())...)
			}
		}
		if len(values) > 0 {
			fmt.Fprintf(w, "        %s) words=- ;;\n", strings.Join(values, "|"))
		}
		fmt.Fprint(w, "        esac ;;\n")
	}
	fmt.Fprintf(w, `    esac
    if [[ -n $choices ]]; then
        COMPREPLY=($(compgen -W "$choices" -- "$cur"))
    elif [[ $words != - && ( $cur == -* || $words != -* ) ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
    fi
    # nothing of ours: files
}
complete -o default -F _churten %s
`, strings.Join(programs(points), " "))
}

func zshCompletion(w io.Writer, points []entryPoint) {
	fmt.Fprintln(w, "autoload -U +X bashcompinit && bashcompinit")
	bashCompletion(w, points)
}

func fishCompletion(w io.Writer, points []entryPoint) {
	quote := func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
	}
	fmt.Fprint(w, `# whether the words so far, without options, begin with these
function __churten_at
    set -l words (string match -v -- '-*' (commandline -opc))
    set words[1] (string replace -r '.*/' '' -- $words[1])
    set -l n (count $argv)
    test (count $words) -ge $n; and test "$words[1..$n]" = "$argv"
end
`)
	for _, p := range points {
		program := p.words[0]
		at := "-n " + quote("__churten_at "+strings.Join(p.words, " "))
		var subs []string
		for _, s := range p.c.Subcommands {
			if !s.Hidden {
				subs = append(subs, s.Name)
			}
		}
		for _, s := range p.c.Subcommands {
			if !s.Hidden {
				fmt.Fprintf(w, "complete -c %s -f -n %s -a %s -d %s\n", program,
					quote("__churten_at "+strings.Join(p.words, " ")+"; and not __fish_seen_subcommand_from "+strings.Join(subs, " ")), s.Name, quote(s.Usage))
			}
		}
		for _, f := range (page{c: p.c}).flags() {
			line := "complete -c " + program + " " + at
			for _, n := range f.Names() {
				if len(n) > 1 {
					line += " -l " + n
				} else {
					line += " -s " + n
				}
			}
			metavar, text := described(f)
			if c, ok := f.(*choiceFlag); ok {
				line += " -x -a " + quote(strings.Join(c.of, " "))
			} else if metavar != "" {
				line += " -r"
			}
			fmt.Fprintln(w, line+" -d "+quote(text))
		}
	}
}
