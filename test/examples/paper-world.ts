import { combineLatest, map, Observable, Subject, switchMap, tap } from 'rxjs'
import { type PaperOptions, type PaperPlatform, paperPlatforms, serve } from '../../src/gateway/index.js'
import { connect } from '../../src/index.js'
import { syntheticMarket } from '../../src/market/index.js'
import type { OpenOrder } from '../../src/protocol/index.js'
import type { Outcome, Strategy } from '../../src/strategy/index.js'
import { seededEntropy, virtualClock, VirtualScheduler, withVirtualTime } from '../../src/time/index.js'
import { type Connection, ConnectionClosed, memoryPair, type Transport } from '../../src/transport/index.js'

/** A strategy at work on paper exchanges, in virtual time. */
export interface PaperWorld {
  readonly outcomes: Outcome[]
  readonly errors: unknown[]
  completed: boolean
  readonly nowMs: number
  advance(ms: number): void
  /** Drops every socket, as a network does: neither side says goodbye. */
  drop(): void
  /** Ends the strategy, and lets its login drain. */
  stop(): void
  openOrders(platform: string): readonly OpenOrder[]
  /** Free and locked together. */
  balance(platform: string, currency: string): number
  /** Invariants of the exchanges that do not hold, in words. */
  faults(): readonly string[]
  /** The outcomes of one kind. */
  of<Tag extends Outcome['_tag']>(tag: Tag): Extract<Outcome, { readonly _tag: Tag }>[]
}

const symbol = 'BTC/USDT'

export interface PaperWorldOptions extends PaperOptions {
  /** Whether the server is of the kind whose orders do not carry the cid that made them. @default false */
  readonly hideCids?: boolean
}

const withoutCid = (text: string): string => {
  const frame = JSON.parse(text) as { op: string; data?: unknown }
  // Nor does such a server have any of our extensions: by its cid an order could be sent again, and its fate be known.
  if (frame.op === 'login') return JSON.stringify({ ...frame, features: undefined, epoch: undefined, seq: undefined })
  if (frame.op !== 'notify' && frame.op !== 'open_orders') return text
  const data = JSON.parse(
    JSON.stringify(frame.data ?? null, (key, value: unknown) => (key === 'cid' ? undefined : value)),
  )
  return JSON.stringify({ ...frame, data })
}

const withoutCids = (connection: Connection): Connection => ({
  message$: connection.message$.pipe(map((message) => withoutCid(String(message)))),
  get bufferedAmount() {
    return connection.bufferedAmount
  },
  send: (text) => connection.send(text),
  close: (code, reason) => connection.close(code, reason),
  abandon: () => connection.abandon(),
})

/** A synthetic market that moves less often than the usual one, so that hours of it pass quickly; each platform at its own price. */
export const slowMarket =
  (seed: number, prices: Readonly<Record<string, number>> = {}, moveEveryMs = 2_000): PaperOptions['market'] & object =>
  ({ platform, clock, scheduler }) =>
    syntheticMarket({
      seed,
      startPrices: { [symbol]: prices[platform] ?? 60_000 },
      startMs: clock.wall(),
      moveEveryMs,
      scheduler,
    })

const startMs = Date.UTC(2026, 0, 1)

/** Runs `test` with a strategy that is logged in over an in-memory gateway, by the real client, to the paper exchanges. */
export const inPaperWorld = (
  strategy: Strategy,
  { hideCids = false, ...options }: PaperWorldOptions,
  test: (world: PaperWorld) => void,
): void => {
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler, { startMs })
  withVirtualTime(
    scheduler,
    () => {
      const platforms = paperPlatforms({ seed: 1, ...options, scheduler, clock })
      const connection$ = new Subject<Connection>()
      const drops = new Set<() => void>()
      const transport: Transport = new Observable((client) => {
        const [mine, theirs] = memoryPair({ scheduler, delayMs: 5 })
        connection$.next(theirs)
        const dialling = scheduler.schedule(() => client.next(hideCids ? withoutCids(mine) : mine), 5)
        const fall = () => {
          mine.abandon()
          client.error(new ConnectionClosed('open', 1006, ''))
        }
        drops.add(fall)
        return () => {
          drops.delete(fall)
          dialling.unsubscribe()
          mine.abandon()
        }
      })
      const serving = serve(connection$, { platforms, scheduler, clock }).subscribe()
      const gateway = connect(transport, { scheduler, clock, entropy: seededEntropy(1) })

      const world = worldOf(platforms, scheduler, () => {
        const falling = [...drops]
        drops.clear()
        for (const fall of falling) fall()
      })
      const logins = strategy.logins.map(({ platform, symbols, market = [] }) =>
        gateway.login({ platform, symbols, access_key: 'strategy', secret_key: 'secret' }, { market }),
      )
      const running = combineLatest(logins)
        .pipe(
          switchMap((accounts) => strategy.run(...accounts).pipe(tap({ complete: () => (world.completed = true) }))),
        )
        .subscribe({
          next: (outcome) => world.outcomes.push(outcome as Outcome),
          error: (error: unknown) => world.errors.push(error),
        })
      world.stop = () => {
        running.unsubscribe()
        scheduler.advanceBy(10_000)
      }
      try {
        test(world)
      } finally {
        running.unsubscribe()
        serving.unsubscribe()
      }
    },
    { startMs },
  )
}

const worldOf = (
  platforms: ReadonlyMap<string, PaperPlatform>,
  scheduler: VirtualScheduler,
  drop: () => void,
): PaperWorld => {
  const exchangeOf = (platform: string) => {
    const found = platforms.get(platform)
    if (found === undefined) throw new Error(`no platform ${platform}`)
    return found.exchange
  }
  const outcomes: Outcome[] = []
  const account = (platform: string) =>
    exchangeOf(platform)
      .exactBalances()
      .find((each) => each.account.startsWith('paper-'))?.account ?? ''
  return {
    outcomes,
    errors: [],
    completed: false,
    get nowMs() {
      return scheduler.now()
    },
    advance: (ms) => scheduler.advanceBy(ms),
    drop,
    stop: () => undefined,
    openOrders: (platform) => exchangeOf(platform).openOrders(account(platform), symbol),
    balance: (platform, currency) => {
      const held = exchangeOf(platform)
        .exactBalances()
        .find((each) => each.account === account(platform) && each.currency === currency)
      return Number(held?.free ?? 0) + Number(held?.locked ?? 0)
    },
    faults: () => [...platforms.values()].flatMap(({ exchange }) => [...exchange.audit()]),
    of: (tag) => outcomes.filter((outcome): outcome is never => outcome._tag === tag),
  }
}
