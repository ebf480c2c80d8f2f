import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { build, type Ended, node, root, rxquant } from '../support/processes.js'

/** How each is run, as its own first lines say. */
const runs: Readonly<Record<string, () => Promise<Ended>>> = {
  'connect-and-watch.ts': () => node(['--import', 'tsx', 'examples/connect-and-watch.ts']).ended,
  'place-and-cancel.ts': () => node(['--import', 'tsx', 'examples/place-and-cancel.ts']).ended,
  'ema-cross.ts': () => rxquant(['run', 'examples/ema-cross.ts', '--seconds', '6']).ended,
  'two-logins.ts': () => rxquant(['run', 'examples/two-logins.ts', '--seconds', '4', '--seed', '7']).ended,
}
const ended = new Map<string, Ended>()

beforeAll(async () => {
  build()
  await Promise.all(Object.entries(runs).map(async ([name, run]) => ended.set(name, await run())))
}, 90_000)

const outputOf = (name: string): string => {
  const { code, stdout, stderr } = ended.get(name) ?? { code: -1, stdout: '', stderr: 'it was not run' }
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

it('every example is run here, and has less than 60 lines', () => {
  const files = readdirSync(join(root, 'examples'))
  expect(files.sort()).toEqual(Object.keys(runs).sort())
  const lengths = files.map(
    (file) =>
      readFileSync(join(root, 'examples', file), 'utf8')
        .trimEnd()
        .split('\n').length,
  )
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
