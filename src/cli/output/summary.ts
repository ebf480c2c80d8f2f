import type { Order, Position } from '../../protocol/index.js'
import type { RiskState } from '../../strategy/index.js'
import { type AccountState, standing } from '../dashboard/account-state.js'
import { feesOf, holdingOf, profitOf, resultOf, valuedIn, volumeOf } from '../dashboard/account-value.js'
import type { Dashboard } from '../dashboard/dashboard.js'
import { gateInAWord, usedInWords, whyShut } from '../dashboard/gate-words.js'
import { type UnresolvedDetails, unresolvedInWords } from '../dashboard/unresolved-details.js'
import type { PositionSummary } from '../dashboard/position-summary.js'
import { milliseconds, shareOf } from './render.js'
import { quantile } from '../dashboard/series.js'
import { harmless, type Paint, padEnd, padStart } from '../format/text.js'
import { money, number, signed } from '../format/numbers.js'

/** Figures of a run; undefined where not known. */
export interface Summary {
  readonly strategy: string
  readonly seconds: number
  readonly accounts: readonly AccountSummary[]
  readonly ping: Trips
  readonly orderReply: Trips
}

export interface AccountSummary {
  readonly platform: string
  readonly orders: number
  readonly refused: number
  readonly notSent: number
  readonly unknown: number
  /** Number of orders that are unresolved at the end: each may exist. */
  readonly unsettled: number
  readonly open: number
  /** Number of gaps that the server did not recover: fills and fees may be incomplete. */
  readonly gaps: number
  readonly fills: number
  /** Undefined for contracts; so are the fees. */
  readonly volume: number | undefined
  readonly fees: number | undefined
  readonly profit: number | undefined
  readonly unit: string
  /** Realised and unrealised PnL before fees; for contracts, realised PnL is after fees. */
  readonly realised: number | undefined
  readonly unrealised: number | undefined
  /** Gain of the balances held at the start through the market alone; not part of `profit`. */
  readonly holding: number | undefined
  readonly openOrders: readonly Order[]
  readonly unsettledOrders: readonly UnresolvedDetails[]
  /** Positions in contracts. */
  readonly positions: readonly Position[]
  /** Positions from spot fills, at average cost. */
  readonly holdings: Readonly<Record<string, PositionSummary>>
  readonly gates: readonly RiskState[]
}

/** Round trips, in ms. */
export interface Trips {
  readonly count: number
  readonly median: number | undefined
  readonly p99: number | undefined
}

const tripsOf = (values: readonly number[]): Trips => ({
  count: values.length,
  median: quantile(values, 0.5),
  p99: quantile(values, 0.99),
})

const ofAccount = (account: AccountState): AccountSummary => ({
  platform: account.platform,
  orders: account.sent,
  refused: account.refused,
  notSent: account.notSent,
  unknown: account.unknown,
  unsettled: account.unsettled.length,
  open: account.open.size,
  gaps: account.gaps,
  fills: account.fills,
  volume: volumeOf(account),
  fees: feesOf(account),
  profit: profitOf(account),
  unit: valuedIn(account),
  realised: resultOf(account)?.realised,
  unrealised: resultOf(account)?.unrealised,
  holding: holdingOf(account),
  openOrders: [...account.open.values()],
  unsettledOrders: account.unsettled,
  positions: [...account.positions.values()],
  holdings: Object.fromEntries(account.holdings),
  gates: [...account.gates.values()],
})

/** Progress of a run as data. */
export const progressOf = (dashboard: Dashboard) => ({
  at: Math.round(dashboard.now),
  type: 'progress',
  share: shareOf(dashboard),
  connection: dashboard.status._tag,
  accounts: [...dashboard.accounts.values()].map((account) => ({ ...ofAccount(account), standing: standing(account) })),
})

export const summaryOf = ({ title, now, beganAt, accounts, pings, orderTrips }: Dashboard): Summary => ({
  strategy: title,
  seconds: (now - (beganAt ?? now)) / 1000,
  accounts: [...accounts.values()].map(ofAccount),
  ping: tripsOf(pings),
  orderReply: tripsOf(orderTrips),
})

const tripsInWords = ({ count, median, p99 }: Trips): string =>
  median === undefined || p99 === undefined
    ? '–'
    : `${milliseconds(median)} median, ${milliseconds(p99)} p99 (of ${number(count)})`

type Column = readonly [heading: string, cell: (account: AccountSummary) => string]

const amount = (value: number | undefined, text: (value: number) => string): string =>
  value === undefined ? '–' : text(value)

const columns: readonly Column[] = [
  ['orders', ({ orders }) => number(orders)],
  ['refused', ({ refused }) => number(refused)],
  ['not sent', ({ notSent }) => number(notSent)],
  ['unknown', ({ unknown }) => number(unknown)],
  ['unresolved', ({ unsettled }) => number(unsettled)],
  ['still open', ({ open }) => number(open)],
  ['gaps', ({ gaps }) => number(gaps)],
  ['fills', ({ fills }) => number(fills)],
  ['volume', ({ volume }) => amount(volume, money)],
  [
    'before fees',
    ({ profit, fees }) => amount(profit === undefined || fees === undefined ? undefined : profit + fees, signed),
  ],
  ['fees ¹', ({ fees }) => amount(fees, money)],
  ['profit ²', ({ profit }) => amount(profit, signed)],
  ['', ({ unit }) => unit],
]

/** Columns that are hidden while all their values are 0. */
const troubles: ReadonlySet<string> = new Set(['refused', 'not sent', 'unknown', 'unresolved', 'still open', 'gaps'])

/** Sources of the profit. */
const sources: readonly Column[] = [
  ['realised', ({ realised }) => amount(realised, signed)],
  ['unrealised', ({ unrealised }) => amount(unrealised, signed)],
  ['holding alone ³', ({ holding }) => amount(holding, signed)],
  ['', ({ unit }) => unit],
]

const gateLines = ({ platform, gates }: AccountSummary, names: number): string[] =>
  gates.map((risk) => {
    const why = whyShut(risk)
    return `   ${padEnd(platform, names)}  risk gate ${gateInAWord(risk)}${why === '' ? '' : ` (${why})`}: ${usedInWords(risk)}`
  })

/** Number of unresolved orders at the end, over all accounts. */
export const unresolvedCount = ({ accounts }: Summary): number =>
  accounts.reduce((sum, { unsettled }) => sum + unsettled, 0)

/** True where orders were sent on some account, and each was refused or not sent. */
export const allRefused = ({ accounts }: Summary): boolean =>
  accounts.some(({ orders }) => orders > 0) &&
  accounts.every(
    ({ orders, refused, notSent, unsettled, fills }) => refused + notSent >= orders && unsettled === 0 && fills === 0,
  )

const unresolvedLines = ({ platform, unsettledOrders }: AccountSummary, names: number, paint: Paint): string[] =>
  unsettledOrders.map(
    (order) => `   ${padEnd(platform, names)}  ${paint('warn', `unresolved: ${harmless(unresolvedInWords(order))}`)}`,
  )

/** Renders the summary as lines. */
export function renderSummary(summary: Summary, paint: Paint): string[] {
  const { strategy, seconds, accounts, ping, orderReply } = summary
  const names = Math.max(...accounts.map(({ platform }) => platform.length))
  const table = (shown: readonly Column[]): string[] => {
    const widths = shown.map(([heading, cell]) =>
      Math.max(heading.length, ...accounts.map((each) => cell(each).length)),
    )
    const line = (name: string, cells: readonly string[]): string =>
      `   ${padEnd(name, names)}  ${cells.map((cell, index) => padStart(cell, widths[index] ?? 0)).join('  ')}`.trimEnd()
    const headings = shown.map(([heading]) => heading)
    return [
      paint('faint', line('', headings)),
      ...accounts.map((account) =>
        line(
          paint('strong', account.platform),
          shown.map(([heading, cell]) => painted(heading, cell(account), account)),
        ),
      ),
      '',
    ]
  }
  const painted = (heading: string, text: string, { profit }: AccountSummary): string => {
    if (heading.startsWith('profit')) return paint(profit !== undefined && profit < 0 ? 'bad' : 'good', text)
    return troubles.has(heading) && text !== '0' ? paint('warn', text) : text
  }
  const gates = accounts.flatMap((account) => gateLines(account, names))
  const unresolved = accounts.flatMap((account) => unresolvedLines(account, names, paint))
  const hasTraded = accounts.some(({ fills }) => fills > 0)
  return [
    '',
    ` ${paint('strong', strategy)} ran for ${number(seconds, 1)} s`,
    '',
    ...table(
      columns.filter(([heading, cell]) => !troubles.has(heading) || accounts.some((each) => cell(each) !== '0')),
    ),
    ...(unresolved.length === 0 ? [] : [...unresolved, '']),
    ...(hasTraded ? table(sources) : []),
    ...(gates.length === 0 ? [] : [...gates, '']),
    `   ping         ${tripsInWords(ping)}`,
    `   order reply  ${tripsInWords(orderReply)}`,
    '',
    paint('faint', '   ¹ amounts of the fills less the changes of the balances'),
    paint('faint', '   ² what is held now less what was held at the start; all at last prices'),
    ...(hasTraded
      ? [paint('faint', '   ³ what the market alone did to what was held at the start: it is not in the profit')]
      : []),
    '',
  ]
}
