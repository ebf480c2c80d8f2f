import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import * as t from 'io-ts'

/** Keys of a login. */
export interface Keys {
  readonly access_key: string
  readonly secret_key: string
}

const Pair = t.type({ access_key: t.string, secret_key: t.string })
const KeysFile = t.record(t.string, Pair)

/** Error for missing or unreadable keys. Names the place, never a key. */
export class KeysMissing extends Error {
  readonly _tag = 'KeysMissing'
  override readonly name = 'KeysMissing'
}

/** Random keys, for a new account of a paper gateway. */
export const randomKeys = (): Keys => ({
  access_key: `paper-${randomBytes(12).toString('hex')}`,
  secret_key: randomBytes(24).toString('hex'),
})

/**
 * Reads RXQUANT_HUOBI_ACCESS_KEY and RXQUANT_HUOBI_SECRET_KEY, or RXQUANT_ACCESS_KEY and
 * RXQUANT_SECRET_KEY for every platform.
 */
export function keysFromEnvironment(platform: string, environment: Readonly<Record<string, string | undefined>>): Keys {
  const own = `RXQUANT_${platform.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
  for (const prefix of [own, 'RXQUANT']) {
    const access_key = environment[`${prefix}_ACCESS_KEY`]
    const secret_key = environment[`${prefix}_SECRET_KEY`]
    if (access_key !== undefined && secret_key !== undefined) return { access_key, secret_key }
    if (access_key !== undefined || secret_key !== undefined) {
      throw new KeysMissing(
        `of ${prefix}_ACCESS_KEY and ${prefix}_SECRET_KEY one is set and the other is not: set both`,
      )
    }
  }
  throw new KeysMissing(
    `no keys for ${platform}: set ${own}_ACCESS_KEY and ${own}_SECRET_KEY (or RXQUANT_ACCESS_KEY and RXQUANT_SECRET_KEY), or give --keys FILE`,
  )
}

/**
 * Reads a JSON file such as `{"huobi": {"access_key": "…", "secret_key": "…"}}`; `*` stands for
 * every other platform.
 */
export function keysFromFile(platform: string, file: string): Keys {
  const pairs = KeysFile.decode(parsed(file))
  if (pairs._tag === 'Left') {
    throw new KeysMissing(
      `${file} must hold, for each platform, an access_key and a secret_key: {"${platform}": {"access_key": "…", "secret_key": "…"}}`,
    )
  }
  for (const name of [platform, '*']) {
    const keys = Object.hasOwn(pairs.right, name) ? pairs.right[name] : undefined
    if (keys !== undefined) return keys
  }
  throw new KeysMissing(`${file} has no keys for ${platform}`)
}

/** Warns where a secret file is readable by other users. Windows has no such modes. */
export function warningsOfSecret(file: string): readonly string[] {
  if (process.platform === 'win32') return []
  const mode = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777
  if ((mode & 0o077) === 0) return []
  return [`${file} can be read or changed by others (mode ${mode.toString(8)}): run \`chmod 600 ${file}\``]
}

function parsed(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new KeysMissing(`the keys file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, and the text is keys.
    throw new KeysMissing(`${file} is not JSON`)
  }
}
