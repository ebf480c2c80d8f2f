import { filter, map, type Observable, tap } from 'rxjs'
import { DecodeFailure, PASSED_BY_ANY_CLOCK } from '../../protocol/index.js'
import type { Link } from '../wire/line.js'
import type { WireReply } from '../wire/wire.js'
import type { Intent, SecondFrame } from './proof.js'
import { saysInvalidToken, type Verdict } from './verdict.js'

/** Orders of which more than one frame was written, while their outcome is open. */
export interface SecondFrames {
  /** A predecessor may have written a second frame of this cid. */
  inherit(cid: string): void
  /** Writes a second frame. Emits proof only. */
  write(link: Link, intent: Intent, frame: SecondFrame): Observable<Verdict>
  /**
   * True if the reply proves the outcome of the order, whichever of its frames it answers. An order always does. A refusal may be
   * that of a second frame alone, by a server that has taken the first (a void token, too many requests). Only after a question
   * is it proof: the server has looked the cid up, and remembers the refusal for every frame of it.
   */
  isProof(cid: string, reply: WireReply): boolean
  /** The outcome is known. */
  forget(cid: string): void
}

export interface SecondFramesOptions {
  readonly write: (link: Link, intent: Intent) => Observable<WireReply>
  readonly onReply: (link: Link, reply: WireReply) => void
  readonly verdictOf: (intent: Intent, reply: WireReply) => Verdict
}

export function createSecondFrames({ write, onReply, verdictOf }: SecondFramesOptions): SecondFrames {
  const written = new Set<string>()
  /** Those of them about which the server was asked by a frame that can never place an order. */
  const asked = new Set<string>()

  const isProof = (cid: string, reply: WireReply): boolean => {
    if (!written.has(cid)) return true
    if (reply instanceof DecodeFailure) return false
    return reply.result || (asked.has(cid) && reply.unknown === false && !saysInvalidToken(reply))
  }

  return {
    inherit: (cid) => void written.add(cid),
    write(link, intent, frame) {
      const { cid } = intent
      written.add(cid)
      if (frame === 'ask') asked.add(cid)
      return write(link, frame === 'ask' ? { ...intent, validUntil: PASSED_BY_ANY_CLOCK } : intent).pipe(
        tap((reply) => onReply(link, reply)),
        // Before it is read: a refusal that is believed is written to the intent journal.
        filter((reply) => isProof(cid, reply)),
        map((reply) => verdictOf(intent, reply)),
      )
    },
    isProof,
    forget(cid) {
      written.delete(cid)
      asked.delete(cid)
    },
  }
}
