import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { reportHtml, type RunResult, runStatistics, runTrades, spotLedger } from 'rxquant/backtest'
import { SORT_SCRIPT, SORT_SCRIPT_SHA256 } from '../../../src/backtest/report/report-html.js'
import { sampleRun, walk } from './sample-run.js'

const DAY_MINUTES = 1440
const month = sampleRun(walk(31 * DAY_MINUTES))
const empty: RunResult = {
  title: 'nothing',
  ledger: spotLedger({ platform: 'huobi', quote: 'USDT', balances: {}, fills: [], bars: {}, barMs: 60_000 }),
}
const elementsIn = (page: string, name: string): number => page.match(new RegExp(`<${name}[ >]`, 'g'))?.length ?? 0

describe('the report of a run', () => {
  const page = reportHtml(month)

  it('is one small file that loads nothing', () => {
    expect(page.length).toBeLessThan(700_000)
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).not.toMatch(/(src|href)=|url\(|@import|https?:/)
    expect(page).toContain("default-src 'none'")
  })

  it('allows the one script that it holds, and no other', () => {
    expect(SORT_SCRIPT_SHA256).toBe(createHash('sha256').update(SORT_SCRIPT).digest('base64'))
    expect(page).toContain(`script-src 'sha256-${SORT_SCRIPT_SHA256}'"`)
    expect(page.match(/<script>(.*?)<\/script>/s)?.[1]).toBe(SORT_SCRIPT)
    expect(elementsIn(page, 'script')).toBe(1)
  })

  it('has every section, each picture with its words', () => {
    const heads = [...page.matchAll(/<h2>(.*?)<\/h2>/gs)].map(([, head]) => head?.replace(/ *<span.*/s, ''))
    expect(heads).toEqual([
      'Price and fills, BTC/USDT',
      'Equity and buy and hold, USDT',
      'Drawdown',
      'Exposure, share of equity',
      'Months, %',
      'Rolling Sharpe ratio, 7 days',
      'Daily returns',
      'Distribution of daily returns',
      'Round trips: return by time held',
      'Best and worst round trips',
      'Risk and return',
      'Round trips, net of fees',
      'Costs and execution',
      'Round trips',
      'Refused orders',
      'Parameters',
      'Data and versions',
    ])
    expect(elementsIn(page, 'svg')).toBe(8)
    expect(elementsIn(page, 'desc')).toBe(8)
    expect(page.match(/role="img" aria-label="[^"]+"/g)).toHaveLength(8)
  })

  it('shows the figures of the statistics', () => {
    const { equity, trades } = runStatistics(month)
    const total = `${(100 * (equity.totalReturn ?? NaN)).toFixed(2).replace('-', '−')} %`
    expect(page).toMatch(new RegExp(`<span>Total return</span><b class="(pos|neg)">${total.replace('.', '\\.')}</b>`))
    expect(page).toContain(`<span>Round trips</span><b class="">${trades.trades}</b>`)
    expect(elementsIn(page.slice(page.indexOf('<h2>Round trips</h2>'), page.indexOf('<h2>Refused')), 'tr')).toBe(
      runTrades(month.ledger).length + 1,
    )
  })

  it('lists refused orders with the words of the refusal, parameters, data, versions, seed and notes', () => {
    for (const words of [
      'account-frozen-balance-insufficient-error',
      'balance: 2, rate limit: 1',
      'before sending',
      '{&quot;inMs&quot;:5,&quot;outMs&quot;:5}',
      'sha256 9f86d081884c7d65',
      '<td>seed<td>7',
      'an order took prices that were 40 minutes old',
    ]) {
      expect(page).toContain(words)
    }
  })

  it('is the same for the same run', () => {
    const run = sampleRun(walk(2 * DAY_MINUTES))
    expect(reportHtml(JSON.parse(JSON.stringify(run)) as RunResult)).toBe(reportHtml(run))
  })

  it('prints – for what is not defined, of a run without a trade, a day or a bar', () => {
    for (const run of [empty, sampleRun(walk(1)), sampleRun(walk(60)), sampleRun(walk(DAY_MINUTES))]) {
      const text = reportHtml(run).replace(/<script>.*?<\/script>/s, '')
      expect(text).not.toMatch(/NaN|Infinity|undefined|null|\[object/)
      expect(text).toContain('–')
    }
  })

  it('claims no return, and no drawdown, of less than a day', () => {
    const text = reportHtml(sampleRun(walk(600), 24, 63))
    for (const name of ['Total return', 'Max drawdown, daily'])
      expect(text).toContain(`<span>${name}</span><b class="">–</b>`)
    expect(text).toMatch(/<span>Round trips<\/span><b class="">[1-9]/)
  })

  it('stays small for thousands of trades', () => {
    const busy = sampleRun(walk(12 * DAY_MINUTES), 1, 2)
    expect(runTrades(busy.ledger).length).toBeGreaterThan(3_000)
    const text = reportHtml(busy)
    expect(text.length).toBeLessThan(700_000)
    expect(text).toMatch(/The last 500 of \d+ round trips/)
  })

  it('escapes whatever it is given', () => {
    const evil = `<img src=x onerror=alert(1)>"'&</script><script>alert(1)</script>`
    const symbol = `BTC${evil}/USDT`
    const ledger = spotLedger({
      platform: evil,
      quote: 'USDT',
      balances: { USDT: 1000 },
      barMs: 60_000,
      bars: { [symbol]: walk(3000) },
      fills: month.ledger.fills.slice(0, 2).map((fill) => ({ ...fill, symbol, feeCurrency: evil })),
      orders: month.ledger.orders.map((order) => ({ ...order, symbol, type: evil, code: evil, message: evil })),
    })
    const text = reportHtml({
      title: evil,
      ledger: { ...ledger, quote: evil },
      notes: [evil],
      parameters: { [evil]: evil },
      data: [{ name: evil, sha256: evil }],
      versions: { [evil]: evil },
      seed: evil,
    })
    expect(elementsIn(text, 'img')).toBe(0)
    expect(elementsIn(text, 'script')).toBe(1)
    expect(text).not.toContain('alert(1)</script>')
  })

  it('has no foreign tag for any title and parameter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (title, value) => {
        const text = reportHtml({ ...empty, title, parameters: { [value]: title } })
        const tags = new Set(
          [...text.replace(/<script>.*?<\/script>/s, '').matchAll(/<\/?([^\s>/]+)/g)].map(([, tag]) => tag),
        )
        const known =
          'html head meta title style body h1 p div span b section h2 i table tbody tr td footer !doctype'.split(' ')
        expect([...tags].filter((tag) => tag !== undefined && !known.includes(tag))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})
