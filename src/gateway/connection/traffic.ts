import type { ServerFrame } from '../../protocol/index.js'

/** Counts traffic that is too frequent for events; metrics read the counters. */
export class Traffic {
  /** Messages that clients sent, whatever they held. */
  received = 0
  /** Messages given to sockets. */
  sent = 0
  /**
   * Characters of those; the protocol is ASCII except for a few names, so they approximate bytes.
   */
  sentCharacters = 0
  /** Replies to place_order, by what they said. */
  readonly orders = { accepted: 0, refused: 0, unknown: 0 }
  /** Fill notices told. */
  fills = 0

  /** Counts a message that was given to a socket. */
  wrote(characters: number): void {
    this.sent++
    this.sentCharacters += characters
  }

  /** Counts what a frame tells of trading. */
  told(frame: ServerFrame): void {
    if (frame.op === 'notify') {
      if (frame.topic === 'fill') this.fills++
    } else if (frame.op === 'place_order') {
      if (frame.result) this.orders.accepted++
      else if (frame.unknown === true) this.orders.unknown++
      else this.orders.refused++
    }
  }
}
