import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { build, root, rxquant } from '../../support/processes.js'

jest.setTimeout(180_000)

const MINUTE = 60_000
const START = Date.UTC(2024, 0, 1)

/** Minute candles of a price that swings, an hour each way. */
const candles = (minutes: number): string => {
  const rows = Array.from({ length: minutes }, (_, minute) => {
    const price = (at: number): number => 40_000 + 400 * Math.sin((at / 60) * Math.PI) + at / 50
    const [open, close] = [price(minute), price(minute + 1)]
    const [high, low] = [Math.max(open, close) + 5, Math.min(open, close) - 5]
    return [START + minute * MINUTE, ...[open, high, low, close].map((value) => value.toFixed(2)), 12].join(',')
  })
  return ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n')
}

/** Buys after three minutes up, and sells after three down. */
const swing = `import { distinctUntilChanged, filter, map, pairwise, scan } from 'rxjs'
import { execute, iocBuy, marketSell, strategy } from 'rxquant/strategy'
export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['kline'] }],
  run: (account) => account.kline$('BTC/USDT').pipe(
    pairwise(),
    filter(([before, now]) => before.timestamp !== now.timestamp),
    scan((run, [{ open, close }]) => close > open ? Math.max(1, run + 1) : Math.min(-1, run - 1), 0),
    filter((run) => Math.abs(run) === 3),
    map((run) => run > 0),
    distinctUntilChanged(),
    map((isUp) => isUp ? iocBuy('BTC/USDT', 50_000, 0.04) : { ...marketSell('BTC/USDT', 0.03992), reason: 'three down' }),
    execute(account),
  ),
})`

let folder: string
const put = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
let market: string
let strategy: string

beforeAll(() => {
  build()
  // Inside the package, so that `rxquant` in a strategy is the package itself.
  folder = mkdtempSync(join(root, '.cache/backtests-'))
  market = put('btcusdt_1m.csv', candles(1_500))
  strategy = put('swing.mjs', swing)
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (...args: readonly string[]) => rxquant(['backtest', strategy, '--market', market, ...args]).ended

describe('rxquant backtest', () => {
  it('shows trades by symbol and reason, figures and a curve, and writes report and round trips', async () => {
    const [report, trades] = [join(folder, 'report.html'), join(folder, 'trades.csv')]
    const { code, stdout, stderr } = await run('--report', report, '--trades', trades, '--balance', '5000,BTC=0.1')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/huobi BTC\/USDT +\d+ .*\n.*TOTAL +\d+/)
    expect(stdout).toMatch(/exit reason[\s\S]*three down/)
    expect(stdout).toMatch(/Max drawdown[\s\S]*Fees; volume/)
    expect(stdout).toMatch(/[\u2801-\u28FF]{5}/)
    const page = readFileSync(report, 'utf8')
    expect(page).toContain('<h1>swing</h1>')
    expect(page).toContain(createHash('sha256').update(readFileSync(market)).digest('hex'))
    expect(page).toContain('By exit reason')
    const [head, ...rows] = readFileSync(trades, 'utf8').trimEnd().split('\n')
    expect(head).toMatch(/^opened,closed,symbol,side/)
    expect(rows.length).toBeGreaterThan(5)
    expect(rows[0]).toMatch(/^2024-01-01T.*,huobi BTC\/USDT,LONG,.*,three down$/)
  })

  it('plays the part between --from and --to, with the fees that are given, and is the same each time', async () => {
    const args = [
      '--json',
      '--from',
      '2024-01-01T06:00',
      '--to',
      '2024-01-01T18:00',
      '--fees',
      '0',
      '--symbols',
      'BTC/USDT',
    ]
    const [first, second] = await Promise.all([run(...args), run(...args)])
    expect(first.stdout).toBe(second.stdout)
    const result = JSON.parse(first.stdout) as { from: string; to: string; statistics: { costs: { fees: number } } }
    expect(result).toMatchObject({ from: '2024-01-01T06:00:00.000Z', statistics: { costs: { fees: 0 } } })
    expect(Date.parse(result.to)).toBeLessThanOrEqual(Date.UTC(2024, 0, 1, 18, 1))
  })

  it('trades the same on the wire', async () => {
    const lines = await Promise.all([run('--json'), run('--json', '--lane', 'wire')])
    const [direct, wire] = lines.map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>)
    expect(wire?.['statistics']).toEqual(direct?.['statistics'])
    expect(wire?.['daily']).toEqual(direct?.['daily'])
  })

  it('ends with 130 at Ctrl-C, with the result up to then', async () => {
    const long = put('ethusdt_1m.csv', candles(60_000))
    const told = put(
      'told.mjs',
      swing.replace('execute(account),', 'execute(account), (o$) => { console.log("began"); return o$ },'),
    )
    const process = rxquant(['backtest', told, '--market', `BTC/USDT=${long}`, '--json'])
    await process.saying(/began/)
    process.kill('SIGINT')
    const { code, stdout, stderr } = await process.ended
    expect(stderr).toContain('stopping')
    const result = stdout.replace('began\n', '')
    if (result === '') expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('no result') })
    else
      expect({ code, result: JSON.parse(result) as unknown }).toMatchObject({ code: 130, result: { complete: false } })
  })

  it('ends with 4 where every order was refused', async () => {
    const { code, stderr } = await run('--balance', 'USDT=1')
    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining('refused or not sent') })
  })

  it.each<[string, readonly string[], RegExp]>([
    ['a market that is not there', ['--market', 'nothing.csv'], /there is no market file nothing\.csv/],
    ['a date that is none', ['--from', 'yesterday'], /It must be a date/],
    ['a part that ends before it begins', ['--from', '2024-02-01', '--to', '2024-01-01'], /--from must be before --to/],
    ['a part that the market does not hold', ['--from', '2030-01-01'], /holds nothing|held|holds/],
    ['fees that are none', ['--fees', 'cheap'], /It must be shares/],
    ['balances that are none', ['--balance', 'BTC'], /It must be amounts/],
    ['latency without the wire', ['--lane', 'direct', '--latency', '5'], /--latency needs --lane wire/],
    ['a report that cannot be written', ['--report', '/nowhere/report.html'], /cannot be written/],
  ])('refuses %s', async (_, args, words) => {
    const { code, stderr } = await run(...args)
    expect(code).toBe(1)
    expect(stderr).toMatch(words)
  })
})

describe('rxquant backtest --check-lookahead', () => {
  it('finds nothing in a strategy that knows the past alone', async () => {
    const { code, stderr } = await run('--check-lookahead')
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/lookahead check: \d+ orders the same/),
    })
  })

  it('names the first order of a strategy that keeps what an earlier run has seen', async () => {
    const cheat = put(
      'cheat.mjs',
      swing
        .replace('export default', 'const seen = new Map()\nexport default')
        .replace(
          'pairwise(),',
          `map((k) => { const known = seen.get(k.timestamp + 600000); seen.set(k.timestamp, k); return known ?? k }), pairwise(),`,
        ),
    )
    const { code, stderr } = await rxquant(['backtest', cheat, '--market', market, '--check-lookahead', '300']).ended
    expect(code).toBe(5)
    expect(stderr).toMatch(/the first that knew the future:\n {2}2024-01-01T\S+ huobi (BUY|SELL)/)
  })
})

describe('rxquant compare', () => {
  it('shows two results side by side, and in which settings they differ', async () => {
    const files = await Promise.all(
      ['0.002', '0'].map(async (fees, index) => {
        const { stdout } = await run('--json', '--fees', fees)
        return put(`run-${index}.json`, stdout)
      }),
    )
    const { code, stdout } = await rxquant(['compare', ...files]).ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/Total return +\S+ % +\S+ % +\+/)
    expect(stdout).toMatch(/fees +maker 0.002, taker 0.002 +maker 0, taker 0/)
    const json = JSON.parse((await rxquant(['compare', '--json', ...files]).ended).stdout) as unknown
    expect(json).toMatchObject({ type: 'compare', runs: [{ title: 'swing' }, { title: 'swing', Fees: 0 }] })
  })

  it('refuses what is no result', async () => {
    const { code, stderr } = await rxquant(['compare', market, market]).ended
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('is no JSON') })
  })
})
