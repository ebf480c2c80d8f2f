import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { CHARTS } from '../../../src/backtest/report/charts.js'
import { reportHtml, reportPage } from '../../../src/backtest/report/report-html.js'
import { sampleRun, walk } from './sample-run.js'

const script = 'document.title += "</SCRIPT>"'.replace('</', '<\\/')
const sha256 = createHash('sha256').update(script).digest('base64')
const DAY_MINUTES = 1440
const month = sampleRun(walk(31 * DAY_MINUTES))

const jsonIn = (page: string): Record<string, unknown> =>
  JSON.parse(/<script type="application\/json" id="run">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as Record<
    string,
    unknown
  >

describe('the charts of a report', () => {
  it('are none in the sources, where the static pictures are all', () => {
    expect(CHARTS.script).toBe('')
    expect(reportHtml(month)).toBe(reportPage(month, CHARTS))
  })

  it('come with their data, a policy that allows their script alone, and the attribution', () => {
    const page = reportPage(month, { script, sha256, style: '.u{}' })
    expect(page).toContain(`'sha256-${sha256}'`)
    expect(page).toContain("default-src 'none'")
    expect(page).toContain('TradingView Lightweight Charts')
    expect(page).toContain('https://www.tradingview.com/')
    const data = jsonIn(page) as { prices: { id: string }[]; charts: { id: string }[] }
    for (const { id } of [...data.prices, ...data.charts]) expect(page).toContain(`<div id="${id}">`)
    expect(data.charts.map(({ id }) => id)).toEqual(['equity', 'drawdown', 'exposure'])
  })

  it('keep a report of a month under 700 kB and one of a year under 2 MB, their own 230 kB included', () => {
    const filler = 'x'.repeat(235_000)
    const year = sampleRun(walk(365 * DAY_MINUTES), 24, 63)
    expect(reportPage(month, { script: filler, sha256, style: '' }).length).toBeLessThan(700_000)
    expect(reportPage(year, { script: filler, sha256, style: '' }).length).toBeLessThan(2_000_000)
  }, 60_000)

  it('have no data of others that could end their element', () => {
    const evil = '</script><img src=x>'
    const { ledger } = month
    const page = reportPage(
      { ...month, ledger: { ...ledger, bars: { [evil]: ledger.bars['BTC/USDT'] ?? [] } } },
      { script, sha256, style: '' },
    )
    expect(page).not.toContain('<img')
    expect(page.match(/<script/g)).toHaveLength(3)
  })
})
