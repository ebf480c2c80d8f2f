import { describe, expect, it } from '@jest/globals'
import { newDashboard } from '../../src/cli/dashboard.js'
import { render } from '../../src/cli/render.js'
import type { RunEvent } from '../../src/cli/run-event.js'
import { renderSummary, summaryOf } from '../../src/cli/summary.js'
import { painted, unpainted, widthOf } from '../../src/cli/text.js'
import { after, assets, fill, fresh, info, order, platform, ready, ticker } from './events.js'

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
 │ BTC/USDT       50,100.00  ▁█                                               │
 │ profit        −0.02 USDT  █▁                                               │
 │ fees          10.02 USDT  on 5,000 traded                                  │
 │ orders                 1  1 fill · 1 open                                  │
 │ USDT           95,000.00  412.00 locked                                    │
 │ BTC               5.0998                                                   │
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

describe('the summary', () => {
  it('has a line for each account, and says how fees and profit were worked out', () => {
    expect(`\n${renderSummary(summaryOf(after(traded)), unpainted).join('\n')}`).toBe(`

 two-logins ran for 1.2 s

          orders  still open  fills    volume  before fees  fees ¹  profit ²
   huobi       1           1      1  5,000.00       +10.00   10.02     −0.02  USDT

   ping         0.50 ms median, 0.50 ms p99 (of 1)
   order reply  3.00 ms median, 3.00 ms p99 (of 1)

   ¹ what the fills moved less what the balances show: the protocol tells no fees
   ² what is held now less what was held at the start; all at last prices
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
