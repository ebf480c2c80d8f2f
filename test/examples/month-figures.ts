import {
  holdingAfter,
  type PositionSummary,
  nothingHeld,
  unrealisedOf,
} from '../../src/cli/dashboard/position-summary.js'
import type { Fill } from '../../src/protocol/index.js'
import type { IntentOutcome } from '../../src/strategy/index.js'
import type { BacktestEvent } from '../../src/backtest/index.js'

/** What a strategy came to on a recorded market, in USDT where it is money. */
export interface MonthFigures {
  readonly strategy: string
  readonly days: number
  readonly orders: number
  readonly fills: number
  /** What the risk gate refused. */
  readonly refused: number
  /** The position that is left, by platform, before fees in coins. */
  readonly held: string
  readonly realised: number
  readonly unrealised: number
  readonly fees: number
  readonly cpuSeconds: number
}

export const startBalances = { USDT: 100_000, BTC: 5 }

type End = Extract<BacktestEvent, { readonly type: 'end' }>

interface Run {
  readonly strategy: string
  readonly end: End
  readonly counts: Counts
  readonly fromMs: number
  /** The last price of each platform. */
  readonly prices: ReadonlyMap<string, number>
  readonly cpuSeconds: number
}

const amountOf = (end: End, name: string): number => Number.parseFloat(end.log.balances[name] ?? '0')

/** On spot: what the fills moved, and what of it is not in the balances. */
const onSpot = (platform: string, end: End, price: number) => {
  const fills = end.log.events.flatMap(({ lane, value }) => (lane === `${platform} fills` ? [value as Fill] : []))
  const holding = fills.reduce<PositionSummary>(holdingAfter, nothingHeld)
  const unrealised = unrealisedOf(holding, price)
  const coins = amountOf(end, `${platform} BTC`) - startBalances.BTC
  const money = amountOf(end, `${platform} USDT`) - startBalances.USDT
  const profit = money + coins * price
  return {
    held: `${holding.quantity.toFixed(3)} BTC`,
    realised: holding.realised,
    unrealised,
    fees: holding.realised + unrealised - profit,
  }
}

/** Of contracts the exchange takes the fees out of what is realised, and tells neither. */
const onContracts = (platform: string, end: End, { long, short }: Counts['contracts']) => ({
  held: `${long} long ${short} short`,
  realised: amountOf(end, `${platform} USDT`) - startBalances.USDT,
  unrealised: 0,
  fees: Number.NaN,
})

/** What a strategy has said, counted: a month of it would fill the memory. */
export interface Counts {
  readonly by: ReadonlyMap<string, number>
  /** Of contracts, by what the orders said: the fills do not. */
  readonly contracts: { readonly long: number; readonly short: number }
}

export const nothingSaid: Counts = { by: new Map(), contracts: { long: 0, short: 0 } }

export const countedWith = ({ by, contracts }: Counts, outcome: IntentOutcome): Counts => {
  const tags = new Map(by).set(outcome._tag, (by.get(outcome._tag) ?? 0) + 1)
  if (outcome._tag !== 'Filled' || outcome.intent.offset === undefined) return { by: tags, contracts }
  const { action, offset } = outcome.intent
  const side = (offset === 'open') === (action === 'BUY') ? 'long' : 'short'
  const quantity = offset === 'open' ? outcome.fill.quantity : -outcome.fill.quantity
  return { by: tags, contracts: { ...contracts, [side]: contracts[side] + quantity } }
}

export const figuresOf = ({ strategy, end, counts, fromMs, prices, cpuSeconds }: Run): MonthFigures => {
  const count = (tag: IntentOutcome['_tag']) => counts.by.get(tag) ?? 0
  const parts = [...prices].map(([platform, price]) =>
    platform.endsWith('future') ? onContracts(platform, end, counts.contracts) : onSpot(platform, end, price),
  )
  const sum = (key: 'realised' | 'unrealised' | 'fees') => parts.reduce((total, part) => total + part[key], 0)
  return {
    strategy,
    days: (end.atMs - fromMs) / 86_400_000,
    orders: count('Placed'),
    fills: count('Filled'),
    refused: count('Refused'),
    held: parts.map(({ held }) => held).join(', '),
    realised: sum('realised'),
    unrealised: sum('unrealised'),
    fees: sum('fees'),
    cpuSeconds,
  }
}

const money = (value: number): string => (Number.isNaN(value) ? 'within' : value.toFixed(0))

const columns: readonly (readonly [heading: string, cell: (figures: MonthFigures) => string])[] = [
  ['strategy', ({ strategy }) => strategy],
  ['days', ({ days }) => days.toFixed(days < 1 ? 4 : 1)],
  ['orders', ({ orders }) => String(orders)],
  ['fills', ({ fills }) => String(fills)],
  ['refused', ({ refused }) => String(refused)],
  ['held at the end', ({ held }) => held],
  ['realised', ({ realised }) => money(realised)],
  ['unrealised', ({ unrealised }) => money(unrealised)],
  ['fees', ({ fees }) => money(fees)],
  ['profit', ({ realised, unrealised, fees }) => money(realised + unrealised - (Number.isNaN(fees) ? 0 : fees))],
  ['CPU s', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
]

/** The figures as a table in Markdown. */
export const monthTable = (rows: readonly MonthFigures[]): string => {
  const cells = [columns.map(([heading]) => heading), ...rows.map((row) => columns.map(([, cell]) => cell(row)))]
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`
  const [headings = [], ...rest] = cells.map(line)
  return [
    headings,
    line(widths.map((width, column) => '-'.repeat(width - (column === 0 ? 0 : 1)) + (column === 0 ? '' : ':'))),
    ...rest,
  ].join('\n')
}
