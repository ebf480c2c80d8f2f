import { lastValueFrom } from 'rxjs'
import type { MarketEvent, MarketEvents } from '../market/index.js'
import type { Strategy } from '../strategy/index.js'
import type { LedgerOrder, RunLedger } from './ledger/ledger.js'
import { backtest, type BacktestOptions } from './simulation/backtest.js'

/** Settings of the check for knowledge of the future. */
export interface LookaheadOptions extends Omit<BacktestOptions, 'market' | 'stop$'> {
  /** Opens the market; it is called once for each run. */
  readonly market: () => MarketEvents | Iterable<MarketEvent>
  /**
   * Ledger of the run over the whole market.
   * @default it is run first
   */
  readonly whole?: RunLedger
  /**
   * Bars of a minute that are cut off the end, one run for each number.
   * @default a tenth, a quarter and a half of the bars
   */
  readonly cutBars?: readonly number[]
}

/** Finding of the check. */
export interface LookaheadFinding {
  /** Last instant that the cut market holds, in ms since 1970. */
  readonly cutMs: number
  /** Order of the whole run; undefined where only the cut run sent one. */
  readonly whole: LedgerOrder | undefined
  /** Order of the cut run in its place; undefined where there is none. */
  readonly cut: LedgerOrder | undefined
}

/** Result of the check. */
export interface LookaheadResult {
  /** Ends of the markets that were tried, in ms since 1970. */
  readonly cuts: readonly number[]
  /** Orders that were compared, over all runs. */
  readonly compared: number
  /** The first order that differs; undefined where none does. */
  readonly finding: LookaheadFinding | undefined
}

/**
 * Checks that no order of a strategy depends on what came after it. Runs the strategy over the
 * market with its end cut off: every order up to there must be the same as in the run over the
 * whole market, since the same events came before it. A strategy differs that reads ahead, keeps
 * state from one run to the next, or takes chance or time from outside.
 *
 * @example
 * const { finding } = await checkLookahead(strategy, { market: () => readMarket(files) })
 * if (finding !== undefined) console.log(finding.whole ?? finding.cut)
 */
export async function checkLookahead(strategy: Strategy, options: LookaheadOptions): Promise<LookaheadResult> {
  const { market, whole: given, cutBars, ...rest } = options
  const whole = given ?? (await ledgerOf(strategy, { ...rest, market: market() }))
  const ends = cutEnds(whole, cutBars)
  let compared = 0
  for (const cutMs of ends) {
    const { orders } = await ledgerOf(strategy, { ...rest, market: upTo(market(), cutMs) })
    const [before, after] = [sentBefore(whole.orders, cutMs), sentBefore(orders, cutMs)]
    const count = Math.max(before.length, after.length)
    for (let index = 0; index < count; index++) {
      const [one, other] = [before[index], after[index]]
      if (one !== undefined && other !== undefined && termsOf(one) === termsOf(other)) {
        compared++
        continue
      }
      return { cuts: ends, compared, finding: { cutMs, whole: one, cut: other } }
    }
  }
  return { cuts: ends, compared, finding: undefined }
}

async function ledgerOf(strategy: Strategy, options: BacktestOptions): Promise<RunLedger> {
  const end = await lastValueFrom(backtest(strategy, { ...options, keep: () => false }), { defaultValue: undefined })
  if (end?.type !== 'end') throw new Error('the backtest ended without a result')
  return end.ledger
}

/** Ends of the cut markets, the latest first. */
function cutEnds({ bars, startMs }: RunLedger, cutBars: readonly number[] | undefined): readonly number[] {
  const times = [...new Set(Object.values(bars).flatMap((list) => list.map(({ atMs }) => atMs)))].sort((a, b) => a - b)
  const cuts = cutBars ?? [0.1, 0.25, 0.5].map((share) => Math.ceil(share * times.length))
  const ends = cuts.flatMap((count) => {
    const first = times[times.length - count]
    return first === undefined || first <= startMs ? [] : [first - 1]
  })
  return [...new Set(ends)].sort((a, b) => b - a)
}

const sentBefore = (orders: readonly LedgerOrder[], endMs: number): readonly LedgerOrder[] =>
  orders.filter(({ sentMs }) => sentMs < endMs).sort((a, b) => a.sentMs - b.sentMs)

const termsOf = ({ platform, symbol, side, type, price, quantity, sentMs, outcome }: LedgerOrder): string =>
  // A purchase for an amount of money has its quantity from fills that may come after the cut.
  JSON.stringify([platform, symbol, side, type, price, type === 'MARKET' ? 0 : quantity, sentMs, outcome === 'denied'])

async function* upTo(market: MarketEvents | Iterable<MarketEvent>, endMs: number): MarketEvents {
  if (Symbol.asyncIterator in market) {
    for await (const piece of market) {
      yield piece.filter((event) => event.type !== 'progress' && event.timestamp <= endMs)
      if (piece.some((event) => event.type !== 'progress' && event.timestamp > endMs)) return
    }
    return
  }
  let piece: MarketEvent[] = []
  for (const event of market) {
    if (event.type !== 'progress' && event.timestamp > endMs) break
    piece.push(event)
    if (piece.length < 1_000) continue
    yield piece
    piece = []
  }
  yield piece
}
