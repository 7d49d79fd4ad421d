package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/churten/churten/modules"
)

// writeResults writes the keys of a module's result, those last that all modules have.
func writeResults(w io.Writer, name string) error {
	r, ok, err := modules.ResultsOf(name)
	if err != nil || !ok {
		return err
	}
	common, err := modules.CommonResults()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nResults:\n")
	for _, k := range r.Keys {
		fmt.Fprintf(w, "- %s (%s; %s)\n    %s.\n", k.Name, strings.ReplaceAll(strings.Join(k.Types, " or "), "none", "None"), k.When, capital(k.Doc))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  and %s\n", note)
	}
	names := make([]string, len(common.Keys))
	for i, k := range common.Keys {
		names[i] = k.Name
	}
	fmt.Fprintf(w, "  as all modules, where there is something to say: %s\n", strings.Join(names, ", "))
	return nil
}

func capital(text string) string {
	return strings.ToUpper(text[:1]) + text[1:]
}
