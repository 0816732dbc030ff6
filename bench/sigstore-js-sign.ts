/**
 * A program on `@sigstore/sign`: signs files one after the other, as the actions that are built on it do, and writes a
 * bundle beside each. Arguments: the signing config and the files. TOKEN: the identity token.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { bundleToJSON } from '@sigstore/bundle'
import { SigningConfig } from '@sigstore/protobuf-specs'
import { bundleBuilderFromSigningConfig } from '@sigstore/sign'

const [config = '', ...files] = process.argv.slice(2)
const token = process.env['TOKEN'] ?? ''

const builder = bundleBuilderFromSigningConfig({
  signingConfig: SigningConfig.fromJSON(JSON.parse(readFileSync(config, 'utf8'))),
  identityProvider: { getToken: async () => token },
  bundleType: 'messageSignature',
})

async function signAll(): Promise<void> {
  for (const file of files) {
    const bundle = await builder.create({ data: readFileSync(file) })
    writeFileSync(`${file}.sigstore.json`, JSON.stringify(bundleToJSON(bundle)))
  }
}

signAll().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
