// Command ctlog serves a certificate transparency log for tests. It stands on TesseraCT's library, keeps its tiles in
// one folder, accepts what chains to the given roots, and opens no connection of its own.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	tiles "github.com/transparency-dev/tessera/storage/posix"
	antispam "github.com/transparency-dev/tessera/storage/posix/antispam"
	"github.com/transparency-dev/tesseract"
	"github.com/transparency-dev/tesseract/storage"
	issuers "github.com/transparency-dev/tesseract/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

type settings struct {
	address, folder, origin, keyFile, rootsFile string
}

func main() {
	var s settings
	flag.StringVar(&s.address, "address", "127.0.0.1:0", "host and port to listen on")
	flag.StringVar(&s.folder, "folder", "", "where the log lies")
	flag.StringVar(&s.origin, "origin", "localhost", "name of the log, without a port")
	flag.StringVar(&s.keyFile, "key", "", "EC private key, PEM, as RFC 5915 (SEC 1) writes it")
	flag.StringVar(&s.rootsFile, "roots", "", "PEM file of the roots that are accepted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "ctlog:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	key, err := readKey(s.keyFile)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	handler, err := newHandler(ctx, s, key)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Println("listening on", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not PEM")
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

func newHandler(ctx context.Context, s settings, key *ecdsa.PrivateKey) (http.Handler, error) {
	roots, err := issuers.NewRootsStorage(ctx, s.folder)
	if err != nil {
		return nil, fmt.Errorf("roots: %w", err)
	}
	accepted := tesseract.ChainValidationConfig{
		RootsPEMFile:           s.rootsFile,
		ExtKeyUsages:           "CodeSigning",
		RootsRemoteFetchBackup: roots,
	}
	store := func(ctx context.Context, signer note.Signer) (*storage.CTStorage, error) {
		return newStore(ctx, s.folder, signer)
	}
	const patience, maskErrors = 10 * time.Second, false
	options := tesseract.LogHandlerOpts{MaxCertChainBytes: 1 << 16}
	return tesseract.NewLogHandler(ctx, s.origin, key, accepted, store, patience, maskErrors, "", options)
}

// newStore integrates entries in small, quick batches: a test waits for each answer.
func newStore(ctx context.Context, folder string, signer note.Signer) (*storage.CTStorage, error) {
	driver, err := tiles.New(ctx, tiles.Config{Path: folder})
	if err != nil {
		return nil, fmt.Errorf("tiles: %w", err)
	}
	seen, err := antispam.NewAntispam(ctx, filepath.Join(folder, ".state", "antispam"), antispam.AntispamOpts{})
	if err != nil {
		return nil, fmt.Errorf("antispam: %w", err)
	}
	appender, _, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCTLayout().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(100*time.Millisecond).
		WithBatching(64, 20*time.Millisecond).
		WithAntispam(1024, seen))
	if err != nil {
		return nil, fmt.Errorf("appender: %w", err)
	}
	certificates, err := issuers.NewIssuerStorage(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("issuers: %w", err)
	}
	return storage.NewCTStorage(ctx, &storage.CTStorageOptions{
		Appender:            appender,
		Reader:              reader,
		IssuerStorage:       certificates,
		EnablePubAwaiter:    true,
		AwaiterPollInterval: 20 * time.Millisecond,
	})
}
