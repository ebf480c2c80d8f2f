import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'

/** All that users read: the pages, the examples, and comments of the source. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|md)$/.test(name))
    .map((name) => join(folder, name))

const quotedPair = /(['"])[A-Z0-9]{2,}[-_](?:USDT?|USDC|EUR|BTC|ETH)\1/g

it('examples of the documentation name symbols as a login takes them: BTC/USDT, not BTC-USDT', () => {
  const docs = ['README.md', 'CHANGELOG.md', ...['src', 'examples', 'marbles'].flatMap(filesOf)]
  const found = docs.flatMap((file) => (readFileSync(file, 'utf8').match(quotedPair) ?? []).map((pair) => [file, pair]))
  expect(found).toEqual([])
})
