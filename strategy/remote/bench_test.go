package remote

import (
	"context"
	"runtime"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/strategy/connection"
)

func benchArgs() *value.Dict {
	return value.DictOf("path", value.Str("/etc/ssh/sshd_config"), "mode", value.Str("0644"), "owner", value.Str("root"), "state", value.Str("file"))
}

func benchAgent(b *testing.B, inProcess bool) *Agent {
	b.Helper()
	var a *Agent
	var err error
	if inProcess {
		a, err = StartInProcess(b.Context(), agent.Options{Lookup: testModule}, options())
	} else {
		home := b.TempDir()
		a, err = Start(b.Context(), &connection.Local{Env: []string{"HOME=" + home, "PATH=/usr/bin:/bin"}}, options())
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close(context.Background()) })
	return a
}

// BenchmarkCall is one call after the other: what a task costs near by.
func BenchmarkCall(b *testing.B) {
	for name, inProcess := range map[string]bool{"process": false, "in-process": true} {
		b.Run(name, func(b *testing.B) {
			a := benchAgent(b, inProcess)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Call(b.Context(), Call{Module: "echo", Args: benchArgs()}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoop is a loop of a hundred items, all under way at once.
func BenchmarkLoop(b *testing.B) {
	a := benchAgent(b, false)
	b.ReportAllocs()
	for b.Loop() {
		var all [100]*Pending
		a.Burst(func() {
			for i := range all {
				all[i] = a.BeginCall(Call{Module: "echo", Args: benchArgs(), Queue: 1}, nil)
			}
		})
		for _, p := range all {
			if _, err := p.Result(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkStart is the start of a cached agent with its first call.
func BenchmarkStart(b *testing.B) {
	home := b.TempDir()
	conn := &connection.Local{Env: []string{"HOME=" + home, "PATH=/usr/bin:/bin"}}
	for b.Loop() {
		a := Begin(b.Context(), conn, options())
		if _, err := a.BeginCall(Call{Module: "echo"}, nil).Result(b.Context()); err != nil {
			b.Fatal(err)
		}
		a.Close(b.Context())
	}
}

// BenchmarkIdle tells what an agent's client holds in memory.
func BenchmarkIdle(b *testing.B) {
	home := b.TempDir()
	conn := &connection.Local{Env: []string{"HOME=" + home, "PATH=/usr/bin:/bin"}}
	const count = 20
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var all []*Agent
		for range count {
			a, err := Start(b.Context(), conn, options())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := a.Call(b.Context(), Call{Module: "echo"}, nil); err != nil {
				b.Fatal(err)
			}
			all = append(all, a)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse)/count/1024, "KiB/host")
		for _, a := range all {
			a.Close(b.Context())
		}
	}
}
