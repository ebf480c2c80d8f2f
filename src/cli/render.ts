import { type AccountState, standing } from './account-state.js'
import { currenciesOf, feesOf, holdingOf, priceOf, profitOf, resultOf, valuedIn, volumeOf } from './account-value.js'
import type { Dashboard, LogLine } from './dashboard.js'
import { gateInAWord, isShut, usedInWords, whyShut } from './gate-words.js'
import { quantile } from './series.js'
import {
  cut,
  harmless,
  justify,
  padEnd,
  type Paint,
  padStart,
  sparkline,
  type Style,
  unpainted,
  widthOf,
  wrap,
} from './text.js'
import { counted, money, number, price, signed } from './numbers.js'
import { type Kind, statusInWords } from './words.js'

/** What the picture has to fit into. */
export interface Frame {
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
}

const WIDEST = 118
const TWO_CARDS = 96

/** The dashboard as lines, none wider and not more of them than the frame allows. */
export function render(dashboard: Dashboard, { columns, rows, paint }: Frame): string[] {
  const width = Math.max(1, Math.min(columns, WIDEST) - 2)
  const top = header(dashboard, width, paint)
  const cards = cardsOf(dashboard, width, paint)
  const names = namesOf(dashboard)
  const room = Math.max(0, rows - top.length - cards.length - 2)
  const most = Math.min(room, 12)
  const log = dashboard.log.slice(-Math.max(1, most)).flatMap((line) => logLines(line, names, paint, width))
  return [...top, ...cards, ...(most === 0 ? [] : log.slice(-most))]
    .slice(0, Math.max(1, rows - 1))
    .map((line) => ` ${cut(line, width)}`.trimEnd())
}

function header(dashboard: Dashboard, width: number, paint: Paint): string[] {
  const { title, venue, url, status, now, left, beganAt, endsAt, pings, market } = dashboard
  const connected = status._tag === 'Connected'
  const dot = paint(left ? 'faint' : connected ? 'good' : status._tag === 'Lost' ? 'bad' : 'warn', '●')
  const ping = quantile(pings, 0.5)
  return [
    '',
    justify(
      `${paint('strong', title)}  ${paint('faint', venue)}`,
      `${market === undefined ? '' : `${Math.floor(100 * market)} % of the market, `}${clock(now, beganAt, endsAt)}`,
      width,
    ),
    progress(shareOf(dashboard), width, paint),
    justify(
      `${dot} ${left ? 'logged out' : statusInWords(status)}  ${paint('faint', url)}`,
      ping === undefined ? '' : `ping ${milliseconds(ping)}`,
      width,
    ),
  ]
}

const clock = (now: number, beganAt: number | undefined, endsAt: number | undefined): string => {
  const seconds = Math.floor((now - (beganAt ?? now)) / 1000)
  return endsAt === undefined || beganAt === undefined
    ? `${seconds} s`
    : `${Math.min(seconds, Math.round((endsAt - beganAt) / 1000))} s of ${number((endsAt - beganAt) / 1000, 0)} s`
}

/** How much of the run is over, from 0 to 1: of its time, or of the recorded market. */
export const shareOf = ({ now, beganAt, endsAt, market }: Dashboard): number | undefined =>
  beganAt === undefined || endsAt === undefined
    ? market
    : Math.min(1, Math.max(0, (now - beganAt) / (endsAt - beganAt)))

function progress(share: number | undefined, width: number, paint: Paint): string {
  if (share === undefined) return paint('faint', '─'.repeat(width))
  const done = Math.round(width * share)
  return paint('accent', '━'.repeat(done)) + paint('faint', '─'.repeat(width - done))
}

export const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`

function cardsOf({ accounts, left }: Dashboard, width: number, paint: Paint): string[] {
  const list = [...accounts.values()]
  if (list.length < 2 || width < TWO_CARDS) return list.flatMap((account) => card(account, left, width, paint))
  const half = Math.floor((width - 1) / 2)
  const lines: string[] = []
  for (let index = 0; index < list.length; index += 2) {
    const [ones = [], others = []] = list.slice(index, index + 2).map((account) => card(account, left, half, paint))
    const height = Math.max(ones.length, others.length)
    // The last line closes the box: the shorter one is filled up above it.
    const filled = (lines: readonly string[]): readonly string[] =>
      lines.length === 0
        ? []
        : [
            ...lines.slice(0, -1),
            ...Array<string>(height - lines.length).fill(boxed('', half, paint)),
            ...lines.slice(-1),
          ]
    const [lefts, rights] = [filled(ones), filled(others)]
    for (let row = 0; row < height; row++) lines.push(`${lefts[row] ?? ''} ${rights[row] ?? ''}`.trimEnd())
  }
  return lines
}

const boxed = (text: string, width: number, paint: Paint): string =>
  `${paint('faint', '│')} ${padEnd(cut(text, width - 4), width - 4)} ${paint('faint', '│')}`

/** The columns of a card: a label, a value, and what room is left beside them. */
const LABEL = 10
const VALUE = 14

function card(account: AccountState, left: boolean, width: number, paint: Paint): string[] {
  const { platform, ready, symbols, sent, open, fills, unsettled, refused, notSent, unknown } = account
  const unit = valuedIn(account)
  const name = `${paint('strong', platform)} ${left ? paint('faint', '● logged out') : paint(ready ? 'good' : 'warn', `● ${standing(account)}`)}`
  const rule = paint('faint', '─'.repeat(Math.max(0, width - 6 - widthOf(name))))
  const profit = profitOf(account)
  const fees = feesOf(account)
  const trades = volumeOf(account)
  const result = resultOf(account)
  const holding = holdingOf(account)
  const curve = Math.max(0, width - 4 - (LABEL + 1 + VALUE + 2))
  const row = (label: string, value: string, rest: string): string =>
    `${padEnd(paint('faint', label), LABEL)} ${padStart(value, VALUE)}  ${rest}`

  const prices = symbols.slice(0, 3).map((symbol, index) => {
    const last = priceOf(account, symbol)
    const values = index === 0 ? account.priceSeries.samples : []
    return row(
      symbol,
      last === undefined ? '–' : price(last, account.infos.get(symbol)?.price_tick),
      paint('accent', sparkline(values, curve)),
    )
  })
  const troubles = [
    refused > 0 ? `${refused} refused` : '',
    notSent > 0 ? `${notSent} not sent` : '',
    unknown > 0 ? `${unknown} of unknown fate` : '',
    unsettled.length > 0 ? `${unsettled.length} in doubt` : '',
  ].filter((text) => text !== '')
  const tone = profit !== undefined && profit < 0 ? 'bad' : 'good'
  const lines = [
    ...prices,
    row(
      'profit',
      profit === undefined ? '–' : paint(tone, `${signed(profit)} ${unit}`),
      paint(tone, sparkline(account.profitSeries.samples, curve)),
    ),
    row(
      'fees',
      fees === undefined ? '–' : `${money(fees)} ${unit}`,
      trades === undefined || trades === 0 ? '' : `on ${number(trades, 0)} traded`,
    ),
    ...(result === undefined
      ? []
      : [
          row('realised', `${signed(result.realised)} ${unit}`, ''),
          row('unrealised', `${signed(result.unrealised)} ${unit}`, ''),
        ]),
    ...(holding === undefined ? [] : [row('holding', `${signed(holding)} ${unit}`, 'without trading')]),
    ...[...account.gates.values()].map((risk) =>
      row(
        'risk gate',
        paint(isShut(risk) ? 'bad' : risk.account === 'unknown' ? 'warn' : 'good', gateInAWord(risk)),
        whyShut(risk) === '' ? usedInWords(risk) : paint('bad', harmless(whyShut(risk))),
      ),
    ),
    row(
      'orders',
      number(sent),
      [counted(fills, 'fill'), `${open.size} open`, ...troubles.map((text) => paint('bad', text))].join(
        paint('faint', ' · '),
      ),
    ),
    ...openOrders(account).map((cells) => row(...cells)),
    ...positionsOf(account).map((cells) => row(...cells)),
    ...balances(account).map(([currency, total, locked]) =>
      row(currency, total, locked === undefined ? '' : `${locked} locked`),
    ),
  ]
  return [
    `${paint('faint', '╭─')} ${name} ${rule}${paint('faint', '─╮')}`,
    ...lines.map((line) => boxed(line, width, paint)),
    paint('faint', `╰${'─'.repeat(width - 2)}╯`),
  ]
}

type Row = readonly [label: string, quantity: string, rest: string]

/** A symbol is named where there are several: two cards side by side have little room. */
const named = ({ symbols }: AccountState, symbol: string, text: string): string =>
  symbols.length === 1 && symbols[0] === symbol ? text : `${harmless(symbol)} ${text}`

const atPrice = (account: AccountState, symbol: string, at: number): string =>
  named(account, symbol, `at ${price(at, account.infos.get(symbol)?.price_tick)}`)

/** So many open orders are shown one by one. */
const MOST_ORDERS = 4

const openOrders = (account: AccountState): Row[] => {
  const orders = [...account.open.values()]
  const rows = orders.slice(-MOST_ORDERS).map(({ action, remain, symbol, price: at }): Row => {
    return [
      action.toLowerCase(),
      number(remain),
      at === null || at === 0 ? named(account, symbol, 'at the market') : atPrice(account, symbol, at),
    ]
  })
  return orders.length <= MOST_ORDERS ? rows : [...rows, ['', '', `and ${orders.length - MOST_ORDERS} older`]]
}

const positionsOf = (account: AccountState): Row[] => {
  const row = (label: string, symbol: string, quantity: number, opened: number | null): Row[] =>
    quantity === 0
      ? []
      : [[label, number(quantity), opened === null ? named(account, symbol, '') : atPrice(account, symbol, opened)]]
  return [
    ...[...account.holdings].flatMap(([symbol, { quantity, price: at }]) => row('traded', symbol, quantity, at)),
    ...[...account.positions.values()].flatMap((position) => [
      ...row('long', position.symbol, position.long_quantity, position.long_open_price),
      ...row('short', position.symbol, position.short_quantity, position.short_open_price),
    ]),
  ]
}

/** Balances of the currencies that are traded; of the others, what there is. */
function balances(account: AccountState): [currency: string, total: string, locked: string | undefined][] {
  const { assets, symbols } = account
  if (assets === undefined) return []
  const unit = valuedIn(account)
  const traded = new Set(
    symbols.flatMap((symbol) => {
      const { base, quote } = currenciesOf(account, symbol)
      return [quote, base]
    }),
  )
  return [...traded].flatMap((currency): [string, string, string | undefined][] => {
    const balance = Object.hasOwn(assets, currency) ? assets[currency] : undefined
    if (balance === undefined) return []
    const text = currency === unit ? money : (value: number) => number(value)
    return [[currency, text(balance.total), balance.locked > 0 ? text(balance.locked) : undefined]]
  })
}

/** How wide the names of a run's platforms are. */
export const namesOf = ({ accounts }: Dashboard): number => 1 + Math.max(5, ...Array.from(accounts.keys(), widthOf))

const tones: Readonly<Partial<Record<Kind, Style>>> = { buy: 'good', sell: 'bad', trouble: 'warn', said: 'accent' }

/** What happened, as one line; `names` is the width of its column of platforms. */
export function logLine({ at, platform, kind, text }: LogLine, names: number, paint: Paint): string {
  const when = paint('faint', `${(at / 1000).toFixed(1).padStart(6)} s`)
  return `${when}  ${padEnd(platform, names)} ${paint(tones[kind] ?? 'faint', text)}`
}

/** Narrower than this, lines would only be splinters. */
const NARROW = 16

/** The same in as many lines as it takes: what the end of a long one says to do must not be cut off. */
function logLines(line: LogLine, names: number, paint: Paint, width: number): string[] {
  const indent = widthOf(logLine({ ...line, text: '' }, names, unpainted))
  const room = width - indent
  const [first = '', ...more] = room < NARROW ? [line.text] : wrap(line.text, room)
  return [
    logLine({ ...line, text: first }, names, paint),
    ...more.map((text) => `${' '.repeat(indent)}${paint(tones[line.kind] ?? 'faint', text)}`),
  ]
}
