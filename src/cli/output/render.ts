import { type AccountState, standing } from '../dashboard/account-state.js'
import {
  currenciesOf,
  feesOf,
  holdingOf,
  priceOf,
  profitOf,
  resultOf,
  valuedIn,
  volumeOf,
} from '../dashboard/account-value.js'
import type { Dashboard, LogLine } from '../dashboard/dashboard.js'
import { gateInAWord, isShut, usedInWords, whyShut } from '../dashboard/gate-words.js'
import { quantile } from '../dashboard/series.js'
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
} from '../format/text.js'
import { counted, money, number, price, signed } from '../format/numbers.js'
import { type Kind, statusInWords } from '../dashboard/words.js'

/** Size and colours of the terminal. */
export interface Frame {
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
}

const WIDEST = 118
const TWO_CARDS = 96
/** Lines that the cards leave for the log. */
const LEAST_LOG = 5
/** Lines of the smallest card: its box and two rows. */
const LEAST_CARD = 4

/** Renders the dashboard as lines that fit the frame. */
export function render(dashboard: Dashboard, { columns, rows, paint }: Frame): string[] {
  const width = Math.max(1, Math.min(columns, WIDEST) - 2)
  const top = header(dashboard, width, paint)
  const cards = cardsOf(dashboard, width, paint, rows - top.length - 2 - LEAST_LOG)
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
    ...total(dashboard, paint),
  ]
}

/** Total of several accounts in one currency. */
function total({ accounts }: Dashboard, paint: Paint): string[] {
  const list = [...accounts.values()]
  const [unit = '', ...others] = new Set(list.map(valuedIn))
  if (list.length < 2 || others.length > 0) return []
  const sumOf = (value: (account: AccountState) => number | undefined): number | undefined =>
    list.reduce<number | undefined>((sum, account) => {
      const next = value(account)
      return sum === undefined || next === undefined ? undefined : sum + next
    }, 0)
  const [profit, fees] = [sumOf(profitOf), sumOf(feesOf)]
  const parts = [
    ...(profit === undefined ? [] : [`profit ${paint(profit < 0 ? 'bad' : 'good', `${signed(profit)} ${unit}`)}`]),
    ...(fees === undefined ? [] : [`fees ${money(fees)} ${unit}`]),
    counted(
      list.reduce((sum, { fills }) => sum + fills, 0),
      'fill',
    ),
  ]
  return [`${paint('strong', 'total')}  ${parts.join(paint('faint', ' · '))}`]
}

const clock = (now: number, beganAt: number | undefined, endsAt: number | undefined): string => {
  const passed = (now - (beganAt ?? now)) / 1000
  if (endsAt === undefined || beganAt === undefined) return `${Math.floor(passed)} s`
  // Rounded, so that a run that has ended shows its full time.
  const all = Math.round((endsAt - beganAt) / 1000)
  return `${now >= endsAt ? all : Math.min(Math.floor(passed), all)} s of ${number(all)} s`
}

/** Elapsed share of the run, from 0 to 1: of its time, or of the recorded market. */
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

function cardsOf({ accounts, left }: Dashboard, width: number, paint: Paint, room: number): string[] {
  const list = [...accounts.values()]
  const isStacked = list.length < 2 || width < TWO_CARDS
  const most = Math.max(LEAST_CARD, Math.floor(room / (isStacked ? list.length : Math.ceil(list.length / 2))))
  if (isStacked) return list.flatMap((account) => card(account, left, width, paint, most))
  const half = Math.floor((width - 1) / 2)
  const lines: string[] = []
  for (let index = 0; index < list.length; index += 2) {
    const [ones = [], others = []] = list
      .slice(index, index + 2)
      .map((account) => card(account, left, half, paint, most))
    const height = Math.max(ones.length, others.length)
    // The last line closes the box: the shorter card is filled above it.
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

/** Width of the label and value columns of a card. */
const LABEL = 10
const VALUE = 14

/** Keeps the lines of the smallest weights, in their order. */
const fitting = (lines: readonly (readonly [weight: number, line: string])[], most: number): string[] => {
  const byWeight = lines.map(([weight], index) => [weight, index] as const).sort(([a, i], [b, j]) => a - b || i - j)
  const kept = new Set(byWeight.slice(0, most).map(([, index]) => index))
  return lines.flatMap(([, line], index) => (kept.has(index) ? [line] : []))
}

function card(account: AccountState, left: boolean, width: number, paint: Paint, most: number): string[] {
  const { platform, ready, symbols, sent, open, fills, unsettled, refused, notSent, unknown } = account
  const unit = valuedIn(account)
  const name = `${paint('strong', platform)} ${left ? paint('faint', '● logged out') : paint(ready ? 'good' : 'warn', `● ${standing(account)}`)}`
  const rule = paint('faint', '─'.repeat(Math.max(0, width - 6 - widthOf(name))))
  const profit = profitOf(account)
  const fees = feesOf(account)
  const result = resultOf(account)
  const holding = holdingOf(account)
  const curve = Math.max(0, width - 4 - (LABEL + 1 + VALUE + 2))
  const row = (label: string, value: string, rest: string): string =>
    `${padEnd(paint('faint', label), LABEL)} ${padStart(value, VALUE)}  ${rest}`

  const weighed = (weight: number, texts: readonly string[]) => texts.map((text) => [weight, text] as const)
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
    unknown > 0 ? `${unknown} of unknown outcome` : '',
    unsettled.length > 0 ? `${unsettled.length} unresolved` : '',
  ].filter((text) => text !== '')
  const tone = profit !== undefined && profit < 0 ? 'bad' : 'good'
  // A card without room for all rows keeps profit and risk.
  const lines = [
    ...weighed(2, prices.slice(0, 1)),
    ...weighed(7, prices.slice(1)),
    ...weighed(0, [
      row(
        'profit',
        profit === undefined ? '–' : paint(tone, `${signed(profit)} ${unit}`),
        paint(tone, sparkline(account.profitSeries.samples, curve)),
      ),
    ]),
    ...weighed(5, [row('fees', fees === undefined ? '–' : `${money(fees)} ${unit}`, tradedInWords(account))]),
    ...(result === undefined
      ? []
      : [
          ...weighed(8, [row('realised', `${signed(result.realised)} ${unit}`, '')]),
          ...weighed(9, [row('unrealised', `${signed(result.unrealised)} ${unit}`, '')]),
        ]),
    ...(holding === undefined ? [] : weighed(10, [row('holding', `${signed(holding)} ${unit}`, 'without trading')])),
    ...[...account.gates.values()].map((risk) => {
      const line = row(
        'risk gate',
        paint(isShut(risk) ? 'bad' : risk.account === 'unknown' ? 'warn' : 'good', gateInAWord(risk)),
        whyShut(risk) === '' ? usedInWords(risk) : paint('bad', harmless(whyShut(risk))),
      )
      return [isShut(risk) ? 1 : 4, line] as const
    }),
    ...weighed(1, [
      row(
        'orders',
        number(sent),
        [counted(fills, 'fill'), `${open.size} open`, ...troubles.map((text) => paint('bad', text))].join(
          paint('faint', ' · '),
        ),
      ),
    ]),
    ...weighed(
      6,
      openOrders(account).map((cells) => row(...cells)),
    ),
    ...weighed(
      3,
      positionsOf(account).map((cells) => row(...cells)),
    ),
    ...weighed(
      11,
      balances(account).map(([currency, total, locked]) =>
        row(currency, total, locked === undefined ? '' : `${locked} locked`),
      ),
    ),
  ]
  return [
    `${paint('faint', '╭─')} ${name} ${rule}${paint('faint', '─╮')}`,
    ...fitting(lines, most - 2).map((line) => boxed(line, width, paint)),
    paint('faint', `╰${'─'.repeat(width - 2)}╯`),
  ]
}

type Row = readonly [label: string, quantity: string, rest: string]

/** Names the symbol only where there are several: cards side by side have little room. */
const named = ({ symbols }: AccountState, symbol: string, text: string): string =>
  symbols.length === 1 && symbols[0] === symbol ? text : `${harmless(symbol)} ${text}`

const atPrice = (account: AccountState, symbol: string, at: number): string =>
  named(account, symbol, `at ${price(at, account.infos.get(symbol)?.price_tick)}`)

const contracts = (quantity: number): string => (quantity === 1 ? 'contract' : 'contracts')

/** Volume of an account, in money and in contracts. */
const tradedInWords = (account: AccountState): string => {
  const volume = volumeOf(account)
  if (account.contracts > 0) return `on ${counted(account.contracts, 'contract')} traded`
  return volume === undefined || volume === 0 ? '' : `on ${number(volume, 0)} traded`
}

/** Greatest number of open orders that are listed. */
const MOST_ORDERS = 4

const openOrders = (account: AccountState): Row[] => {
  const orders = [...account.open.values()]
  const rows = orders.slice(-MOST_ORDERS).map(({ action, remain, symbol, price: at, offset }): Row => {
    const terms = at === null || at === 0 ? named(account, symbol, 'at the market') : atPrice(account, symbol, at)
    const isContract = offset !== undefined || account.positions.has(symbol)
    return [action.toLowerCase(), number(remain), isContract ? `${contracts(remain)} ${terms}` : terms]
  })
  return orders.length <= MOST_ORDERS ? rows : [...rows, ['', '', `and ${orders.length - MOST_ORDERS} older`]]
}

const positionsOf = (account: AccountState): Row[] => {
  const row = (label: string, symbol: string, quantity: number, opened: number | null, isContract = false): Row[] => {
    if (quantity === 0) return []
    const terms = opened === null ? named(account, symbol, '') : atPrice(account, symbol, opened)
    return [[label, number(quantity), isContract ? `${contracts(quantity)} ${terms}` : terms]]
  }
  return [
    ...[...account.holdings].flatMap(([symbol, { quantity, price: at }]) => row('traded', symbol, quantity, at)),
    ...[...account.positions.values()].flatMap((position) => [
      ...row('long', position.symbol, position.long_quantity, position.long_open_price, true),
      ...row('short', position.symbol, position.short_quantity, position.short_open_price, true),
    ]),
  ]
}

/** Balances of the traded currencies. */
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

/** Width of the column of platform names. */
export const namesOf = ({ accounts }: Dashboard): number => 1 + Math.max(5, ...Array.from(accounts.keys(), widthOf))

const tones: Readonly<Partial<Record<Kind, Style>>> = { buy: 'good', sell: 'bad', trouble: 'warn', said: 'accent' }

/** Formats a log entry as one line; `names` is the width of the platform column. */
export function logLine({ at, platform, kind, text }: LogLine, names: number, paint: Paint): string {
  const when = paint('faint', `${(at / 1000).toFixed(1).padStart(6)} s`)
  return `${when}  ${padEnd(platform, names)} ${paint(tones[kind] ?? 'faint', text)}`
}

/** Narrowest room in which lines are wrapped. */
const NARROW = 16

/** Formats a log entry as wrapped lines: the end of a long message must not be cut off. */
function logLines(line: LogLine, names: number, paint: Paint, width: number): string[] {
  const indent = widthOf(logLine({ ...line, text: '' }, names, unpainted))
  const room = width - indent
  const [first = '', ...more] = room < NARROW ? [line.text] : wrap(line.text, room)
  return [
    logLine({ ...line, text: first }, names, paint),
    ...more.map((text) => `${' '.repeat(indent)}${paint(tones[line.kind] ?? 'faint', text)}`),
  ]
}
