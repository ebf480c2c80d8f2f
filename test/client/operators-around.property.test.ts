import { it } from '@jest/globals'
import fc from 'fast-check'
import {
  catchError,
  EMPTY,
  exhaustMap,
  merge,
  mergeMap,
  type Observable,
  of,
  onErrorResumeNext,
  race,
  repeat,
  retry,
  share,
  skip,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  timeout,
  type TimeoutConfig,
  timer,
} from 'rxjs'
import { type Account, connect, type Placed } from '../../src/client/index.js'
import { credentials, limitOrder as order, orderNotice } from '../support/logged-in.js'
import { type Frame, scriptedServer, type ServerSide } from '../support/scripted-server.js'

/** What the server does about an order: whether it makes it, and what it lets be known of that. */
const manners = ['reply', 'late reply', 'notice', 'refusal', 'late refusal', 'unsure', 'cut', 'silence'] as const
const refusals: ReadonlySet<string> = new Set(['refusal', 'late refusal'])

type Manner = (typeof manners)[number]
type Signal = () => Observable<unknown>
type Dress = (place$: Observable<unknown>, when: Signal, late: TimeoutConfig<unknown>) => Observable<unknown>

const raced = () => throwError(() => new Error('raced'))
const quiet = <T>(source: Observable<T>) => source.pipe(catchError(() => EMPTY))

/** What people put around a command, each of which may subscribe to it more than once. */
const dresses: Readonly<Record<string, Dress>> = {
  retry: (place$) => place$.pipe(retry(3)),
  retryWhen: (place$, when) => place$.pipe(retry({ count: 3, delay: () => when().pipe(take(1)) })),
  repeat: (place$) => place$.pipe(repeat(2)),
  catch: (place$) => place$.pipe(catchError(() => place$)),
  resume: (place$) => onErrorResumeNext(place$, place$, place$),
  beside: (place$) => merge(quiet(place$), quiet(place$)),
  share: (place$) => place$.pipe(share()),
  // eslint-disable-next-line rxjs-x/no-unsafe-takeuntil -- Left, and asked for again.
  leave: (place$, when) => place$.pipe(takeUntil(when()), repeat(3)),
  switch: (place$, when) => merge(of(0), when().pipe(take(3))).pipe(switchMap(() => quiet(place$))),
  exhaust: (place$, when) => merge(of(0), when().pipe(take(3))).pipe(exhaustMap(() => quiet(place$))),
  race: (place$, when) => race(place$, when().pipe(mergeMap(raced))),
  // eslint-disable-next-line rxjs-x/no-subscribe-in-pipe -- That is the fault.
  within: (place$) => place$.pipe(tap({ error: () => place$.subscribe({ error: () => undefined }) })),
  timeout: (place$, _, late) => place$.pipe(timeout(late), retry(2)),
}

/** Places one order, dressed so, at a server of such manners; gives what each frame was met with, and whether its subscriber heard its reply. */
const play = (wraps: readonly string[], met: readonly Manner[], signal: number, ms: number, seed: number) => {
  const frames: { readonly cid: string; readonly manner: Manner; heard: boolean }[] = []
  const placeOrder = (frame: Frame, side: ServerSide): void => {
    const manner = met[frames.length % met.length] ?? 'silence'
    const order_no = String(frames.push({ cid: String(frame.cid), manner, heard: false }))
    const isRefused = refusals.has(manner)
    const later = (work: () => void, afterMs: number) => void server.scheduler.schedule(work, afterMs)
    const answer = () => side.reply(frame, isRefused ? { result: false, error_message: 'no margin' } : { order_no })
    if (manner === 'notice') side.notify('order', orderNotice({ order_no, utime: server.clock.wall() }))
    if (manner === 'unsure') side.reply(frame, { result: false, error_message: 'timeout' })
    if (manner === 'cut') side.connection.abandon()
    if (manner === 'reply' || manner === 'refusal') answer()
    if (manner === 'late reply' || manner === 'late refusal') later(answer, 3_000)
  }
  const server = scriptedServer({ place_order: placeOrder }, seed)
  const options = { ...server.options, requestTimeoutMs: 2_000, resolveWithinMs: 500 }
  const gateway = connect(server.transport, options)

  const dressed = (account: Account): Observable<unknown> => {
    const signals: readonly Signal[] = [
      () => timer(ms, server.scheduler),
      () => account.ready$.pipe(skip(1)),
      () => account.tradable$.pipe(skip(1)),
      () => account.unresolved$.pipe(skip(1)),
      () => account.order$,
      () => account.gap$,
      () => gateway.status$.pipe(skip(1)),
    ]
    const hear = ({ cid }: Placed) => {
      for (const frame of frames) if (frame.cid === cid) frame.heard = true
    }
    const place$: Observable<unknown> = account.placeOrder(order).pipe(tap(hear))
    const when = signals[signal % signals.length] as Signal
    const late = { each: ms, scheduler: server.scheduler }
    return wraps.reduce((inner$, wrap) => (dresses[wrap] as Dress)(inner$, when, late), place$)
  }
  const running = gateway
    .login(credentials)
    .pipe(switchMap(dressed))
    .subscribe({ error: () => undefined })
  for (let second = 0; second < 30; second++) server.scheduler.advanceBy(1_000)
  running.unsubscribe()
  server.scheduler.advanceBy(10_000)
  return frames
}

it('an order is written once more only where the one before was refused, or whoever asked for it heard that it was placed, whatever operators stand around it', () => {
  const wraps = fc.array(fc.constantFrom(...Object.keys(dresses)), { minLength: 1, maxLength: 4 })
  const met = fc.array(fc.constantFrom(...manners), { minLength: 1, maxLength: 4 })
  const ms = fc.constantFrom(1, 3, 50, 2_100, 5_000)
  fc.assert(
    fc.property(wraps, met, fc.nat(6), ms, fc.nat(1_000), (...scene) => {
      const frames = play(...scene)
      return frames.slice(0, -1).every(({ manner, heard }) => heard || refusals.has(manner))
    }),
    { numRuns: 200 },
  )
})
