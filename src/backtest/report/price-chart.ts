import type { LedgerFill, PriceBar } from '../ledger/ledger.js'
import { significant } from './format.js'
import { html, type Markup } from './markup.js'
import {
  across,
  at,
  type Box,
  extent,
  path,
  picture,
  type Scale,
  ticks,
  timeAxis,
  upward,
  valueAxis,
  WIDE,
} from './plot.js'

const MOST_CANDLES = 360
const box: Box = { ...WIDE, height: 340 }

/** Joins neighbouring bars so that no more than can be seen remain. */
function coarser(bars: readonly PriceBar[]): PriceBar[] {
  const size = Math.ceil(bars.length / MOST_CANDLES)
  const joined: PriceBar[] = []
  for (let begin = 0; begin < bars.length; begin += size) {
    const part = bars.slice(begin, begin + size)
    const [first, last] = [part[0], part.at(-1)]
    if (first === undefined || last === undefined) continue
    const high = Math.max(...part.map((bar) => bar.high))
    const low = Math.min(...part.map((bar) => bar.low))
    joined.push({ atMs: first.atMs, open: first.open, high, low, close: last.close })
  }
  return joined
}

function candles(bars: readonly PriceBar[], x: Scale, y: Scale, width: number, isUp: boolean): string {
  const half = Math.max(0.4, width * 0.35)
  return bars
    .filter(({ open, close }) => close >= open === isUp)
    .map(({ atMs, open, high, low, close }) => {
      const middle = x(atMs) + width / 2
      const [top, bottom] = [y(Math.max(open, close)), y(Math.min(open, close))]
      const body = `M${at(middle - half)},${at(top)}h${at(2 * half)}V${at(Math.max(bottom, top + 0.6))}h-${at(2 * half)}Z`
      return `M${at(middle - 0.3)},${at(y(high))}h.6V${at(y(low))}h-.6Z${body}`
    })
    .join('')
}

/** Triangles below the price for purchases, above for sales; those at the same place once. */
function arrows(fills: readonly LedgerFill[], x: Scale, y: Scale, side: 'BUY' | 'SELL'): string {
  const [gap, height] = side === 'BUY' ? [5, 9] : [-5, -9]
  const places = new Set(
    fills.flatMap((fill) =>
      fill.side === side ? [`M${Math.round(x(fill.atMs))},${Math.round(y(fill.price) + gap)}l-5,${height}h10Z`] : [],
    ),
  )
  return [...places].join('')
}

/** Draws candles of a symbol with its fills. */
export function priceChart(symbol: string, bars: readonly PriceBar[], fills: readonly LedgerFill[]): Markup {
  const title = `Price of ${symbol} and fills`
  const shown = coarser(bars)
  const [first, second, last] = [bars[0], bars[1], bars.at(-1)]
  if (first === undefined || last === undefined) return html`<p class="none">No prices.</p>`
  const range: [number, number] = [first.atMs, last.atMs + ((second?.atMs ?? first.atMs) - first.atMs)]
  const prices = extent(shown.flatMap(({ high, low }) => [high, low]))
  const [x, y] = [across(box, range), upward({ ...box, top: 20, bottom: 36 }, prices)]
  const width = (box.width - box.left - box.right) / shown.length
  return picture(
    box,
    title,
    `${bars.length} bars from ${significant(first.open)} to ${significant(last.close)}, ${fills.length} fills: purchases point up, sales down.`,
    html`${valueAxis(box, ticks(prices, 5), y, significant)}${timeAxis(box, range, x)}<g class="candles">${path('up', candles(shown, x, y, width, true))}${path('down', candles(shown, x, y, width, false))}</g>${path('fill buy', arrows(fills, x, y, 'BUY'))}${path('fill sell', arrows(fills, x, y, 'SELL'))}`,
  )
}
