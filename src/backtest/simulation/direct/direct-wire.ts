import { BehaviorSubject, Observable, Subject } from 'rxjs'
import type { LoginFrame, ProtocolConnection, ConnectionParts, ReplyOrFailure } from '../../../client/internal.js'
import type { PaperPlatform } from '../../../gateway/index.js'
import { type Clock, instant, type VirtualScheduler } from '../../../time/index.js'
import { DelayLane } from '../../../transport/internal.js'
import { DirectGateway } from './direct-gateway.js'

/** Parts of the direct lane. */
export interface DirectOptions {
  readonly platforms: ReadonlyMap<string, PaperPlatform>
  readonly scheduler: VirtualScheduler
  readonly clock: Clock
  /** Delay of each request, reply and notice, either way, in ms. */
  readonly delayMs: number
}

/**
 * Wires without frames: requests, replies and notices go as objects to the sessions of the paper
 * exchanges and back, in the order and with the delays of a connection over memory. Emits one Wire
 * when it is subscribed to; its sessions end with the subscription.
 */
export const directWires =
  ({
    platforms,
    scheduler,
    clock,
    delayMs,
  }: DirectOptions): ((parts: ConnectionParts) => Observable<ProtocolConnection | null>) =>
  () =>
    new Observable((subscriber) => {
      const frames = new Map<string, Subject<LoginFrame>>()
      const back = new DelayLane<() => void>({ scheduler, delayMs }, run)
      const there = new DelayLane<() => void>({ scheduler, delayMs }, run)
      const gateway = new DirectGateway({
        platforms,
        clock,
        send: (token, frame) => back.put(() => frames.get(token)?.next(frame)),
      })

      const wire: ProtocolConnection = {
        generation: 1,
        get completeUntil() {
          return instant(clock)
        },
        get hasLogins() {
          return frames.size > 0
        },
        bufferedAmount: 0,
        accepting$: new BehaviorSubject(true),
        unansweredLogins: new Map(),
        endedByError: () => false,
        request: (request) =>
          new Observable<ReplyOrFailure>((replied) => {
            there.put(() => {
              gateway.receive(request, (reply) => {
                // Before its notices are sent: the client asks for the frames of its token.
                if (reply.op === 'login' && reply.result) frames.set(reply.token, new Subject())
                back.put(() => {
                  if (replied.closed && reply.op === 'login' && reply.result) wire.logout(reply.token)
                  replied.next(reply)
                  replied.complete()
                })
              })
            })
          }),
        frames: (token) => frames.get(token) ?? new Subject(),
        logout: (token) => there.put(() => void gateway.end(token)),
        retire: () => undefined,
      }

      const opening = scheduler.schedule(() => subscriber.next(wire), delayMs)
      return () => {
        opening.unsubscribe()
        there.put(() => gateway.endAll())
      }
    })

const run = (work: () => void): void => work()
