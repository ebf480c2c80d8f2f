import { Subscription } from 'rxjs'
import {
  AdapterRefused,
  type AdapterSession,
  defaultLimits,
  type PaperPlatform,
  Secret,
} from '../../../gateway/index.js'
import { command, type CommandRequest, refusal } from '../../../gateway/internal.js'
import type { LoginFrame } from '../../../client/internal.js'
import type { LoginReply, LoginRequest, Reply, Request } from '../../../protocol/index.js'
import type { Clock } from '../../../time/index.js'

/** Parts of a {@link DirectGateway}. */
export interface DirectGatewayOptions {
  readonly platforms: ReadonlyMap<string, PaperPlatform>
  readonly clock: Clock
  /** Sends a frame of a login; called in the order in which the client shall receive the frames. */
  readonly send: (token: string, frame: LoginFrame) => void
}

/** One login and its session on the exchange. */
interface DirectLogin {
  readonly symbols: ReadonlySet<string>
  readonly session: AdapterSession
  readonly events: Subscription
  isReady: boolean
}

const READY = 6

/**
 * The server's end of the direct lane: logins and commands as the gateway carries them out, on
 * objects instead of frames. Limits that guard a socket (messages per second, bytes that wait) do
 * not exist here, and no outcome is ever unknown: the paper exchange answers at once.
 */
export class DirectGateway {
  readonly #options: DirectGatewayOptions
  readonly #logins = new Map<string, DirectLogin>()
  #tokens = 0

  constructor(options: DirectGatewayOptions) {
    this.#options = options
  }

  /** Carries out a request. `reply` is called before any frame that follows from it is sent. */
  receive(request: Request, reply: (reply: Reply) => void): void {
    switch (request.op) {
      case 'login':
        this.#login(request, reply)
        break
      case 'logout': {
        const isKnown = this.end(request.token)
        const { op, cid = '' } = request
        reply(isKnown ? { op, cid, result: true, error_message: '' } : refusal(op, cid, 'Invalid token'))
        break
      }
      default:
        this.#command(request, reply)
    }
  }

  /** Ends a login; false where there is none of this token. */
  end(token: string): boolean {
    this.#logins.get(token)?.events.unsubscribe()
    return this.#logins.delete(token)
  }

  endAll(): void {
    for (const token of [...this.#logins.keys()]) this.end(token)
  }

  #login(request: LoginRequest, reply: (reply: Reply) => void): void {
    const { platform, access_key, secret_key, market = [], cid = '' } = request
    const exchange = this.#options.platforms.get(platform)
    const symbols = [...new Set(request.symbols)]
    if (exchange === undefined) {
      reply(refusal('login', cid, `platform ${platform} is not known here`))
      return
    }
    let session: AdapterSession
    try {
      session = exchange.open({ symbols, accessKey: new Secret(access_key), secretKey: new Secret(secret_key), market })
    } catch (error) {
      if (!(error instanceof AdapterRefused)) throw error
      reply(refusal('login', cid, error.message))
      return
    }
    const token = `direct-${++this.#tokens}`
    const login: DirectLogin = { symbols: new Set(symbols), session, events: new Subscription(), isReady: false }
    this.#logins.set(token, login)
    const accepted: LoginReply = {
      ...{ op: 'login', cid, result: true, error_message: '', token },
      ...{ features: [...(exchange.features ?? []), 'cancel_on_disconnect'], epoch: 'direct' },
      ...(session.history === undefined ? {} : { seq: session.history.seq }),
    }
    reply(accepted)
    login.events.add(
      session.event$.subscribe({
        next: (event) => {
          if (event._tag === 'notice') {
            const { topic, data } = event
            // As the gateway does: notices of symbols that the login did not name are not sent.
            if ('symbol' in data && topic !== 'asset' && !login.symbols.has(data.symbol)) return
            this.#options.send(token, { op: 'notify', topic, token, data })
            return
          }
          const { code, msg } = event
          if (code === READY) login.isReady = true
          this.#options.send(token, { op: 'state', token, code, msg })
        },
        // The paper exchange's events do not fail; were they to, the fault must be seen.
        error: (error: unknown) => {
          throw error
        },
      }),
    )
  }

  #command(request: CommandRequest, reply: (reply: Reply) => void): void {
    const { op, cid = '' } = request
    const login = this.#logins.get(request.token)
    if (login === undefined) {
      reply(refusal(op, cid, 'Invalid token'))
      return
    }
    try {
      if (!login.isReady) throw new AdapterRefused('not ready: wait for state 6 READY')
      if ('symbol' in request && !login.symbols.has(request.symbol))
        throw new AdapterRefused(`symbol "${request.symbol}" was not named at login`)
      if (request.op === 'cancel_order' && request.order_nos.length > defaultLimits.ordersPerCancel)
        throw new AdapterRefused(`a cancel may name at most ${defaultLimits.ordersPerCancel} orders`)
      // eslint-disable-next-line rxjs-x/no-ignored-subscription -- The paper exchange answers at once.
      command(request, login.session, this.#options.clock.wall()).subscribe({
        next: (fields) => reply({ op, cid, result: true, error_message: '', ...fields } as Reply),
        error: (error: unknown) => {
          if (!(error instanceof AdapterRefused)) throw error
          reply(refusal(op, cid, error.message))
        },
      })
    } catch (error) {
      if (!(error instanceof AdapterRefused)) throw error
      reply(refusal(op, cid, error.message))
    }
  }
}
