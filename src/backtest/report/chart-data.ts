import type { LedgerFill, PriceBar, RunLedger } from '../ledger/ledger.js'
import { underwater } from '../statistics/drawdowns.js'
import { visibleIndices } from './plot.js'

const MOST_CANDLES = 2_500
const FEWEST_CANDLES = 600
const MINUTE_S = 60
/** Lengths of a candle, in seconds. */
const STEPS = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240, 360, 720, 1440, 10_080].map((minutes) => minutes * MINUTE_S)
const EQUITY_PIXELS = 700
const OTHER_PIXELS = 250

/** Binary data as text: little-endian in base64. */
function base64(values: Float32Array | Uint32Array): string {
  const bytes = new Uint8Array(values.buffer)
  let text = ''
  for (let begin = 0; begin < bytes.length; begin += 8_192) {
    text += String.fromCharCode(...bytes.subarray(begin, begin + 8_192))
  }
  return btoa(text)
}

const floats = (values: readonly number[]): string => base64(Float32Array.from(values))
const seconds = (values: readonly number[]): string => base64(Uint32Array.from(values))

interface Candle {
  readonly time: number
  readonly open: number
  high: number
  low: number
  close: number
}

function candlesOf(bars: readonly PriceBar[], step: number): Candle[] {
  const candles: Candle[] = []
  for (const { atMs, open, high, low, close } of bars) {
    const time = Math.floor(atMs / 1_000 / step) * step
    const last = candles.at(-1)
    if (last?.time !== time) candles.push({ time, open, high, low, close })
    else {
      last.high = Math.max(last.high, high)
      last.low = Math.min(last.low, low)
      last.close = close
    }
  }
  return candles
}

/** Candles of a symbol and its fills; those of one side in a candle count once. */
function priceData(id: string, bars: readonly PriceBar[], fills: readonly LedgerFill[], most: number) {
  const [first, last] = [bars[0], bars.at(-1)]
  const span = first && last ? (last.atMs - first.atMs) / 1_000 : 0
  const step = STEPS.find((each) => span / each <= most) ?? Math.ceil(span / most / MINUTE_S) * MINUTE_S
  const candles = candlesOf(bars, step)
  const marks = new Map<string, { time: number; side: string }>()
  for (const { atMs, side } of fills) {
    const time = Math.floor(atMs / 1_000 / step) * step
    marks.set(`${time} ${side}`, { time, side })
  }
  const shown = [...marks.values()].sort((a, b) => a.time - b.time)
  return {
    id,
    time: seconds(candles.map(({ time }) => time)),
    open: floats(candles.map(({ open }) => open)),
    high: floats(candles.map(({ high }) => high)),
    low: floats(candles.map(({ low }) => low)),
    close: floats(candles.map(({ close }) => close)),
    fillTime: seconds(shown.map(({ time }) => time)),
    fillSide: shown.map(({ side }) => (side === 'BUY' ? 'B' : 'S')).join(''),
  }
}

/** A price chart of the page: the id of its element, and what it shows. */
export interface ShownPrice {
  readonly id: string
  readonly bars: readonly PriceBar[]
  readonly fills: readonly LedgerFill[]
}

/**
 * Packs what the charts draw, as JSON that may stand in a page. Lines are thinned to what can be
 * seen, all at the same instants.
 */
export function chartData({ equity }: Pick<RunLedger, 'equity'>, prices: readonly ShownPrice[]): string {
  const worths = equity.map((point) => point.equity)
  const falls = underwater(worths)
  const held = equity.map(({ benchmark }) => benchmark ?? Number.NaN)
  const used = equity.map(({ exposure, equity: total }) =>
    exposure === undefined || total <= 0 ? Number.NaN : exposure / total,
  )
  const indices = [
    ...new Set([
      ...visibleIndices(worths, EQUITY_PIXELS),
      ...visibleIndices(held, OTHER_PIXELS),
      ...visibleIndices(used, OTHER_PIXELS),
    ]),
  ].sort((a, b) => a - b)
  const line = (
    name: string,
    colour: string,
    width: number,
    values: readonly (number | undefined)[],
    fill = false,
  ) => ({
    name,
    colour,
    width,
    fill,
    values: floats(indices.map((index) => values[index] ?? Number.NaN)),
  })
  const hasHeld = equity.some(({ benchmark }) => benchmark !== undefined)
  const most = Math.max(FEWEST_CANDLES, Math.floor(MOST_CANDLES / Math.max(1, prices.length)))
  const data = {
    prices: prices.map(({ id, bars, fills }) => priceData(id, bars, fills, most)),
    time: seconds(indices.map((index) => Math.floor((equity[index]?.atMs ?? 0) / 1_000))),
    charts: [
      {
        id: 'equity',
        height: 250,
        percent: false,
        lines: [line('equity', '--main', 1.5, worths), ...(hasHeld ? [line('held', '--bench', 1.2, held)] : [])],
      },
      { id: 'drawdown', height: 150, percent: true, lines: [line('drawdown', '--down', 1, falls, true)] },
      { id: 'exposure', height: 130, percent: true, lines: [line('exposure', '--main', 1, used, true)] },
    ],
  }
  // No name of others is in it; whatever may be, it cannot end the element.
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}
