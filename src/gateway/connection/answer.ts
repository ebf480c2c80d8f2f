import { catchError, defer, map, type Observable, of, type SchedulerLike, take, throwIfEmpty } from 'rxjs'
import type { Reply } from '../../protocol/index.js'
import type { Clock } from '../../time/index.js'
import { type Answer, command, type CommandRequest } from './commands.js'
import { OutcomeUnknown, AdapterRefused } from '../adapter/exchange-adapter.js'
import type { Limits } from '../limits.js'
import type { LateAnswers, LateListener } from '../adapter/late-answers.js'
import type { Login } from '../login/login.js'
import { changesSomething, refusal } from '../adapter/refusal.js'
import { quote } from '../../protocol/internal.js'

const unknownFate = (request: CommandRequest, why: string): Reply => ({
  ...refusal(request.op, request.cid, why),
  unknown: true,
})

/**
 * Reply to a command that ended without a result. `failed` is never used for a command that may
 * have happened.
 */
const failure = (request: CommandRequest, login: Login, error: unknown): Reply => {
  if (error instanceof AdapterRefused) {
    return refusal(request.op, request.cid, login.redact(error.message) || 'refused by the exchange')
  }
  const why = error instanceof OutcomeUnknown ? login.redact(error.message) : 'the exchange interface failed'
  // mutant: unknown-is-no-refusal
  return changesSomething(request.op)
    ? unknownFate(request, `${why}; it is not known whether this ${request.op} took effect`)
    : refusal(request.op, request.cid, why)
}

/**
 * The request as the exchange sees it. Without feature `cid` a cid is an echo: clients of the
 * original protocol text use constant cids, which an exchange that keeps them would refuse as
 * duplicates.
 */
const forExchange = (request: CommandRequest, login: Login): CommandRequest =>
  request.op === 'place_order' && !login.knowsCids ? { ...request, cid: '' } : request

/**
 * Records the outcome of an order that was answered with `unknown: true`, if the exchange answers
 * after all.
 */
const lateListener = (request: CommandRequest, { memory, redact }: Login): LateListener<Answer> | undefined => {
  const { op, cid = '' } = request
  if (op !== 'place_order' || cid === '' || memory === undefined) return undefined
  return {
    next: (fields) => {
      if ('order_no' in fields) memory.correct(cid, { order_no: fields.order_no })
    },
    error: (error) => {
      if (error instanceof AdapterRefused)
        memory.correct(cid, { refused: redact(error.message) || 'refused by the exchange' })
    },
  }
}

export interface AnswerOptions {
  readonly limits: Limits
  readonly lateAnswers: LateAnswers
  readonly clock: Clock
  readonly scheduler: SchedulerLike
  readonly fault: (where: string, error: unknown) => void
}

/** Exactly one reply to a request of a login, whatever the exchange does. Never errors. */
export const answer = (
  request: CommandRequest,
  login: Login,
  { limits: { answerWithinMs, ordersPerCancel }, lateAnswers, clock, scheduler, fault }: AnswerOptions,
): Observable<Reply> =>
  defer(() => {
    const notReady = login.notReady()
    if (notReady !== undefined) throw new AdapterRefused(notReady)
    if ('symbol' in request && !login.symbols.has(request.symbol)) {
      throw new AdapterRefused(`symbol ${quote(request.symbol)} was not named at login`)
    }
    if (request.op === 'cancel_order' && request.order_nos.length > ordersPerCancel) {
      throw new AdapterRefused(`a cancel may name at most ${ordersPerCancel} orders`)
    }
    const sent = forExchange(request, login)
    const answer$ = command(sent, login.session, clock.wall()).pipe(
      take(1),
      throwIfEmpty(() => new OutcomeUnknown('the exchange gave no answer')),
    )
    const late = lateListener(sent, login)
    return login.track(answer$.pipe(lateAnswers.answeredWithin(answerWithinMs, scheduler, late)))
  }).pipe(
    map((fields: Answer) => succeeded(request, fields)),
    catchError((error: unknown) => {
      if (!(error instanceof AdapterRefused) && !(error instanceof OutcomeUnknown))
        fault(`${login.platform} ${request.op}`, error)
      return of(failure(request, login, error))
    }),
  )

const succeeded = (request: CommandRequest, fields: Answer): Reply =>
  ({ op: request.op, cid: request.cid ?? '', result: true, error_message: '', ...fields }) as Reply

/**
 * The reply to a command that was carried out, but whose result the adapter has put so badly that
 * it cannot be sent.
 */
export const unsendable = (request: CommandRequest): Reply =>
  changesSomething(request.op)
    ? unknownFate(request, 'the result of the exchange could not be put into words')
    : refusal(request.op, request.cid, 'the result of the exchange could not be put into words')
