// Command delayproxy makes a TCP server on this machine far away, for
// measurements: see sshtest.Proxy. On SIGTERM or SIGINT it writes its counts as
// JSON and ends.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/churten/churten/strategy/connection/sshtest"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on")
	target := flag.String("target", "", "address of the server")
	rtt := flag.Duration("rtt", 200*time.Millisecond, "round-trip time")
	stats := flag.String("stats", "", "file that gets the counts at the end (default: standard output)")
	flag.Parse()
	if err := run(*listen, *target, *rtt, *stats); err != nil {
		fmt.Fprintln(os.Stderr, "delayproxy:", err)
		os.Exit(1)
	}
}

func run(listen, target string, rtt time.Duration, stats string) error {
	if target == "" {
		return fmt.Errorf("no -target given: name the server as host:port")
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	p, err := sshtest.NewProxy(listen, target, rtt)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "delayproxy: %s is %s, %v away\n", p.Addr(), target, rtt)
	<-signals
	text, err := json.MarshalIndent(p.Stats(), "", "  ")
	if err != nil {
		return err
	}
	if err := p.Close(); err != nil {
		return err
	}
	text = append(text, '\n')
	if stats == "" {
		_, err = os.Stdout.Write(text)
		return err
	}
	return os.WriteFile(stats, text, 0o644)
}
