// Command sigstore-go-bench times sigstore-go's verifier in one warm process, in turns with others.
//
//	sigstore-go-bench -root FILE -folder FOLDER -count N -san SAN -issuer ISSUER
//
// FOLDER holds N pairs, "<i>.json" (a bundle) and "<i>.bin" (its artifact). All are read first, then "ready" is printed.
// A line "FROM TO" asks to verify the pairs FROM <= i < TO, from bytes to verdict; the answer is a line with the
// nanoseconds that passed and the nanoseconds of user CPU time of the whole process. A refusal ends the program.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

type pair struct{ bundle, artifact []byte }

func main() {
	trustedRoot := flag.String("root", "", "trusted root")
	folder := flag.String("folder", "", "where the pairs are")
	count := flag.Int("count", 0, "how many pairs there are")
	san := flag.String("san", "", "subject alternative name to expect")
	issuer := flag.String("issuer", "", "issuer to expect")
	flag.Parse()
	if err := serve(*trustedRoot, *folder, *count, *san, *issuer); err != nil {
		fmt.Fprintln(os.Stderr, "sigstore-go-bench:", err)
		os.Exit(1)
	}
}

func serve(trustedRoot, folder string, count int, san, issuer string) error {
	check, err := newCheck(trustedRoot, san, issuer)
	if err != nil {
		return err
	}
	pairs, err := readPairs(folder, count)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var from, to int
		if _, err := fmt.Sscan(lines.Text(), &from, &to); err != nil {
			return err
		}
		cpu, start := userTime(), time.Now()
		for i, one := range pairs[from:to] {
			if err := check(one); err != nil {
				return fmt.Errorf("bundle %d: %w", from+i, err)
			}
		}
		passed := time.Since(start)
		fmt.Println(passed.Nanoseconds(), userTime()-cpu)
	}
	return lines.Err()
}

// newCheck asks for as much as our own verifier does: one entry of a log, one signed time, one SCT, this identity.
func newCheck(path, san, issuer string) (func(pair) error, error) {
	trusted, err := root.NewTrustedRootFromPath(path)
	if err != nil {
		return nil, err
	}
	verifier, err := verify.NewVerifier(trusted,
		verify.WithSignedCertificateTimestamps(1), verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))
	if err != nil {
		return nil, err
	}
	identity, err := verify.NewShortCertificateIdentity(issuer, "", san, "")
	if err != nil {
		return nil, err
	}
	return func(one pair) error {
		parsed := &bundle.Bundle{}
		if err := parsed.UnmarshalJSON(one.bundle); err != nil {
			return err
		}
		policy := verify.NewPolicy(verify.WithArtifact(bytes.NewReader(one.artifact)), verify.WithCertificateIdentity(identity))
		_, err := verifier.Verify(parsed, policy)
		return err
	}, nil
}

func readPairs(folder string, count int) ([]pair, error) {
	pairs := make([]pair, count)
	for i := range pairs {
		text, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("%d.json", i)))
		if err != nil {
			return nil, err
		}
		artifact, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("%d.bin", i)))
		if err != nil {
			return nil, err
		}
		pairs[i] = pair{text, artifact}
	}
	return pairs, nil
}

func userTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return syscall.TimevalToNsec(usage.Utime)
}
