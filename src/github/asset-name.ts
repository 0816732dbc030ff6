/**
 * What GitHub stores an asset as. It publishes no rule; this is the one that `gh` goes by (cli/cli,
 * `release/upload`). The real server turns some letters into others, so a name of ours is made of ASCII before it is
 * sent, and the name in the answer is the truth.
 */
export function predictAssetName(name: string): string {
  const bare = name.normalize('NFD').replace(/\p{Mn}+/gu, '')
  const started = bare.startsWith('.') ? `default${bare}` : bare
  const plain = started.replace(/[^A-Za-z0-9_+@-]+/g, '.').replace(/^\.+|\.+$/g, '')
  return plain !== name && !plain.includes('.') ? `default.${plain}` : plain
}

/** Whether GitHub keeps the name as it is. */
export const keepsName = (name: string): boolean => name !== '' && predictAssetName(name) === name
