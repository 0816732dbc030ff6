// Command trillian-memory is what Rekor v1 needs of Trillian, for tests: log server and sequencer in one process, all
// trees in memory. It prints the address it listens on and ends on SIGTERM.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/google/trillian/extension"
	"github.com/google/trillian/quota"
	"github.com/google/trillian/storage/memory"
	"github.com/google/trillian/testonly/integration"
	"k8s.io/klog/v2"
)

const sequencers = 1

func main() {
	logErrorsOnly()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	integration.SequencerInterval = 25 * time.Millisecond
	server, err := integration.NewLogEnvWithRegistry(ctx, sequencers, inMemory())
	if err != nil {
		fmt.Fprintln(os.Stderr, "trillian-memory:", err)
		os.Exit(1)
	}
	fmt.Println(server.Address)
	<-ctx.Done()
	server.Close()
}

// The sequencer warns forty times a second that there was nothing to do.
func logErrorsOnly() {
	settings := flag.NewFlagSet("", flag.PanicOnError)
	klog.InitFlags(settings)
	_ = settings.Parse([]string{"-logtostderr=false", "-stderrthreshold=ERROR"})
	klog.SetOutput(io.Discard)
}

func inMemory() extension.Registry {
	trees := memory.NewTreeStorage()
	return extension.Registry{
		AdminStorage: memory.NewAdminStorage(trees),
		LogStorage:   memory.NewLogStorage(trees, nil),
		QuotaManager: quota.Noop(),
	}
}
