import { Observable, type Observer, type Operator, Subscriber, type TeardownLogic } from 'rxjs'

type Told<A> = Partial<Observer<A>> | ((value: A) => void) | null | undefined

const warn = (error: unknown): void => {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  process.emitWarning(`a subscriber to the events of a gateway threw: ${message}`, {
    type: 'GatewaySubscriberWarning',
    detail: stack,
  })
}

const harmless =
  <Args extends unknown[]>(tell: ((...args: Args) => void) | undefined) =>
  (...args: Args): void => {
    try {
      tell?.(...args)
    } catch (error) {
      warn(error)
    }
  }

export interface EventStreamOptions {
  /**
   * True if the stream has errors of its own (it cannot listen), which must be loud if unhandled;
   * otherwise only operators after it can fail.
   */
  readonly canFail: boolean
}

/**
 * Events of a gateway. RxJS rethrows the error of a subscriber in a later turn, which ends the
 * process, so a fault in a log would end every login. Here it becomes a process warning, and the
 * subscriber keeps receiving events.
 */
// eslint-disable-next-line rxjs-x/no-subclass -- An operator does not see the subscribers after it, which are those that throw.
export class EventStream<A> extends Observable<A> {
  readonly #options: EventStreamOptions

  constructor(
    subscribe: ((subscriber: Subscriber<A>) => TeardownLogic) | undefined,
    options: EventStreamOptions = { canFail: false },
  ) {
    super(subscribe)
    this.#options = options
  }

  /* eslint-disable @typescript-eslint/no-deprecated -- The one way to reach the subscriber at the end of a pipe; Subject takes it too. */
  override lift<B>(operator?: Operator<A, B>): Observable<B> {
    const lifted = new EventStream<B>(undefined, this.#options)
    lifted.source = this
    lifted.operator = operator
    return lifted
  }

  override subscribe(told?: Told<A>, onError?: ((error: unknown) => void) | null, onComplete?: (() => void) | null) {
    // An operator's own: what it throws goes down the pipe as an error.
    if (told instanceof Subscriber) return super.subscribe(told)
    const { next, error, complete } = observerOf(told, onError, onComplete)
    const heard = error ?? (this.#options.canFail ? undefined : warn)
    const guarded = { next: harmless(next), complete: harmless(complete) }
    // RxJS reports an unhandled error.
    return super.subscribe(heard === undefined ? guarded : { ...guarded, error: harmless(heard) })
  }
  /* eslint-enable @typescript-eslint/no-deprecated */
}

const observerOf = <A>(
  told: Told<A>,
  error: ((error: unknown) => void) | null | undefined,
  complete: (() => void) | null | undefined,
): Partial<Observer<A>> =>
  typeof told === 'object' && told !== null
    ? {
        ...(told.next && { next: told.next.bind(told) }),
        ...(told.error && { error: told.error.bind(told) }),
        ...(told.complete && { complete: told.complete.bind(told) }),
      }
    : { ...(told && { next: told }), ...(error && { error }), ...(complete && { complete }) }
