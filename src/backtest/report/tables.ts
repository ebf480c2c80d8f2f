import type { LedgerOrder } from '../ledger/ledger.js'
import { isRefused } from '../ledger/execution.js'
import type { RunStatistics, RunTrade } from '../run-result.js'
import type { TradeStatistics } from '../statistics/trades/trade-statistics.js'
import { duration, fixed, minuteOf, money, percent, significant } from './format.js'
import { html, type Markup } from './markup.js'

const MOST_TRADES = 500
const MOST_REFUSED = 200
const MOST_BEST = 3
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Class of a value by its sign. */
export const signOf = (value: number | undefined): string =>
  value === undefined || value === 0 ? '' : value > 0 ? 'pos' : 'neg'

const TEXT_COLUMNS = ['Reason', 'Opened', 'Symbol', 'Side', 'Order', 'Refused', 'Why']

const headRow = (heads: readonly string[]): Markup =>
  html`<thead><tr>${heads.map((head) => html`<th class="${TEXT_COLUMNS.includes(head) ? 'text' : ''}">${head}</th>`)}</tr></thead>`

const signed = (value: number | undefined, text: string): Markup => html`<td class="${signOf(value)}">${text}`

function shaded(value: number | undefined, largest: number): Markup {
  if (value === undefined) return html`<td>`
  const share = largest === 0 ? 0 : Math.round((0.12 + (0.6 * Math.abs(value)) / largest) * 100)
  const colour = value >= 0 ? '--up' : '--down'
  return html`<td style="background:color-mix(in srgb,var(${colour}) ${share}%,transparent)">${fixed(100 * value, 1)}`
}

/** Returns of months in per cent, one row for each year. */
export function monthTable({ equity }: RunStatistics): Markup {
  const { monthly, yearly } = equity
  const years = Object.keys(yearly)
  if (years.length === 0) return html`<p class="none">No whole day.</p>`
  const largest = Math.max(...Object.values(monthly).map((value) => Math.abs(value ?? 0)))
  return html`<div class="scroll" tabindex="0"><table class="months"><thead><tr><th>Year</th>${MONTHS.map((name) => html`<th>${name}</th>`)}<th>Year</th></tr></thead><tbody>${years.map(
    (year) =>
      html`<tr><th>${year}</th>${MONTHS.map((_, index) => shaded(monthly[`${year}-${String(index + 1).padStart(2, '0')}`], largest))}<td><b>${fixed(yearly[year] === undefined ? undefined : 100 * yearly[year], 1)}</b>`,
  )}</tbody></table></div>`
}

/** Round trips with what each brought; the last ones where there are very many. */
export function tradeTable(trades: readonly RunTrade[]): Markup {
  if (trades.length === 0) return html`<p class="none">No trade was closed.</p>`
  const shown = trades.slice(-MOST_TRADES)
  const left = trades.length - shown.length
  const hasReasons = trades.some(({ exitReason }) => exitReason !== undefined)
  const heads = [
    'Closed',
    'Symbol',
    'Side',
    'Held',
    'Quantity',
    'Entry',
    'Exit',
    'Fees',
    'Net',
    'Return',
    'MAE',
    'MFE',
    ...(hasReasons ? ['Reason'] : []),
  ]
  const row = (trade: RunTrade): Markup =>
    html`<tr><td>${minuteOf(trade.closeTime)}<td class="text">${trade.symbol}<td class="text">${trade.side}<td data-v="${trade.durationMs}">${duration(trade.durationMs)}<td>${significant(trade.largestPosition)}<td>${significant(trade.entryPrice, 7)}<td>${significant(trade.exitPrice, 7)}<td>${money(trade.fees)}${signed(trade.net, money(trade.net))}${signed(trade.returnOnEntry, percent(trade.returnOnEntry))}<td>${percent(trade.mae, 1)}<td>${percent(trade.mfe, 1)}${hasReasons ? html`<td class="text">${trade.exitReason ?? '–'}` : undefined}`
  return html`${left > 0 ? html`<p class="note">The last ${shown.length} of ${trades.length} round trips.</p>` : undefined}<div class="scroll" tabindex="0"><table data-sort>${headRow(heads)}<tbody>${shown.map(row)}</tbody></table></div>`
}

/** The best and the worst round trips, by what each brought. */
export function bestAndWorst(trades: readonly RunTrade[]): Markup {
  if (trades.length === 0) return html`<p class="none">No trade was closed.</p>`
  const sorted = [...trades].sort((a, b) => b.net - a.net)
  const count = Math.min(MOST_BEST, Math.ceil(trades.length / 2))
  const shown = [...sorted.slice(0, count), ...sorted.slice(Math.max(count, sorted.length - count))]
  const row = (trade: RunTrade): Markup =>
    html`<tr><td>${minuteOf(trade.openTime)}<td class="text">${trade.side}<td>${duration(trade.durationMs)}<td>${significant(trade.entryPrice, 7)}<td>${significant(trade.exitPrice, 7)}${signed(trade.net, money(trade.net))}${signed(trade.returnOnEntry, percent(trade.returnOnEntry))}`
  return html`<div class="scroll" tabindex="0"><table>${headRow(['Opened', 'Side', 'Held', 'Entry', 'Exit', 'Net', 'Return'])}<tbody>${shown.map(row)}</tbody></table></div>`
}

/** Orders that were refused, before sending or by the exchange, and why. */
export function refusedTable(orders: readonly LedgerOrder[], { execution }: RunStatistics): Markup {
  const refused = orders.filter(isRefused)
  if (refused.length === 0) return html`<p class="none">None of ${orders.length} orders was refused.</p>`
  const shown = refused.slice(0, MOST_REFUSED)
  const counts = Object.entries(execution.refusalsByCode).map(([code, count]) => `${code}: ${count}`)
  const row = (order: LedgerOrder): Markup =>
    html`<tr><td>${minuteOf(order.sentMs)}<td class="text">${order.platform} ${order.symbol}<td class="text">${order.side} ${order.type}<td>${significant(order.quantity)}<td>${significant(order.price, 7)}<td class="text">${order.outcome === 'denied' ? 'before sending' : 'by the exchange'}<td class="wrap">${order.message ?? order.code ?? '–'}`
  const heads = ['Time', 'Symbol', 'Order', 'Quantity', 'Price', 'Refused', 'Why']
  return html`<p class="note">${refused.length} of ${orders.length} orders. ${counts.join(', ')}.${refused.length > shown.length ? ` The first ${shown.length} are listed.` : ''}</p><div class="scroll" tabindex="0"><table data-sort>${headRow(heads)}<tbody>${shown.map(row)}</tbody></table></div>`
}

/** Trades by symbol; nothing where there is one. */
export function symbolTable({ bySymbol }: RunStatistics): Markup | undefined {
  const rows = Object.entries(bySymbol)
  if (rows.length < 2) return undefined
  return html`<section><h2>By symbol</h2>${groupTable('Symbol', rows)}</section>`
}

const groupTable = (head: string, rows: readonly (readonly [string, TradeStatistics])[]): Markup =>
  html`<div class="scroll" tabindex="0"><table data-sort>${headRow([head, 'Trades', 'Win rate', 'Net', 'Profit factor', 'Expectancy'])}<tbody>${rows.map(
    ([name, each]) =>
      html`<tr><td>${name}<td>${each.trades}<td>${percent(each.winRate, 0)}${signed(each.netProfit, money(each.netProfit))}<td>${fixed(each.profitFactor)}<td>${money(each.expectancy)}`,
  )}</tbody></table></div>`

/** Trades by the reason of their exit; nothing where the strategy gave none. */
export function reasonTable({ byExitReason }: RunStatistics): Markup | undefined {
  const rows = Object.entries(byExitReason)
  if (rows.length === 0) return undefined
  return html`<section><h2>By exit reason</h2>${groupTable('Reason', rows)}</section>`
}

/** Two columns of names and values. */
export const pairTable = (rows: readonly (readonly [string, string])[]): Markup =>
  html`<table class="pairs"><tbody>${rows.map(([name, value]) => html`<tr><td>${name}<td>${value}`)}</tbody></table>`
