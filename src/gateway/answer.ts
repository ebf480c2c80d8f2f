import { catchError, defer, map, type Observable, of, type SchedulerLike, take, throwIfEmpty, timeout } from 'rxjs'
import type { Reply } from '../protocol/index.js'
import type { Clock } from '../time/index.js'
import { type Answer, command, type CommandRequest } from './commands.js'
import { FateUnknown, Refused } from './exchange-interface.js'
import type { Limits } from './limits.js'
import type { Login } from './login.js'
import { changesSomething, refusal } from './refusal.js'
import { quoted } from './words.js'

const unknownFate = (request: CommandRequest, why: string): Reply => ({
  ...refusal(request.op, request.cid, why),
  unknown: true,
})

/** What became of a command that ended without a result. `failed` is never said of what may have happened. */
const failure = (request: CommandRequest, login: Login, error: unknown): Reply => {
  if (error instanceof Refused) {
    return refusal(request.op, request.cid, login.redact(error.message) || 'refused by the exchange')
  }
  const why = error instanceof FateUnknown ? login.redact(error.message) : 'the exchange interface failed'
  return changesSomething(request.op)
    ? unknownFate(request, `${why}; it is not known whether this ${request.op} took effect`)
    : refusal(request.op, request.cid, why)
}

export interface AnswerOptions {
  readonly limits: Limits
  readonly clock: Clock
  readonly scheduler: SchedulerLike
  readonly fault: (where: string, error: unknown) => void
}

/** Exactly one reply to a request of a login, whatever the exchange does. Never errors. */
export const answer = (
  request: CommandRequest,
  login: Login,
  { limits: { answerWithinMs, ordersPerCancel }, clock, scheduler, fault }: AnswerOptions,
): Observable<Reply> =>
  defer(() => {
    const notReady = login.notReady()
    if (notReady !== undefined) throw new Refused(notReady)
    if ('symbol' in request && !login.symbols.has(request.symbol)) {
      throw new Refused(`symbol ${quoted(request.symbol)} was not named at login`)
    }
    if (request.op === 'cancel_order' && request.order_nos.length > ordersPerCancel) {
      throw new Refused(`a cancel may name at most ${ordersPerCancel} orders`)
    }
    return login.track(command(request, login.session, clock.wall())).pipe(
      take(1),
      throwIfEmpty(() => new FateUnknown('the exchange gave no answer')),
      timeout({
        first: answerWithinMs,
        scheduler,
        with: () => {
          throw new FateUnknown(`the exchange gave no answer within ${answerWithinMs} ms`)
        },
      }),
    )
  }).pipe(
    map((fields: Answer) => succeeded(request, fields)),
    catchError((error: unknown) => {
      if (!(error instanceof Refused) && !(error instanceof FateUnknown))
        fault(`${login.platform} ${request.op}`, error)
      return of(failure(request, login, error))
    }),
  )

const succeeded = (request: CommandRequest, fields: Answer): Reply =>
  ({ op: request.op, cid: request.cid ?? '', result: true, error_message: '', ...fields }) as Reply

/** The reply to a command that was carried out, but whose result the adapter has put so badly that it cannot be sent. */
export const unsendable = (request: CommandRequest): Reply =>
  changesSomething(request.op)
    ? unknownFate(request, 'the result of the exchange could not be put into words')
    : refusal(request.op, request.cid, 'the result of the exchange could not be put into words')
