import { Observable, type Subscription } from 'rxjs'
import { ReplyTimeout } from '../../operators/index.js'
import { DecodeFailure, type Request, type RequestOp, type SuccessReply } from '../../protocol/index.js'
import { checkClientFrame } from '../../protocol/internal.js'
import { type CommandTimes, wrongTimes } from '../command.js'
import { NotSent, Rejected, Unresolved } from '../errors/errors.js'
import { type CommandQueue, sessionFor, lostBeforeWriting } from './command-queue.js'
import type { Settings } from '../options.js'
import type { Redactor } from '../errors/redact.js'
import { asRefusal } from '../errors/refusal.js'
import { NotWritten, saysInvalidToken, type ReplyOrFailure } from '../connection/protocol-connection.js'

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** A request without the token and the cid, which the client adds. */
export type Body<Op extends RequestOp> = DistributiveOmit<Extract<Request, { op: Op }>, 'token' | 'cid'> & {
  readonly op: Op
}

/** A command other than an order. */
export interface Question<Op extends RequestOp, A> {
  readonly body: Body<Op>
  readonly read: (reply: Extract<SuccessReply, { op: Op }>) => A
  /**
   * True if asking twice does no harm: then it is asked again when the socket fell before the
   * reply.
   */
  readonly repeatable: boolean
  /** Called each time the question is about to be written. */
  readonly onWrite?: () => void
  /** The answer by other means than the reply, which may never come. */
  readonly elsewhere$?: Observable<A>
}

/** Parts of a login that a question needs. */
export interface QueryDependencies {
  readonly queue: CommandQueue
  readonly settings: Settings
  readonly redactor: Redactor
  readonly onInvalidToken: (token: string) => void
}

/**
 * The connection ended, or the token was void: the question may be asked again on the next link.
 */
class Interrupted extends Error {}

/** Words an end that is not known. */
type UnknownOf = (cause: Unresolved['cause'], ...said: string[]) => Unresolved

/** A cold question: each subscription asks once, over as many sockets as it takes. */
export function ask<Op extends RequestOp, A>(
  { body, read, repeatable, onWrite, elsewhere$ }: Question<Op, A>,
  times: CommandTimes,
  { queue, settings, redactor, onInvalidToken }: QueryDependencies,
): Observable<A> {
  const { op } = body
  const { clock, entropy } = settings
  const { maxAgeMs, timeoutMs } = times

  // One observable, and no operators: a question is asked for each request, and each operator would
  // be made and torn down with it.
  return new Observable<A>((subscriber) => {
    /**
     * Set once the question was written: the server may have seen it, though the gate refuses it
     * later.
     */
    let written: UnknownOf | undefined

    const fail = (error: unknown): void => {
      const known = asRefusal(op, error)
      const isUnknown = known instanceof NotSent && written !== undefined
      subscriber.error(isUnknown ? written?.(known.reason === 'logged-out' ? 'logged-out' : 'connection-lost') : known)
    }

    const succeed = (answer: A): void => {
      subscriber.next(answer)
      subscriber.complete()
    }

    const write = (): void => {
      const session = sessionFor(op, queue, settings)
      onWrite?.()
      const cid = entropy.id()
      const sentAt = clock.wall()
      // Not `{ ...body, token }`, which is slow: see the order ledger's stateOf.
      const frame = Object.assign({ op, token: session.token, cid }, body) as unknown as Request & {
        readonly cid: string
      }
      let elsewhere: Subscription | undefined

      const unknown: UnknownOf = (cause, ...said) =>
        new Unresolved({
          cid,
          request: { ...body },
          sentAt,
          cause,
          evidence: said.map((message) => ({ kind: 'server-said', message })),
        })

      const answerOf = (reply: ReplyOrFailure): A => {
        if (reply instanceof DecodeFailure) throw unknown('undecodable', reply.message)
        if (reply.op !== op) throw unknown('undecodable', `it replied to ${reply.op} instead`)
        if (reply.result) return read(reply as Extract<SuccessReply, { op: Op }>)
        if (!saysInvalidToken(reply)) throw new Rejected(op, redactor.redact(reply.error_message))
        onInvalidToken(session.token)
        throw new Interrupted()
      }

      const withoutReply = (error: unknown): Error => {
        if (error instanceof NotWritten) return new NotSent(op, 'not-ready-in-time', lostBeforeWriting)
        if (error instanceof ReplyTimeout) return unknown('timeout')
        written = unknown
        return repeatable ? new Interrupted() : unknown('connection-lost')
      }

      const failOrAgain = (error: unknown): void => {
        elsewhere?.unsubscribe()
        // Through the gate again: it opens when the next link is READY.
        if (error instanceof Interrupted) pass()
        else fail(error)
      }

      if (elsewhere$ !== undefined) {
        elsewhere = elsewhere$.subscribe({ next: succeed, error: failOrAgain })
        subscriber.add(elsewhere)
      }
      if (subscriber.closed) return
      subscriber.add(
        session.connection.request(frame, timeoutMs).subscribe({
          next: (reply) => {
            let answer: A
            try {
              answer = answerOf(reply)
            } catch (error) {
              failOrAgain(error)
              return
            }
            succeed(answer)
          },
          error: (error: unknown) => failOrAgain(withoutReply(error)),
        }),
      )
    }

    const writeOrFail = (): void => {
      try {
        write()
      } catch (error) {
        fail(error)
      }
    }

    const pass = (): void => {
      if (queue.commands.open) writeOrFail()
      else subscriber.add(queue.commands.pass(undefined, { maxAgeMs }).subscribe({ next: writeOrFail, error: fail }))
    }

    const wrong = wrongTimes(times)
    const checked = checkClientFrame(Object.assign({ op, token: '' }, body) as unknown as Request)
    if (wrong !== undefined) fail(new NotSent(op, 'invalid', wrong))
    else if (checked._tag === 'Left') fail(new NotSent(op, 'invalid', checked.left.message))
    else pass()
  })
}
