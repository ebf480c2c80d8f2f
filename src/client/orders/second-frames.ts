import { EMPTY, filter, map, type Observable, tap } from 'rxjs'
import { IdInUse } from '../../operators/index.js'
import { DecodeFailure } from '../../protocol/index.js'
import { PASSED_BY_ANY_CLOCK } from '../../protocol/internal.js'
import type { ActiveSession } from '../requests/command-queue.js'
import {
  NotWritten,
  saysInvalidToken,
  type ProtocolConnection,
  type ReplyOrFailure,
} from '../connection/protocol-connection.js'
import type { SentOrder, SecondFrame } from './order-reconciler.js'
import type { ReplyClass } from './classify-reply.js'

/** Orders of which more than one frame was written, while their outcome is open. */
export interface SecondFrames {
  /** A predecessor may have written a second frame of this cid. */
  inherit(cid: string): void
  /** Writes a second frame. Emits proof only. */
  write(session: ActiveSession, sent: SentOrder, frame: SecondFrame): Observable<ReplyClass>
  /**
   * Takes in a reply. Returns true if it proves the outcome of the order, whichever of its frames
   * it answers. An order always does. A refusal may be that of a second frame alone, by a server
   * that has taken the first (a void token, too many requests). Only the answer to a question is
   * proof: the server has looked the cid up, and remembers the refusal for every frame of it.
   */
  proves(cid: string, reply: ReplyOrFailure): boolean
  /** The outcome is known. */
  forget(cid: string): void
}

export interface SecondFramesOptions {
  readonly write: (session: ActiveSession, sent: SentOrder) => Observable<ReplyOrFailure>
  readonly onReply: (session: ActiveSession, reply: ReplyOrFailure) => void
  readonly classifyReply: (sent: SentOrder, reply: ReplyOrFailure) => ReplyClass
}

interface Written {
  readonly connection: ProtocolConnection | undefined
  /**
   * Second frames that may place the order, written on this connection, by whichever login, and not
   * answered.
   */
  readonly placing: number
  /** True once the server was asked by a frame that can never place an order. */
  readonly asked: boolean
}

const isUnwritten = (error: unknown): boolean => error instanceof NotWritten || error instanceof IdInUse

export function createSecondFrames({ write, onReply, classifyReply }: SecondFramesOptions): SecondFrames {
  const written = new Map<string, Written>()

  const proves = (cid: string, reply: ReplyOrFailure): boolean => {
    const known = written.get(cid)
    if (known === undefined) return true
    const { placing, asked } = known
    // All frames of an order have one cid: while one that may place it is unanswered, a refusal may
    // be that of this frame.
    if (placing > 0) written.set(cid, { ...known, placing: placing - 1 })
    if (reply instanceof DecodeFailure) return false
    if (reply.result) return true
    // mutant: void-token-answers-nothing
    if (saysInvalidToken(reply)) return false
    // mutant: answer-to-a-question
    if (!asked) return false
    // mutant: placing-frames-answered
    if (placing > 0) return false
    return reply.unknown === false
  }

  return {
    inherit: (cid) => void written.set(cid, { connection: undefined, placing: 0, asked: false }),
    write(session, sent, frame) {
      const { cid } = sent
      const { connection } = session
      const before = written.get(cid)
      const asked = before?.asked ?? false
      // Replies do not outlive their connection.
      const placing = before?.connection === connection ? before.placing : 0
      // Once on a connection is enough.
      if (frame === 'again' && placing > 0) return EMPTY
      written.set(
        cid,
        frame === 'ask' ? { connection, placing, asked: true } : { connection, placing: placing + 1, asked },
      )
      return write(session, frame === 'ask' ? { ...sent, validUntil: PASSED_BY_ANY_CLOCK } : sent).pipe(
        tap({
          next: (reply) => onReply(session, reply),
          // A question that was not written has no answer.
          error: (error: unknown) => {
            if (!isUnwritten(error)) return
            if (before === undefined) written.delete(cid)
            else written.set(cid, { connection, placing, asked })
          },
        }),
        // Before it is read: a refusal that is believed is written to the order journal.
        filter((reply) => proves(cid, reply)),
        map((reply) => classifyReply(sent, reply)),
      )
    },
    proves,
    forget: (cid) => void written.delete(cid),
  }
}
