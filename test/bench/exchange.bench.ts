// Orders per second of the paper exchange (accounts, balances, fees and events included) against the nodejs-order-book package
// (a matching engine without accounts) on the same stream of orders, by turns in the same process, in CPU time; medians of several rounds.
import { OrderBook, Side } from 'nodejs-order-book'
import { createExchange } from '../../src/exchange/index.js'

const ROUNDS = Number(process.env['ROUNDS'] ?? 7)
const ORDERS = Number(process.env['ORDERS'] ?? 200_000)
/** Orders before those that count: the engine throws compiled code away with a book that has died, and a book that lives keeps it. */
const WARM_UP = 50_000
const symbol = 'BTC/USDT'
const accounts = Array.from({ length: 16 }, (_, index) => `account-${index}`)

/** A stream of orders in columns: of objects that lie all over the heap, reading them would be a tenth of what is measured. */
class Steps {
  readonly kind: ('limit' | 'market' | 'cancel')[] = []
  readonly account: string[] = []
  /** Both count placed orders from 1. */
  readonly no: string[] = []
  readonly buys: boolean[] = []
  readonly price: number[] = []
  readonly size: number[] = []

  get count(): number {
    return this.kind.length
  }

  add(kind: 'limit' | 'market' | 'cancel', no: string, buys = false, price = 0, size = 0): void {
    this.kind.push(kind)
    this.account.push(accounts[Number(no) % accounts.length]!)
    this.no.push(no)
    this.buys.push(buys)
    this.price.push(price)
    this.size.push(size)
  }
}

function randomOf(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Name = 'busy' | 'quoting' | 'deep'

/** Sizes are multiples of 1/64, exact in binary, so that both books hold the same whatever they count in. */
function stream(name: Name): { prepare: Steps; steps: Steps } {
  const random = randomOf(11)
  const prepare = new Steps()
  const steps = new Steps()
  /** Of limit orders. */
  const nos: string[] = []
  let placed = 0
  let middle = 5_000_000
  const place = (into: Steps, kind: 'limit' | 'market', buys: boolean, ticks: number) => {
    const no = String(++placed)
    into.add(kind, no, buys, ticks / 100, (1 + Math.floor(random() * 20)) / 64)
    if (kind === 'limit') nos.push(no)
  }
  const cancel = (back: number) => {
    const no = nos[Math.max(0, nos.length - 1 - back)]
    if (no !== undefined) steps.add('cancel', no)
  }
  if (name === 'deep') {
    // 100,000 levels, half on each side, in random order.
    const levels = Array.from({ length: 100_000 }, (_, index) => index)
    for (let at = levels.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1))
      ;[levels[at], levels[other]] = [levels[other]!, levels[at]!]
    }
    for (const level of levels) {
      const buys = level % 2 === 0
      place(prepare, 'limit', buys, middle + (buys ? -1 : 1) * (300 + level))
    }
  }
  while (steps.count < WARM_UP + ORDERS) {
    const dice = random()
    const buys = random() < 0.5
    const away = buys ? -1 : 1
    middle += Math.round((random() - 0.5) * 4)
    if (name === 'quoting') {
      // A market maker's life: place, cancel one of the last few, seldom trade.
      if (dice < 0.5) place(steps, 'limit', buys, middle + away * (20 + Math.floor(random() * 200)))
      else if (dice < 0.98) cancel(Math.floor(random() * 200))
      else place(steps, 'market', false, 0)
    } else if (dice < 0.6) {
      const reach = name === 'deep' && random() < 0.5 ? 50_000 : 100
      place(steps, 'limit', buys, middle + away * Math.floor((random() - (reach === 100 ? 0.3 : 0)) * reach))
    } else if (dice < 0.9) cancel(Math.floor(random() * nos.length))
    else place(steps, 'market', false, 0)
  }
  return { prepare, steps }
}

/** CPU time, collection of garbage by other threads included: what else runs on the machine does not count. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

interface Run {
  readonly ms: number
  /** What is left in the book, to see that both did the same. */
  readonly left: string
}

function ours({ prepare, steps }: ReturnType<typeof stream>): Run {
  const exchange = createExchange({ platform: 'huobi' })
  for (const account of accounts) {
    exchange.apply({ type: 'open-account', account, deposits: { BTC: '1000000', USDT: '80000000' } }, 0)
  }
  let now = 1_700_000_000_000
  const run = ({ kind, account, no, buys, price, size }: Steps, from: number, to: number) => {
    for (let at = from; at < to; at++) {
      now++
      if (kind[at] === 'cancel') {
        exchange.apply({ type: 'cancel', account: account[at]!, symbol, order_nos: [no[at]!] }, now)
      } else {
        exchange.apply(
          {
            type: 'place',
            account: account[at]!,
            symbol,
            action: buys[at] ? 'BUY' : 'SELL',
            price: price[at]!,
            quantity: size[at]!,
            order_type: kind[at] === 'limit' ? 'LIMIT' : 'MARKET',
          },
          now,
        )
      }
    }
  }
  run(prepare, 0, prepare.count)
  run(steps, 0, WARM_UP)
  const ms = cpuMs(() => run(steps, WARM_UP, steps.count))
  const { bids, asks } = exchange.depth(symbol, 1_000_000)!
  return { ms, left: JSON.stringify([asks, bids]) }
}

function theirs({ prepare, steps }: ReturnType<typeof stream>): Run {
  const book = new OrderBook()
  const run = ({ kind, no, buys, price, size }: Steps, from: number, to: number) => {
    for (let at = from; at < to; at++) {
      if (kind[at] === 'cancel') book.cancel(no[at]!)
      else if (kind[at] === 'limit') {
        book.limit({ id: no[at]!, side: buys[at] ? Side.BUY : Side.SELL, size: size[at]!, price: price[at]! })
      } else book.market({ side: Side.SELL, size: size[at]! })
    }
  }
  run(prepare, 0, prepare.count)
  run(steps, 0, WARM_UP)
  const ms = cpuMs(() => run(steps, WARM_UP, steps.count))
  return { ms, left: JSON.stringify(book.depth()) }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const perSecond = (ms: number) => `${Math.round((ORDERS / ms) * 1000).toLocaleString('en')} orders per CPU second`

{
  const exchange = createExchange({ platform: 'huobi' })
  exchange.apply({ type: 'open-account', account: 'a', deposits: { USDT: '89000000' } }, 0)
  const count = 200_000
  // Garbage of before must not be collected in between, which would count in our favour.
  for (let round = 0; round < 5; round++) globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let nth = 0; nth < count; nth++) {
    const price = 40_000 - (nth % 10_000) / 100
    exchange.apply(
      { type: 'place', account: 'a', symbol, action: 'BUY', price, quantity: 0.01, order_type: 'LIMIT' },
      // Times of the present, and near each other: what has passed since the account's first order is kept in the order for 24 days.
      1_700_000_000_000 + nth,
    )
  }
  globalThis.gc?.()
  const bytes = (process.memoryUsage().heapUsed - before) / count
  console.log(`memory   ${Math.round(bytes)} bytes per resting order (20 orders a level)`)
  if (exchange.openOrders('a', symbol).length !== count) process.exitCode = 1
}

for (const name of ['busy', 'quoting', 'deep'] as const) {
  const orders = stream(name)
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    globalThis.gc?.()
    const first = round % 2 === 0 ? ours(orders) : theirs(orders)
    globalThis.gc?.()
    const second = round % 2 === 0 ? theirs(orders) : ours(orders)
    return round % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first }
  })
  const same = rounds.every((round) => round.ours.left === round.theirs.left)
  if (!same) {
    console.error(`${name}: the two books differ: the comparison is worth nothing`)
    process.exitCode = 1
  }
  const [mine, other] = [median(rounds.map((round) => round.ours.ms)), median(rounds.map((round) => round.theirs.ms))]
  const ratio = median(rounds.map((round) => round.theirs.ms / round.ours.ms))
  console.log(
    `${name.padEnd(8)} exchange ${perSecond(mine)}, nodejs-order-book ${perSecond(other)}, ratio ${ratio.toFixed(2)} (target 2)`,
  )
}
