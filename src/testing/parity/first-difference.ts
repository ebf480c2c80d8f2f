import type { Fill, Order } from '../../protocol/index.js'
import { difference } from '../compare/difference.js'
import { drawRows, type Row } from '../draw-text/axis.js'
import { formatMs } from '../notation/duration.js'
import type { LoggedNotice, TradeLog } from './trade-log.js'

/** First difference of two runs. */
export interface FirstDifference {
  /** `huobi fills`; of a balance `huobi BTC`. */
  readonly lane: string
  /** In ms of the run; of a balance, the end: undefined. */
  readonly atMs: number | undefined
  /**
   * All of it for people: the lanes of both runs around the place, drawn on one axis, and what is
   * other in words.
   */
  readonly message: string
}

/** Names of the two runs. @default 'the first run' and 'the second run' */
export interface FirstDifferenceOptions {
  readonly names?: readonly [string, string]
}

/** So many events before the place are drawn, and so many after it. */
const BEFORE = 2
const AFTER = 3

/**
 * The first thing that two runs do not have in common: an order or a fill that is another one,
 * comes at another time, is missing or is one too many; or else a balance at the end. Undefined
 * when they are the same. What follows from the first difference differs too, and is not told.
 *
 * @example
 * const found = firstDifference(inMemory, overSocket, { names: ['in memory', 'over the socket'] })
 * if (found !== undefined) throw new Error(found.message)
 */
export const firstDifference = (
  a: TradeLog,
  b: TradeLog,
  { names = ['the first run', 'the second run'] }: FirstDifferenceOptions = {},
): FirstDifference | undefined => {
  const lanes = [...new Set([...a.events, ...b.events].map(({ lane }) => lane))]
  const found = lanes
    .flatMap((lane) => {
      const place = firstIn(lane, a, b)
      return place === undefined ? [] : [place]
    })
    .sort((one, other) => one.atMs - other.atMs)[0]
  if (found !== undefined) return { lane: found.lane, atMs: found.atMs, message: inWords(found, names) }
  for (const name of new Set([...Object.keys(a.balances), ...Object.keys(b.balances)])) {
    const [ours, theirs] = [a, b].map(({ balances }) => (Object.hasOwn(balances, name) ? balances[name] : 'none'))
    if (ours === theirs) continue
    const message = `orders and fills are the same, but not ${name} in the end: ${ours} (${names[0]}), ${theirs} (${names[1]})`
    return { lane: name, atMs: undefined, message }
  }
  return undefined
}

interface Place {
  readonly lane: string
  readonly index: number
  readonly atMs: number
  readonly ours: readonly LoggedNotice[]
  readonly theirs: readonly LoggedNotice[]
}

const firstIn = (lane: string, a: TradeLog, b: TradeLog): Place | undefined => {
  const ours = a.events.filter((told) => told.lane === lane)
  const theirs = b.events.filter((told) => told.lane === lane)
  for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
    const [one, other] = [ours[index], theirs[index]]
    if (one !== undefined && other !== undefined) {
      if (one.atMs === other.atMs && difference(one.value, other.value) === undefined) continue
    }
    return { lane, index, ours, theirs, atMs: Math.min(one?.atMs ?? Infinity, other?.atMs ?? Infinity) }
  }
  return undefined
}

const inWords = ({ lane, index, ours, theirs }: Place, names: readonly [string, string]): string => {
  const [one, other] = [ours[index], theirs[index]]
  const where = formatMs(Math.min(one?.atMs ?? Infinity, other?.atMs ?? Infinity))
  const row = (name: string, events: readonly LoggedNotice[]): Row => ({
    name,
    marks: events
      .slice(Math.max(0, index - BEFORE), index + 1 + AFTER)
      .map(({ atMs, value }) => ({ atMs, label: labelOf(value) })),
  })
  const caret: Row = {
    name: '',
    bare: true,
    marks: [{ atMs: Math.min(one?.atMs ?? Infinity, other?.atMs ?? Infinity), label: '^' }],
  }
  return [
    `${names[0]} and ${names[1]} differ at ${where}, in event ${index + 1} of ${lane}; what is before is the same:`,
    '',
    ...drawRows([row(names[0], ours), row(names[1], theirs), caret]),
    '',
    `  ${verdict(one, other, names)}`,
  ].join('\n')
}

const verdict = (
  one: LoggedNotice | undefined,
  other: LoggedNotice | undefined,
  names: readonly [string, string],
): string => {
  const both = (a: string, b: string) => `${a} (${names[0]}), ${b} (${names[1]})`
  const labels = both(
    one === undefined ? 'nothing' : labelOf(one.value),
    other === undefined ? 'nothing' : labelOf(other.value),
  )
  if (one === undefined || other === undefined) return labels
  const times = one.atMs === other.atMs ? '' : `at ${both(formatMs(one.atMs), formatMs(other.atMs))}`
  const found = difference(one.value, other.value)
  if (found === undefined) return `the same event ${times}`
  return `${found.path}: ${both(found.expected, found.received)}${times === '' ? '' : `; ${times}`}`
}

const labelOf = (value: Order | Fill): string =>
  'fill_no' in value
    ? `${value.side} ${value.quantity} @ ${value.price}`
    : `${value.action} ${value.quantity} @ ${value.price ?? 'MARKET'} ${value.status}`
