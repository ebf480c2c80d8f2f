import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { build, type Ended, node, root, rxquant } from '../support/processes.js'

const run = (name: string, seconds: number) => () =>
  rxquant(['run', `examples/${name}`, '--seconds', String(seconds), '--seed', '7']).ended

/** How each is run, as its own first lines say. */
const runs: Readonly<Record<string, () => Promise<Ended>>> = {
  'connect-and-watch.ts': () => node(['--import', 'tsx', 'examples/connect-and-watch.ts']).ended,
  'place-and-cancel.ts': () => node(['--import', 'tsx', 'examples/place-and-cancel.ts']).ended,
  'ema-cross.ts': run('ema-cross.ts', 6),
  'two-logins.ts': run('two-logins.ts', 4),
  'market-maker.ts': run('market-maker.ts', 4),
  'twap.ts': run('twap.ts', 4),
}
const files = readdirSync(join(root, 'examples'))
  .filter((file) => file.endsWith('.ts'))
  .sort()
const ended = new Map<string, Ended>()
const AT_ONCE = 3

beforeAll(async () => {
  build()
  // Others wait for an opportunity, which may not be had in seconds: see strategies.test.ts.
  const left = files.map((file) => [file, runs[file] ?? run(file, 2)] as const)
  const runner = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) ended.set(next[0], await next[1]())
  }
  await Promise.all(Array.from({ length: AT_ONCE }, runner))
}, 120_000)

const outputOf = (name: string): string => {
  const { code, stdout, stderr } = ended.get(name) ?? { code: -1, stdout: '', stderr: 'it was not run' }
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

it('every example is run here, ends with 0, and has less than 60 lines of code', () => {
  expect(files).toEqual(expect.arrayContaining(Object.keys(runs)))
  for (const file of files) outputOf(file)
  const lengths = files.map((file) => {
    const lines = readFileSync(join(root, 'examples', file), 'utf8').split('\n')
    return lines.filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length
  })
  expect(Math.max(...lengths)).toBeLessThan(60)
})

describe('connect and watch', () => {
  it('sees states, balances and prices, and logs out', () => {
    const output = outputOf('connect-and-watch.ts')
    expect(output).toMatch(/^state {4}READY/m)
    expect(output).toContain('holds    100000 USDT')
    expect(output).toMatch(/^ticker {3}BTC\/USDT \d/m)
    expect(output).toMatch(/logged out\n$/)
  })
})

describe('place and cancel', () => {
  it('places, finds, cancels, and is told no in two ways', () => {
    const lines = outputOf('place-and-cancel.ts')
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll(/"(?:order_no|cid)":"[^"]*"/g, '_').replace(/notice {3}\S+/, 'notice'))
      .map((line) => line.replace(/(insufficient balance).*/, '$1'))
    expect(lines).toEqual([
      'place    done: {_,_}',
      'notice SUBMITTED',
      'open     1 orders',
      'cancel   done: [{_,"result":true,"error_message":""}]',
      'notice CANCELED',
      'open     0 orders',
      'too much Rejected: the server refused place_order: insufficient balance',
      expect.stringMatching(/^nonsense NotSent: place_order was not sent \(invalid\)/),
    ])
  })
})

describe('EMA cross', () => {
  it('trades where the averages cross', () => {
    const output = outputOf('ema-cross.ts')
    expect(output).toMatch(/fast [\d.]+ is (above|below) slow [\d.]+/)
    expect(output).toMatch(/huobi {2}(bought|sold) 0\.01 BTC\/USDT at/)
  })
})

describe('two logins', () => {
  it('trades on both platforms over one socket', () => {
    const output = outputOf('two-logins.ts')
    expect(output).toMatch(/huobi {2}(bought|sold) 0\.01 BTC\/USDT at/)
    expect(output).toMatch(/okex {3}(bought|sold) 0\.01 BTC\/USDT at/)
    expect(output.match(/ {2}connected$/gm)).toHaveLength(1)
  })
})

describe('market maker and TWAP', () => {
  it('show quotes on both sides, and buy a slice at a time', () => {
    expect(outputOf('market-maker.ts')).toMatch(/huobi {2}buy 0\.01 BTC\/USDT at .* LIMIT SUBMITTED/)
    expect(outputOf('market-maker.ts')).toMatch(/huobi {2}sell 0\.01 BTC\/USDT at .* LIMIT SUBMITTED/)
    expect(outputOf('twap.ts')).toMatch(/huobi {2}bought 0\.005 BTC\/USDT at/)
  })
})
