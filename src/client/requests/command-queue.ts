import { BehaviorSubject, distinctUntilChanged, map, type Observable, ReplaySubject } from 'rxjs'
import { createGates, type Gate } from '../../operators/index.js'
import type { RequestOp } from '../../protocol/index.js'
import { NotSent } from '../errors/errors.js'
import { type Settings, stopwatchOf } from '../options.js'
import type { ProtocolConnection } from '../connection/protocol-connection.js'

/** Destination of a login's commands at present. */
export interface ActiveSession {
  readonly connection: ProtocolConnection
  readonly token: string
  /** The extensions that the server has. */
  readonly features: ReadonlySet<string>
  /** Changes when the server has lost its memory. */
  readonly epoch: string | undefined
}

/**
 * The way from a login's commands to its present socket: the present link, and the gates in front
 * of it. The gates share one queue, so commands leave in the order in which they were asked for,
 * except that commands pass orders that wait for the views.
 */
export interface CommandQueue {
  /** The present link; null while there is none. */
  readonly session: ActiveSession | null
  readonly ready$: Observable<boolean>
  /** Ready, and the views standing. */
  readonly tradable$: Observable<boolean>
  /** Queries and cancels wait here for READY. */
  readonly commands: Gate
  /** Orders wait here. */
  readonly orders: Gate
  attach(session: ActiveSession): void
  detach(): void
  /** Says whether commands may be sent over the present link. */
  setReady(ready: boolean): void
  /** Says whether the views stand: until they do, orders wait. */
  setSynced(synced: boolean): void
  /** Refuses every order, those waiting included; cancels and queries still pass. */
  closeOrders(): void
  /** Refuses everything, for good. */
  close(cause: unknown): void
}

export function createCommandQueue({ clock, scheduler, maxQueued }: Settings): CommandQueue {
  // The gates hear of it first, so that what waited has been written before `ready$` tells anybody.
  const open$ = new BehaviorSubject({ commands: false, orders: false })
  const told$ = new ReplaySubject<boolean>(1)
  const toldTradable$ = new ReplaySubject<boolean>(1)
  const gateOptions = { limit: maxQueued, stopwatch: stopwatchOf(clock), scheduler }
  const { commands, orders } = createGates(open$, ['commands', 'orders'], gateOptions)
  let session: ActiveSession | null = null
  let isReady = false
  let isSynced = true
  let told = false
  let toldTradable = false

  // Read again each time: what waited is written meanwhile, and the socket may end by that.
  const isTradable = (): boolean => isReady && isSynced
  const tell = (): void => {
    // mutant: orders-wait-for-ready
    open$.next({ commands: isReady, orders: isTradable() })
    told$.next((told = isReady))
    toldTradable$.next((toldTradable = isTradable()))
  }
  tell()

  return {
    get session() {
      return session
    },
    // Re-read the value per subscriber: a subscriber that reacts to `true` may end the socket, and
    // later subscribers must then see `false`.
    ready$: told$.pipe(
      map(() => told),
      distinctUntilChanged(),
    ),
    tradable$: toldTradable$.pipe(
      map(() => toldTradable),
      distinctUntilChanged(),
    ),
    commands,
    orders,
    attach(next) {
      session = next
    },
    detach() {
      session = null
      isReady = false
      tell()
    },
    setReady(ready) {
      isReady = ready && session !== null
      tell()
    },
    setSynced(synced) {
      isSynced = synced
      tell()
    },
    closeOrders: () => orders.unsubscribe(),
    close(cause) {
      session = null
      open$.error(cause)
      told = toldTradable = false
      for (const each$ of [told$, toldTradable$]) {
        each$.next(false)
        each$.complete()
      }
    },
  }
}

/** Message for a socket that was gone before its end was noticed. */
export const lostBeforeWriting = 'the connection was lost as it was about to be written; it is safe to try again'

/** The link that a command may be written to at this instant, or why there is none. */
export const sessionFor = (op: RequestOp, queue: CommandQueue, { stalledAboveBytes }: Settings): ActiveSession => {
  const { session } = queue
  if (session === null) throw new NotSent(op, 'not-ready-in-time', lostBeforeWriting)
  if (session.connection.bufferedAmount > stalledAboveBytes) {
    throw new NotSent(
      op,
      'stalled-connection',
      `${session.connection.bufferedAmount} bytes wait in the socket: the server has stopped reading`,
    )
  }
  return session
}
