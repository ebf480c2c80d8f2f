import { describe, expect, it } from '@jest/globals'
import { reduceDashboard, newDashboard } from '../../../src/cli/dashboard/dashboard.js'
import { render } from '../../../src/cli/output/render.js'
import type { RunEvent } from '../../../src/cli/run/run-event.js'
import { renderSummary, summaryOf } from '../../../src/cli/output/summary.js'
import { painted, unpainted, widthOf } from '../../../src/cli/format/text.js'
import { after, assets, fill, fresh, gate, info, order, platform, ready, ticker } from '../events.js'

const traded: readonly RunEvent[] = [
  { type: 'status', status: { _tag: 'Connected', generation: 1 } },
  ready,
  { type: 'began', forMs: 10_000 },
  info,
  assets(100_000, 5),
  ticker(50_000),
  { type: 'tick' },
  { platform, type: 'sent' },
  { platform, type: 'placed', ms: 3 },
  order('1', 'SUBMITTED'),
  fill('1'),
  assets(95_000, 5.0998, 412),
  ticker(50_100),
  { type: 'latency', ms: 0.5 },
  { type: 'tick' },
]
const frame = { columns: 80, rows: 24, paint: unpainted }

describe('the picture', () => {
  it('shows connection, time, prices, profit, fees, orders, balances and what happened last', () => {
    expect(`\n${render(after(traded), frame).join('\n')}\n`).toBe(`

 two-logins  paper gateway                                          1 s of 10 s
 ━━━━━━━━━─────────────────────────────────────────────────────────────────────
 ● connected  ws://127.0.0.1:1/ws/v1                               ping 0.50 ms
 ╭─ huobi ● READY ────────────────────────────────────────────────────────────╮
 │ BTC/USDT        50,100.00  ▁█                                              │
 │ profit         −0.02 USDT  █▁                                              │
 │ fees           10.02 USDT  on 5,000 traded                                 │
 │ realised        0.00 USDT                                                  │
 │ unrealised    +10.00 USDT                                                  │
 │ holding      +500.00 USDT  without trading                                 │
 │ orders                  1  1 fill · 1 open                                 │
 │ buy                   0.1  at 50,000.00                                    │
 │ traded                0.1  at 50,000.00                                    │
 │ USDT            95,000.00  412.00 locked                                   │
 │ BTC                5.0998                                                  │
 ╰────────────────────────────────────────────────────────────────────────────╯
    0.1 s         connected
    1.0 s  huobi  buy 0.1 BTC/USDT at 50,000  LIMIT SUBMITTED
    1.1 s  huobi  bought 0.1 BTC/USDT at 50,000  taker
`)
  })

  it('is never wider nor higher than the frame, painted or not, whatever is in it', () => {
    const wild = after([
      ...traded,
      { type: 'said', value: `${'交易所'.repeat(60)}\u001B[2J\n\n` },
      ...Array.from({ length: 60 }, (_, index): RunEvent => fill(String(index + 2))),
    ])
    for (const columns of [20, 40, 80, 93, 120, 300]) {
      for (const rows of [1, 5, 12, 24, 80]) {
        for (const paint of [painted, unpainted]) {
          const lines = render(wild, { columns, rows, paint })
          expect(lines.length).toBeLessThanOrEqual(rows)
          expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns)
          expect(lines.filter((line) => /[\n\r]/.test(line) || line.includes('\u001B[2J'))).toEqual([])
        }
      }
    }
  })

  it('puts two accounts side by side where there is room, in boxes that close', () => {
    const two = newDashboard({
      title: 't',
      venue: 'v',
      url: 'u',
      logins: ['huobi', 'okex'].map((name) => ({ platform: name, symbols: ['BTC/USDT'] })),
    })
    const tops = render(after(traded, two), { ...frame, columns: 110 }).filter((line) => line.includes('╭'))
    expect(tops).toHaveLength(1)
    expect(tops[0]).toMatch(/huobi.*╮ ╭.*okex/)
    expect(render(two, { ...frame, columns: 80, rows: 40 }).filter((line) => line.includes('╭'))).toHaveLength(2)
  })

  it('names the symbol of an order where the account has several', () => {
    const several = newDashboard({
      title: 't',
      venue: 'v',
      url: 'u',
      logins: [{ platform, symbols: ['BTC/USDT', 'ETH/USDT'] }],
    })
    const picture = render(after(traded, several), { ...frame, rows: 30 }).join('\n')
    expect(picture).toContain('buy                   0.1  BTC/USDT at 50,000.00')
    expect(picture).toContain('traded                0.1  BTC/USDT at 50,000.00')
  })

  it('shows how each risk gate stands: what is used of which limits, and when it is shut why, and how it is opened again', () => {
    const open = render(after([...traded, gate({ _tag: 'Open' })]), frame).join('\n')
    expect(open).toContain('risk gate            open  BTC/USDT 0.02 of 0.05, orders to 0.01 and 2,000')
    const missed = render(after([...traded, gate({ _tag: 'Open' }, true)]), { ...frame, columns: 118 }).join('\n')
    expect(missed).toContain('orders to 0.01 and 2,000, at worst: notices were missed')
    const trip = gate({ _tag: 'Tripped', code: 'runaway', words: 'more than 100 attempts', at: 0 })
    const shut = after([...traded, gate({ _tag: 'Open' }), trip])
    expect(render(shut, { ...frame, columns: 118 }).join('\n')).toMatch(
      /risk gate +shut {2}runaway: more than 100 attempts; `kill -USR2 \d+` reopens it/,
    )
    expect(shut.log.at(-1)).toMatchObject({
      kind: 'trouble',
      text: expect.stringMatching(/^the risk gate is shut, runaway/),
    })
    expect(after([gate({ _tag: 'Open' })], shut).log.at(-1)).toMatchObject({ text: 'the risk gate is open again' })
    expect(renderSummary(summaryOf(shut), unpainted).join('\n')).toMatch(
      /huobi {2}risk gate shut \(runaway: .*\): BTC\/USDT 0\.02 of 0\.05/,
    )
  })

  it('shows how much of a recorded market has been played', () => {
    expect(render(after([...traded, { type: 'market', share: 0.424 }]), frame)[1]).toMatch(
      /42 % of the market, 1 s of 10 s$/,
    )
  })

  it('says so when the connection is lost', () => {
    const lost: RunEvent = {
      type: 'status',
      status: {
        _tag: 'Lost',
        cause: { _tag: 'Silent', error: new Error('nothing for 11 s') },
        retryInMs: 2_500,
        attempt: 1,
      },
    }
    expect(render(after([lost]), frame).join('\n')).toContain('no connection: nothing for 11 s; next try in 2.5 s')
  })
})

describe('the picture of two legs, one of contracts, at 80 columns and 24 rows', () => {
  const legs = newDashboard({
    title: 'carry',
    venue: 'paper gateway',
    url: 'ws://127.0.0.1:1/ws/v1',
    logins: [platform, 'huobi_future'].map((name) => ({ platform: name, symbols: ['BTC/USDT'] })),
  })
  const onFuture = (event: RunEvent): RunEvent => ({ ...event, platform: 'huobi_future' }) as RunEvent
  const position = { symbol: 'BTC/USDT', long_quantity: 0, short_quantity: 10, short_open_price: 50_000 }
  const contract = { offset: 'open', quantity: 10, side: 'SELL', fee: 0.2, fee_currency: 'USDT' } as const
  const events: readonly RunEvent[] = [
    ...traded,
    ...[ready, info, assets(50_000, 0), ticker(50_000), gate({ _tag: 'Open' })].map(onFuture),
    onFuture({
      ...{ platform, type: 'position' },
      position: { ...position, long_unrealised_pnl: 0, short_unrealised_pnl: -1 } as never,
    }),
    onFuture(fill('9', contract)),
    onFuture(order('10', 'SUBMITTED', { action: 'SELL', offset: 'open', quantity: 1, remain: 1 })),
    onFuture(assets(49_998, 0)),
    { type: 'said', value: 'the basis has come down to the level at which both of the legs are to be closed again' },
  ]

  it('holds the result of each leg, their total and the last events', () => {
    expect(`\n${render(after(events, legs), frame).join('\n')}\n`).toBe(`

 carry  paper gateway                                               2 s of 10 s
 ━━━━━━━━━━━━━━━━━─────────────────────────────────────────────────────────────
 ● connected  ws://127.0.0.1:1/ws/v1                               ping 0.50 ms
 total  profit −2.02 USDT · fees 10.22 USDT · 2 fills
 ╭─ huobi ● READY ────────────────────────────────────────────────────────────╮
 │ BTC/USDT        50,100.00  ▁█                                              │
 │ profit         −0.02 USDT  █▁                                              │
 │ orders                  1  1 fill · 1 open                                 │
 │ traded                0.1  at 50,000.00                                    │
 ╰────────────────────────────────────────────────────────────────────────────╯
 ╭─ huobi_future ● READY ─────────────────────────────────────────────────────╮
 │ BTC/USDT        50,000.00                                                  │
 │ profit         −2.00 USDT                                                  │
 │ orders                  0  1 fill · 1 open                                 │
 │ short                  10  contracts at 50,000.00                          │
 ╰────────────────────────────────────────────────────────────────────────────╯
    2.2 s  huobi_future  sold 10 contracts of BTC/USDT at 50,000, to open
                         taker
    2.3 s  huobi_future  sell 1 contract of BTC/USDT at 50,000  LIMIT SUBMITTED
    2.5 s                the basis has come down to the level at which both of
                         the legs are to be closed again
`)
  })

  it('shows all of its time once it is over, though the logins took a part of it', () => {
    const run = after([{ type: 'began', forMs: 19_600 }])
    const clockAt = (at: number) => render(reduceDashboard(run, { at, event: { type: 'tick' } }), frame)[1]
    expect(clockAt(19_650)).toMatch(/ 19 s of 20 s$/)
    expect(clockAt(19_700)).toMatch(/ 20 s of 20 s$/)
  })
})

describe('the summary', () => {
  it('has a line for each account, and says how fees and profit were worked out', () => {
    expect(`\n${renderSummary(summaryOf(after(traded)), unpainted).join('\n')}`).toBe(`

 two-logins ran for 1.2 s

          orders  still open  fills    volume  before fees  fees ¹  profit ²
   huobi       1           1      1  5,000.00       +10.00   10.02     −0.02  USDT

          realised  unrealised  holding alone ³
   huobi      0.00      +10.00          +500.00  USDT

   ping         0.50 ms median, 0.50 ms p99 (of 1)
   order reply  3.00 ms median, 3.00 ms p99 (of 1)

   ¹ amounts of the fills less the changes of the balances
   ² what is held now less what was held at the start; all at last prices
   ³ what the market alone did to what was held at the start: it is not in the profit
`)
  })

  it('shows trouble only where there was some', () => {
    const heading = (events: readonly RunEvent[]) =>
      renderSummary(summaryOf(after(events)), unpainted).find((line) => line.includes('volume'))
    expect(heading([])).not.toMatch(/unknown|refused|not sent|still open/)
    expect(heading([order('1', 'SUBMITTED')])).toMatch(/still open/)
  })

  it('knows nothing of profit where nothing is known', () => {
    expect(summaryOf(fresh()).accounts[0]?.profit).toBeUndefined()
    expect(renderSummary(summaryOf(fresh()), unpainted).join('\n')).toContain('–')
  })
})
