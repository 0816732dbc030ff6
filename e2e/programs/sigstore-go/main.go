// Command sigstore-go-sign signs a file with sigstore-go's library at the services that it is told, and writes a bundle:
// a message signature, or with -type a DSSE envelope around the file's content.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	common "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore-go/pkg/sign"
	"google.golang.org/protobuf/encoding/protojson"
)

const patience = 20 * time.Second

type settings struct {
	fulcio, rekor, tsa, token, key, payloadType, bundle string
	rekorVersion                                        uint
}

func main() {
	var s settings
	flag.StringVar(&s.fulcio, "fulcio", "", "base URL of Fulcio")
	flag.StringVar(&s.rekor, "rekor", "", "base URL of Rekor")
	flag.UintVar(&s.rekorVersion, "rekor-version", 2, "1 or 2")
	flag.StringVar(&s.tsa, "tsa", "", "URL of a timestamp authority, if any")
	flag.StringVar(&s.token, "token", "", "identity token")
	flag.StringVar(&s.key, "key", "PKIX_ECDSA_P256_SHA_256", "kind of key, a PublicKeyDetails of sigstore_common.proto")
	flag.StringVar(&s.payloadType, "type", "", "DSSE payload type; the file is the payload")
	flag.StringVar(&s.bundle, "bundle", "", "where the bundle goes")
	flag.Parse()
	if err := run(s, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "sigstore-go-sign:", err)
		os.Exit(1)
	}
}

func run(s settings, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	details, known := common.PublicKeyDetails_value[s.key]
	if !known {
		return fmt.Errorf("no such kind of key: %s", s.key)
	}
	pair, err := sign.NewEphemeralKeypair(&sign.EphemeralKeypairOptions{Algorithm: common.PublicKeyDetails(details)})
	if err != nil {
		return err
	}
	bundle, err := sign.Bundle(s.content(data), pair, s.services())
	if err != nil {
		return err
	}
	text, err := protojson.Marshal(bundle)
	if err != nil {
		return err
	}
	return os.WriteFile(s.bundle, text, 0o600)
}

func (s settings) content(data []byte) sign.Content {
	if s.payloadType == "" {
		return &sign.PlainData{Data: data}
	}
	return &sign.DSSEData{Data: data, PayloadType: s.payloadType}
}

func (s settings) services() sign.BundleOptions {
	options := sign.BundleOptions{
		CertificateProvider:        sign.NewFulcio(&sign.FulcioOptions{BaseURL: s.fulcio, Timeout: patience}),
		CertificateProviderOptions: &sign.CertificateProviderOptions{IDToken: s.token},
		TransparencyLogs: []sign.Transparency{
			sign.NewRekor(&sign.RekorOptions{BaseURL: s.rekor, Timeout: patience, Version: uint32(s.rekorVersion)}),
		},
	}
	if s.tsa != "" {
		authority := sign.NewTimestampAuthority(&sign.TimestampAuthorityOptions{URL: s.tsa, Timeout: patience})
		options.TimestampAuthorities = []*sign.TimestampAuthority{authority}
	}
	return options
}
