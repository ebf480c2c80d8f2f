// A strategy over a real WebSocket in lock-step: the other half of the parity test.
//
// Client, gateway and exchange are the real ones, in one process; every frame goes through ws, the kernel and back. Time is virtual on both sides, and
// stands still while anything is on the wire: before it goes on to the next instant a ping is sent through the socket, and its pong, which comes after
// all that was said before it, proves that both sides have heard everything. So no frame is early or late by what the machine was doing.
// Each frame then takes the same `delayMs` as in memory.
//
// Equal to the run in memory, by this: orders, fills, balances, order numbers, and the instant of each notice. Not tried by it: what time a real
// network takes, which no two runs have in common; lost connections; and a strategy whose timers wait exactly `delayMs`, where at one instant either
// side may be first.
import { Observable, Subject, type Subscription } from 'rxjs'
import { listen } from '../../src/gateway/index.js'
import type { MarketEvent } from '../../src/market/index.js'
import type { Strategy } from '../../src/strategy/index.js'
import type { TradeLog } from '../../src/testing/index.js'
import {
  type PaperLink,
  type PaperLinkContext,
  paperSimulation,
  type PaperSimulationOptions,
} from '../../src/backtest/index.js'
import { type Connection, type Message, type Transport, webSocket } from '../../src/transport/index.js'

const LEAVING_MS = 10_000

/** A real socket whose frames arrive when virtual time says so. */
class LockStep {
  readonly transport: Transport
  readonly #context: PaperLinkContext
  #client: ((connection: Connection) => void) | undefined
  #serving: Subscription | undefined
  #dialling: Subscription | undefined
  #socket: Connection | undefined
  #pings = 0
  #pong: (() => void) | undefined

  constructor(context: PaperLinkContext) {
    this.#context = context
    this.transport = new Observable((client) => {
      this.#client = (connection) => client.next(connection)
      return () => this.#dialling?.unsubscribe()
    })
  }

  /** Listens and dials in real time, and lets the client know of it in its own. */
  async open(): Promise<void> {
    const { scheduler, delayMs } = this.#context
    const url = await new Promise<string>((resolve, reject) => {
      this.#serving = listen({ ...this.#context, port: 0 }).subscribe({
        next: (event) => {
          if (event.type === 'listening') resolve(event.url)
        },
        error: reject,
      })
    })
    const inbox = new Subject<Message>()
    await new Promise<void>((resolve, reject) => {
      this.#dialling = webSocket(url).subscribe({
        next: (socket) => {
          this.#socket = socket
          socket.message$.subscribe({ next: (message) => this.#heard(message, inbox), error: () => undefined })
          resolve()
        },
        error: reject,
      })
    })
    const connection: Connection = {
      message$: inbox,
      bufferedAmount: 0,
      send: (text) => {
        scheduler.schedule(() => this.#socket?.send(text), delayMs)
        return true
      },
      close: () => this.#dialling?.unsubscribe(),
      abandon: () => this.#dialling?.unsubscribe(),
    }
    scheduler.schedule(() => this.#client?.(connection), delayMs)
  }

  #heard(message: Message, inbox: Subject<Message>): void {
    const { scheduler, delayMs } = this.#context
    if (message === `{"op":"pong","ts":${-this.#pings}}`) this.#pong?.()
    else scheduler.schedule(() => inbox.next(message), delayMs)
  }

  /** Resolves when both sides have heard all that was said. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#pong = resolve
      this.#pings += 1
      if (this.#socket?.send(`{"op":"ping","ts":${-this.#pings}}`) !== true) resolve()
    })
  }

  close(): void {
    this.#dialling?.unsubscribe()
    this.#serving?.unsubscribe()
  }
}

export interface SocketRunOptions extends Omit<PaperSimulationOptions, 'market' | 'link' | 'startMs'> {
  readonly market: Iterable<MarketEvent>
}

/** As `backtest`, but over a real socket: what was traded, when and at what end. */
export const overSocket = async (strategy: Strategy, { market, ...options }: SocketRunOptions): Promise<TradeLog> => {
  const market$ = new Subject<MarketEvent>()
  const events = [...market].filter((event) => event.type !== 'progress')
  const startMs = events[0]?.timestamp ?? 0
  const failures: unknown[] = []
  let lockStep: LockStep | undefined
  const patient = { pingEveryMs: 600_000, deadAfterMs: 1_200_000 }
  const world = paperSimulation(
    strategy,
    {
      ...options,
      startMs,
      client: { ...patient, ...options.client },
      // The pings that prove the wire empty come in no virtual time at all.
      limits: { deadAfterMs: 1_200_000, messagesPerSecond: Infinity, ...options.limits },
      market: () => market$,
      link: (context): PaperLink => {
        lockStep = new LockStep(context)
        return { transport: lockStep.transport, drop: () => undefined, close: () => lockStep?.close() }
      },
    },
    { error: (error: unknown) => failures.push(error) },
  )
  const { scheduler } = world
  const passUntil = async (ms: number): Promise<void> => {
    for (;;) {
      await lockStep?.settle()
      if (scheduler.nextDueMs > ms) break
      world.advanceTo(Math.max(scheduler.now(), scheduler.nextDueMs))
    }
    if (ms > scheduler.now()) world.advanceTo(ms)
  }
  try {
    await lockStep?.open()
    for (const event of events) {
      await passUntil(event.timestamp - startMs)
      world.inside(() => market$.next(event))
    }
    world.leave()
    await passUntil(scheduler.now() + LEAVING_MS)
    if (failures.length > 0) throw failures[0]
    return world.log()
  } finally {
    world.close()
  }
}
