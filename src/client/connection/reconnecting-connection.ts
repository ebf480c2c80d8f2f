import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  finalize,
  type Observable,
  ReplaySubject,
  share,
  type Subject,
  switchMap,
  throwError,
} from 'rxjs'
import { PeerSilent, reconnect } from '../../operators/index.js'
import {
  ConnectionClosed,
  isBadAddress,
  isLastingRefusal,
  retryAfterOf,
  type Transport,
} from '../../transport/index.js'
import type { Settings } from '../options.js'
import type { ConnectionLoss, Status } from './status.js'
import { openProtocolConnection, type ProtocolConnection, type ConnectionReports } from './protocol-connection.js'

/** A login's reply never came, so its outcome is unknown: only a new socket can tell. */
export class LoginUnanswered extends Error {
  override readonly name = 'LoginUnanswered'
}

const lossOf = (error: unknown): ConnectionLoss => {
  if (error instanceof PeerSilent) return { _tag: 'Silent', error }
  if (error instanceof LoginUnanswered) return { _tag: 'LoginUnanswered', error }
  if (error instanceof ConnectionClosed) return { _tag: 'Ended', error }
  return { _tag: 'Ended', error: new ConnectionClosed('open', 1006, '', { cause: error }) }
}

/**
 * Socket after socket, for as long as anybody is subscribed; shared. Emits the present connection,
 * and null while there is none. `status$` reports every end of a socket, and followed by another
 * attempt; errors only where none could succeed: the address is none, the server was never reached
 * and refuses for good, or it closed with one of `finalCloseCodes`.
 */
export function reconnectingConnection(
  transport: Transport,
  settings: Settings,
  reports: ConnectionReports,
  status$: Subject<Status>,
  proven$: Observable<boolean>,
  { unansweredPauseMs = 0 }: { readonly unansweredPauseMs?: number } = {},
): Observable<ProtocolConnection | null> {
  const { backoffBaseMs, backoffCapMs, backoffResetMs, finalCloseCodes, entropy, scheduler } = settings
  let generation = 0

  /**
   * A server that was there may be replaced by one that refuses for a while; one that was never
   * reached is another matter.
   */
  const isFinal = (error: unknown): boolean =>
    isBadAddress(error) ||
    (generation === 0 && isLastingRefusal(error)) ||
    (error instanceof ConnectionClosed && error.phase === 'open' && finalCloseCodes.includes(error.code))

  return defer(() => {
    let attempt = 1

    const socket$ = defer(() => {
      status$.next({ _tag: 'Connecting', attempt })
      return transport
    }).pipe(
      switchMap((connection) => {
        generation++
        status$.next({ _tag: 'Connected', generation })
        return openProtocolConnection(connection, generation, settings, reports)
      }),
      // A transport that completes has closed without being asked to.
      (source) =>
        concat(
          source,
          throwError(() => new ConnectionClosed('open', 1005, '')),
        ),
      // The null is for a transport that ends within our own writing: its connection had no time
      // to say so.
      catchError((error: unknown) =>
        concat(
          [null],
          throwError(() => reports.redactedEnd(error)),
        ),
      ),
    )

    return socket$.pipe(
      reconnect({
        random: () => entropy.uniform(),
        baseMs: backoffBaseMs,
        capMs: backoffCapMs,
        resetAfterMs: backoffResetMs,
        proven$,
        retryable: (error) => !isFinal(error),
        leastDelayMs: (error) => (error instanceof LoginUnanswered ? unansweredPauseMs : retryAfterOf(error)),
        onRetry: (retry) => {
          attempt = retry.attempt + 1
          const cause = lossOf(retry.error)
          reports.onLoss(cause.error)
          status$.next({ _tag: 'Lost', cause, retryInMs: retry.delayMs, attempt: retry.attempt })
        },
        scheduler,
      }),
      distinctUntilChanged(),
      finalize(() => status$.next({ _tag: 'Idle' })),
    )
  }).pipe(share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: true }))
}
