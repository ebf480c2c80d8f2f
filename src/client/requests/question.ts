import { catchError, defer, map, merge, type Observable, of, retry, switchMap, take, throwError } from 'rxjs'
import { ReplyTimeout } from '../../operators/index.js'
import {
  DecodeFailure,
  checkClientFrame,
  type Request,
  type RequestOp,
  type SuccessReply,
} from '../../protocol/index.js'
import { type CommandTimes, wrongTimes } from '../command.js'
import { NotSent, Rejected, Unknown } from '../errors.js'
import { type Line, linkFor, lostBeforeWriting } from './line.js'
import type { Settings } from '../options.js'
import type { Redactor } from '../redact.js'
import { asRefusal } from '../refusal.js'
import { NotWritten, saysInvalidToken, type WireReply } from '../connection/wire.js'

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** A request as the caller means it: the token and the cid are ours to add. */
export type Body<Op extends RequestOp> = DistributiveOmit<Extract<Request, { op: Op }>, 'token' | 'cid'> & {
  readonly op: Op
}

/** A command other than an order. */
export interface Question<Op extends RequestOp, A> {
  readonly body: Body<Op>
  readonly read: (reply: Extract<SuccessReply, { op: Op }>) => A
  /** Whether asking twice does no harm: then it is asked again when the socket fell before the reply. */
  readonly repeatable: boolean
  /** Called each time the question is about to be written. */
  readonly onWrite?: () => void
  /** The answer, where it shows by other means than the reply (which may never come). */
  readonly elsewhere$?: Observable<A>
}

/** What a question goes out over. */
export interface QueryDependencies {
  readonly line: Line
  readonly settings: Settings
  readonly redactor: Redactor
  readonly onInvalidToken: (token: string) => void
}

/** The question was not answered, through no fault of its own, and may be asked again over the next link. */
class Interrupted extends Error {}

/** Words an end that nobody knows. */
type UnknownOf = (cause: Unknown['cause'], ...said: string[]) => Unknown

/** Whether the question was ever written: then the server may have seen it, though it be refused at the gate later. */
interface Written {
  unknown: UnknownOf | undefined
}

/** A cold question: each subscription asks once, over as many sockets as it takes. */
export function ask<Op extends RequestOp, A>(
  { body, read, repeatable, onWrite, elsewhere$ }: Question<Op, A>,
  times: CommandTimes,
  { line, settings, redactor, onInvalidToken }: QueryDependencies,
): Observable<A> {
  const { op } = body
  const { clock, entropy } = settings
  const { maxAgeMs, timeoutMs } = times

  const askOnce = (written: Written): Observable<A> => {
    const link = linkFor(op, line, settings)
    onWrite?.()
    const cid = entropy.id()
    const sentAt = clock.wall()
    // Not `{ ...body, token }`, which is slow: see the order ledger's stateOf.
    const frame = Object.assign({ op, token: link.token, cid }, body) as unknown as Request & { readonly cid: string }

    const unknown: UnknownOf = (cause, ...said) =>
      new Unknown({
        cid,
        request: { ...body },
        sentAt,
        cause,
        evidence: said.map((message) => ({ kind: 'server-said', message })),
      })

    const answerOf = (reply: WireReply): A => {
      if (reply instanceof DecodeFailure) throw unknown('undecodable', reply.message)
      if (reply.op !== op) throw unknown('undecodable', `it replied to ${reply.op} instead`)
      if (reply.result) return read(reply as Extract<SuccessReply, { op: Op }>)
      if (!saysInvalidToken(reply)) throw new Rejected(op, redactor.redact(reply.error_message))
      onInvalidToken(link.token)
      throw new Interrupted()
    }

    const withoutReply = (error: unknown): Observable<never> =>
      throwError((): Error => {
        if (error instanceof NotWritten) return new NotSent(op, 'not-ready-in-time', lostBeforeWriting)
        if (error instanceof ReplyTimeout) return unknown('timeout')
        written.unknown = unknown
        return repeatable ? new Interrupted() : unknown('connection-lost')
      })

    const answer$ = link.wire.request(frame, timeoutMs).pipe(catchError(withoutReply), map(answerOf))
    return elsewhere$ === undefined ? answer$ : merge(elsewhere$, answer$).pipe(take(1))
  }

  return defer(() => {
    const wrong = wrongTimes(times)
    if (wrong !== undefined) return throwError(() => new NotSent(op, 'invalid', wrong))
    const checked = checkClientFrame(Object.assign({ op, token: '' }, body) as unknown as Request)
    if (checked._tag === 'Left') return throwError(() => new NotSent(op, 'invalid', checked.left.message))

    const written: Written = { unknown: undefined }
    const truth = (error: unknown): unknown => {
      const known = asRefusal(op, error)
      return known instanceof NotSent
        ? (written.unknown?.(known.reason === 'logged-out' ? 'logged-out' : 'connection-lost') ?? known)
        : known
    }

    return line.commands.pass(written, { maxAgeMs }).pipe(
      switchMap(askOnce),
      // Through the gate again: it opens when the next link is READY.
      retry({ delay: (error: unknown) => (error instanceof Interrupted ? of(0) : throwError(() => truth(error))) }),
    )
  })
}
