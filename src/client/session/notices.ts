import { filter, map, type Observable } from 'rxjs'
import type { Type } from 'io-ts'
import { multiplex } from '../../operators/index.js'
import { SoloSubject } from '../../operators/internal.js'
import { type AccountNotice, type AccountTopic, type DecodeFailure, type Notice } from '../../protocol/index.js'
import { decodeWith } from '../../protocol/internal.js'

/** A login's notices, by topic. They go on over reconnections, and complete when the login ends. */
export interface Notices {
  /** Gives a notice to the subscribers of its topic. */
  deliver(notice: Notice): void
  account<Topic extends AccountTopic>(topic: Topic): Observable<Extract<AccountNotice, { topic: Topic }>['data']>
  /** Any topic, decoded by `codec`; what does not decode is reported and left out. */
  other<A>(topic: string, codec: Type<A, unknown, unknown>): Observable<A>
  complete(): void
}

export function createNotices(onFailure: (failure: DecodeFailure) => void): Notices {
  const delivered = new SoloSubject<Notice>()
  const topics = multiplex<Notice, string>((notice) => notice.topic)(delivered.value$)
  topics.connect()

  return {
    deliver: (notice) => delivered.next(notice),
    // The frame was decoded before it came here, by the codec of its topic.
    account: (topic) => topics.select(topic).pipe(map((notice) => notice.data as never)),
    other: (topic, codec) => {
      const what = `data of ${topic} notice`
      return topics.select(topic).pipe(
        map(({ data }) => decodeWith(codec, data, what)),
        filter((decoded) => {
          if (decoded._tag === 'Left') onFailure(decoded.left)
          return decoded._tag === 'Right'
        }),
        map(({ right }) => right),
      )
    },
    complete: () => delivered.complete(),
  }
}
