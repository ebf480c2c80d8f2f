import type { LoginRequest } from '../../protocol/index.js'
import { type AdapterSession, AdapterRefused } from '../adapter/exchange-adapter.js'
import type { GatewayContext } from '../connection/gateway-context.js'
import { Login } from './login.js'
import { LoginRefused } from './login-refused.js'
import type { Outbox } from '../connection/outbox.js'
import { Secret } from '../adapter/secret.js'
import { quote } from '../../protocol/internal.js'

/** Features of the gateway itself beside those of an exchange. */
const ownFeatures = ['cancel_on_disconnect'] as const

export interface OpenLoginOptions {
  readonly context: GatewayContext
  readonly outbox: Outbox
  /** Logins on this connection already. */
  readonly present: number
  readonly fault: (where: string, error: unknown) => void
}

export interface OpenedLogin {
  readonly login: Login
  readonly features: readonly string[]
  readonly epoch: string
  /** Fields of the login reply about the account's numbered notices. */
  readonly sequence: { readonly seq?: number; readonly resume?: 'complete' | 'lost' }
}

/**
 * Makes a login out of a request for one, not started yet; throws LoginRefused in words. Nothing is
 * left behind by a refusal.
 */
export const openLogin = (
  request: LoginRequest,
  { context, outbox, present, fault }: OpenLoginOptions,
): OpenedLogin => {
  const { limits, platforms, registry, scheduler, newToken } = context
  const { platform, access_key, secret_key, market = [], cancel_on_disconnect = false, resume } = request
  const knowsCids = request.features?.includes('cid') === true
  // Named twice, a symbol would be in the snapshots twice.
  const symbols = [...new Set(request.symbols)]
  const exchange = platforms.get(platform)
  if (exchange === undefined) {
    throw new LoginRefused(
      'platform',
      `platform ${quote(platform)} is not known here; there are ${[...platforms.keys()].join(', ')}`,
    )
  }
  if (present >= limits.loginsPerConnection) {
    throw new LoginRefused('limit', `this connection has ${limits.loginsPerConnection} logins, and no more are allowed`)
  }
  if (symbols.length > limits.symbolsPerLogin) {
    throw new LoginRefused('limit', `a login may name at most ${limits.symbolsPerLogin} symbols`)
  }
  const accessKey = new Secret(access_key)
  const secretKey = new Secret(secret_key)
  const redact = (text: string) => secretKey.redact(accessKey.redact(text))
  const release = registry.claim(platform, accessKey)
  if (release === undefined) throw new LoginRefused('repeat', 'Do not log in repeat')
  const announced = exchange.features ?? []
  let session: AdapterSession
  try {
    session = exchange.open({ symbols, accessKey, secretKey, market: announced.includes('market') ? market : [] })
  } catch (error) {
    release()
    if (error instanceof AdapterRefused) throw new LoginRefused('exchange', redact(error.message))
    fault(`${platform} open`, error)
    throw new LoginRefused('exchange', 'the exchange interface could not be started')
  }
  const { history, memory } = session
  // A promise that the session cannot keep: told that cids are known, a client would send an order
  // twice.
  const kept = announced.filter(
    (feature) =>
      !(feature === 'cid' && (memory === undefined || !knowsCids)) && !(feature === 'resume' && history === undefined),
  )
  const features = [...kept, ...ownFeatures]
  const missed = resume === undefined ? undefined : history?.since(resume)
  const login = new Login({
    token: newToken(),
    platform,
    symbols: new Set(symbols),
    session,
    knowsCids,
    missed: missed ?? [],
    cancelOnDisconnect: cancel_on_disconnect,
    outbox,
    limits,
    scheduler,
    redact,
    release,
    fault,
  })
  const sequence =
    history === undefined
      ? {}
      : {
          seq: history.seq,
          ...(resume === undefined ? {} : { resume: missed === undefined ? ('lost' as const) : ('complete' as const) }),
        }
  return { login, features, epoch: exchange.epoch ?? context.epoch, sequence }
}
