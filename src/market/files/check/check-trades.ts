import type { Recording } from '../recording.js'
import { instant } from '../table/recorded-time.js'
import { tradeReader } from '../trades/trade-row.js'
import { Findings } from './findings.js'
import { outliers } from './outliers.js'

/** Rows may be out of order by this much, as readers accept it. */
const TOLERANCE_MS = 1_000
/** Column of the trade's id in `TRADE_FIELDS`. */
const ID = 6

interface Traded {
  readonly prices: number[]
  readonly lines: number[]
  lastId: string
}

/** Checks trades: order, ids that come twice, numbered ids that are missing, and prices far off. */
export const checkTrades = async (
  recording: Recording,
): Promise<{ readonly facts: readonly string[]; readonly findings: readonly string[] }> => {
  const findings = new Findings(recording.unit)
  const tradeOf = tradeReader(recording)
  const bySymbol = new Map<string, Traded>()
  const hasIds = recording.columns.has('id')
  let rows = 0
  let firstMs = Infinity
  let latestMs = -Infinity
  let longestMs = 0
  for await (const piece of recording.rows())
    for (const row of piece.rows) {
      rows += 1
      const trade = findings.try(() => tradeOf(row))
      if (trade === undefined) continue
      const { symbol, timestamp, price } = trade
      const traded = bySymbol.get(symbol) ?? { prices: [], lines: [], lastId: '' }
      bySymbol.set(symbol, traded)
      if (hasIds) checkId(findings, row.line, row.text(ID), traded.lastId)
      traded.lastId = hasIds ? row.text(ID) : ''
      traded.prices.push(price)
      traded.lines.push(row.line)
      if (timestamp < latestMs - TOLERANCE_MS)
        findings.add('trades out of order', row.line, `${instant(timestamp)} after ${instant(latestMs)}`)
      if (latestMs > -Infinity) longestMs = Math.max(longestMs, timestamp - latestMs)
      firstMs = Math.min(firstMs, timestamp)
      latestMs = Math.max(latestMs, timestamp)
    }
  for (const { prices, lines } of bySymbol.values())
    for (const { index, price, usual } of outliers(prices))
      findings.add('prices far off', lines[index] ?? 0, `${price} among prices of ${usual}`)
  const span = rows === 0 || firstMs === Infinity ? '' : `, ${instant(firstMs)} to ${instant(latestMs)}`
  return {
    facts: [`${rows} trades${span}; longest pause ${(longestMs / 1_000).toFixed(1)} s`],
    findings: findings.words(),
  }
}

const checkId = (findings: Findings, line: number, id: string, last: string): void => {
  if (id === '' || last === '') return
  if (id === last) findings.add('duplicates', line, `id ${id}`)
  const step = Number(id) - Number(last)
  if (Number.isInteger(step) && step > 1) findings.add('gaps', line, `${step - 1} ids missing before ${id}`)
}
