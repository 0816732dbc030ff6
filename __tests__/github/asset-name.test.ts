import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { storedName } from '../../sandbox/github/asset-names.ts'
import { keepsName, predictAssetName } from '../../src/github/asset-name.ts'

suite('what GitHub makes of names', () => {
  for (const [given, stored] of [
    ['My App.exe', 'My.App.exe'],
    ['a~b.deb', 'a.b.deb'],
    ['x(1).zip', 'x.1.zip'],
    ['.env', 'default.env'],
    ['app.tar.gz.sigstore.json', 'app.tar.gz.sigstore.json'],
    ['żółw.bin', 'zo.w.bin'],
    ['日本語.txt', 'default.txt'],
    ['a..b', 'a.b'],
    ['a+b@c_d-e', 'a+b@c_d-e'],
    ['app ', 'default.app'],
  ] as const)
    test(`${given} is ${stored}`, () => {
      assert.equal(predictAssetName(given), stored)
      assert.equal(keepsName(given), given === stored)
    })

  test('what was predicted is kept, by the sandbox too, which has its own way to compute it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const once = predictAssetName(name)
        if (!keepsName(once)) return
        assert.equal(storedName(once), once)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (name) =>
        assert.equal(storedName(name), predictAssetName(name)),
      ),
    )
  })
})
