import { map } from 'rxjs'
import type { PaperOptions } from '../../src/gateway/index.js'
import { syntheticMarket } from '../../src/market/index.js'
import type { OpenOrder } from '../../src/protocol/index.js'
import type { IntentOutcome, Strategy } from '../../src/strategy/index.js'
import { memoryLink, type PaperSimulationOptions as WorldOptions, paperSimulation } from '../../src/backtest/index.js'
import type { Connection } from '../../src/transport/index.js'

/** A strategy at work on paper exchanges, in virtual time, and what it has said. */
export interface PaperWorld {
  readonly outcomes: IntentOutcome[]
  readonly errors: unknown[]
  readonly completed: boolean
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
  of<Tag extends IntentOutcome['_tag']>(tag: Tag): Extract<IntentOutcome, { readonly _tag: Tag }>[]
}

const symbol = 'BTC/USDT'

export interface PaperWorldOptions extends WorldOptions {
  /** Whether the server is of the kind whose orders do not carry the cid that made them. @default false */
  readonly hideCids?: boolean
}

const withoutCid = (text: string): string => {
  const frame = JSON.parse(text) as { op: string; data?: unknown }
  // Nor does such a server have any of our extensions: by its cid an order could be sent again, and its fate be known.
  if (frame.op === 'login')
    return JSON.stringify({ ...frame, features: undefined, epoch: undefined, seq: undefined, resume: undefined })
  if (frame.op !== 'notify' && frame.op !== 'open_orders') return text
  const data = JSON.parse(
    JSON.stringify(frame.data ?? null, (key, value: unknown) => (key === 'cid' || key === 'seq' ? undefined : value)),
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

/** Runs `test` with a strategy that is logged in over an in-memory gateway, by the real client, to the paper exchanges. */
export const inPaperWorld = (
  strategy: Strategy,
  { hideCids = false, link = memoryLink, ...options }: PaperWorldOptions,
  test: (world: PaperWorld) => void,
): void => {
  const outcomes: IntentOutcome[] = []
  const errors: unknown[] = []
  let completed = false
  const world = paperSimulation(
    strategy,
    {
      ...options,
      link: (context) => {
        const plain = link(context)
        return hideCids ? { ...plain, transport: plain.transport.pipe(map(withoutCids)) } : plain
      },
    },
    {
      next: (outcome) => outcomes.push(outcome as IntentOutcome),
      error: (error: unknown) => errors.push(error),
      complete: () => (completed = true),
    },
  )
  const balances = () => world.log().balances
  try {
    world.inside(() =>
      test({
        outcomes,
        errors,
        get completed() {
          return completed
        },
        get nowMs() {
          return world.nowMs
        },
        advance: world.advanceBy,
        drop: world.drop,
        stop: world.stop,
        openOrders: (platform) => world.left().openOrders[platform] ?? [],
        balance: (platform, currency) =>
          (balances()[`${platform} ${currency}`] ?? '')
            .split(' and ')
            .reduce((sum, text) => sum + Number.parseFloat(text), 0),
        faults: () => world.left().faults,
        of: (tag) => outcomes.filter((outcome): outcome is never => outcome._tag === tag),
      }),
    )
  } finally {
    world.close()
  }
}
