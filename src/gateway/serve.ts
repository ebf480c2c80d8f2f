import { randomBytes } from 'node:crypto'
import { asyncScheduler, type Observable, type SchedulerLike, skipWhile } from 'rxjs'
import type { Clock } from '../time/index.js'
import { type Connection, systemClock } from '../transport/index.js'
import { Chaos } from './chaos/chaos.js'
import type { ChaosOptions } from './chaos/settings.js'
import { CloseCode } from './close-code.js'
import { ConnectionSession } from './connection/connection-session.js'
import { EventStream } from './http/event-stream.js'
import type { ExchangeAdapter } from './adapter/exchange-adapter.js'
import type { GatewayContext } from './connection/gateway-context.js'
import type { GatewayEvent } from './gateway-event.js'
import { defaultLimits, type Limits } from './limits.js'
import { LateAnswers } from './adapter/late-answers.js'
import { LoginRegistry } from './login/login-registry.js'
import { QueryTurns } from './connection/query-turns.js'
import { Traffic } from './connection/traffic.js'

/** 256 unguessable bits. */
const randomToken = () => randomBytes(32).toString('base64url')

export interface ServeOptions {
  /**
   * The exchanges, by the name under which a login asks for them. A Map: its keys are looked up by
   * a client's word.
   */
  readonly platforms: ReadonlyMap<string, ExchangeAdapter>
  /** @default defaultLimits, one by one */
  readonly limits?: Partial<Limits>
  /** @default the machine's clocks */
  readonly clock?: Clock
  /**
   * Runs all timers; a virtual one makes the gateway run in virtual time.
   * @default asyncScheduler
   */
  readonly scheduler?: SchedulerLike
  /** Counts the traffic; give one to read its counters. @default a private one */
  readonly traffic?: Traffic
  /** Faults to inject, for tests of a client; each emits an event `chaos`. @default none */
  readonly chaos?: ChaosOptions
  /** Makes the token of a login. Only tests have reason to give one. @default 256 random bits */
  readonly newToken?: () => string
}

/**
 * Speaks the server side of the protocol on every connection that comes. Subscribing serves;
 * unsubscribing closes all connections with code 1001. Emits the events of the gateway, for logs
 * and metrics, and never errors, whatever clients or exchanges do. An error that a subscriber
 * throws becomes a process warning, and the subscriber keeps receiving events.
 *
 * Independent of sockets: the server ends of in-memory pairs do as well as those of a WebSocket
 * server (see `listen`).
 *
 * @example
 * ```ts
 * serve(connection$, { platforms: paperPlatforms() }).subscribe((event) => console.log(event))
 * ```
 */
export const serve = (connection$: Observable<Connection>, options: ServeOptions): Observable<GatewayEvent> =>
  new EventStream(
    (subscriber) => {
      const { clock = systemClock, scheduler = asyncScheduler, newToken = randomToken } = options
      const limits: Limits = { ...defaultLimits, ...options.limits }
      const tell = (event: GatewayEvent) => subscriber.next(event)
      const chaos = options.chaos && new Chaos(options.chaos, { clock, scheduler, tell })
      const platforms = chaos?.platforms(options.platforms) ?? options.platforms
      subscriber.add(chaos?.start())
      const turns = new QueryTurns(scheduler)
      const context: GatewayContext = {
        platforms,
        registry: new LoginRegistry(),
        limits,
        lateAnswers: new LateAnswers(),
        clock,
        scheduler,
        newToken,
        traffic: options.traffic ?? new Traffic(),
        turns,
        epoch: newToken(),
        tell,
      }
      const sessions = new Set<ConnectionSession>()
      let lastId = 0

      subscriber.add(() => {
        for (const session of [...sessions])
          session.close({ code: CloseCode.GOING_AWAY, reason: 'the gateway is shutting down' })
        turns.close()
        context.lateAnswers.end()
      })
      // Its class alone: the words of a foreign error may hold a key.
      const faulty = (where: string, error: unknown): void =>
        tell({ type: 'fault', where, error: error instanceof Error ? error.name : typeof error })
      for (const [platform, { background$ }] of platforms) {
        if (background$ === undefined) continue
        subscriber.add(
          background$.subscribe({
            error: (error: unknown) => faulty(`${platform} background`, error),
          }),
        )
      }
      for (const [platform, { journal }] of options.platforms) {
        if (journal === undefined) continue
        subscriber.add(
          journal.failure$.pipe(skipWhile((why) => why === undefined)).subscribe({
            next: (why) =>
              context.tell({
                ...{ type: 'journal', platform },
                ...(why === undefined ? { state: 'restored', why: '' } : { state: 'failed', why }),
              }),
            error: (error: unknown) => faulty(`${platform} journal`, error),
          }),
        )
      }
      subscriber.add(
        connection$.subscribe({
          next: (connection) => {
            if (sessions.size >= limits.connections) {
              connection.close(CloseCode.TOO_MANY_CONNECTIONS, 'too many connections; try again later')
              context.tell({ type: 'turned-away', why: 'full' })
              return
            }
            const id = ++lastId
            const session = new ConnectionSession(
              id,
              chaos?.connection(connection, id) ?? connection,
              context,
              (why, code) => {
                sessions.delete(session)
                context.tell({ type: 'disconnected', connection: id, why, ...(code === undefined ? {} : { code }) })
              },
            )
            sessions.add(session)
            context.tell({ type: 'connected', connection: id })
            session.start()
          },
          error: (error: unknown) => subscriber.error(error),
        }),
      )
    },
    { canFail: true },
  )
