import type { IncomingMessage } from 'node:http'

export interface UpgradeGuardOptions {
  /**
   * Names under which the gateway may be reached: on its own port, or on the one that is named with
   * them.
   */
  readonly hosts: ReadonlySet<string>
  /** The port it listens on. */
  readonly port: number
  /** The port that a name alone stands for. */
  readonly defaultPort: 80 | 443
  /** Origins of web pages that may connect, compared to the letter. */
  readonly origins: ReadonlySet<string>
}

/** Reason for refusing a request. */
export interface TurnedAway {
  readonly why: 'origin' | 'host' | 'path'
  readonly status: 400 | 403 | 404
  /** The refused Origin or Host, for the log; undefined where it does not have the form of one. */
  readonly refused?: string
}

/**
 * Nothing else of a stranger's gets into a log: no spaces, no control characters, no path or query.
 */
const originForm = /^(?:null|[a-z][a-z0-9+.-]{0,20}:\/\/[a-z0-9.:[\]-]{1,253})$/i
const hostForm = /^[a-z0-9.:[\]-]{1,253}$/i

const refusal = (why: 'origin' | 'host', status: 400 | 403, text: string | undefined): TurnedAway => {
  const form = why === 'origin' ? originForm : hostForm
  return { why, status, ...(text !== undefined && form.test(text) ? { refused: text } : {}) }
}

/** Returns the path of a URL without its query, which the gateway does not use. */
export const pathOf = ({ url }: Pick<IncomingMessage, 'url'>): string => (url ?? '').split('?', 1)[0] ?? ''

/** `name:port`, or a name alone. */
const splitHost = (host: string, defaultPort: number): { readonly name: string; readonly port: number } | undefined => {
  const match = /^(\[[0-9a-f:.]{2,45}\]|[^:]{1,253})(?::(\d{1,5}))?$/i.exec(host)
  return match?.[1] === undefined ? undefined : { name: match[1].toLowerCase(), port: Number(match[2] ?? defaultPort) }
}

/**
 * Looks at a request before anything is done for it. A gateway on loopback is within reach of every
 * web page that the user opens: browsers let any page dial it and say only whose page it is. So a
 * page must be on the list (no Origin at all is a native client), and the name it dialled must be
 * ours: a page whose own name was made to point at 127.0.0.1 has the right address and a wrong
 * Host.
 */
export const strangerAt = (
  request: Pick<IncomingMessage, 'headers'> & Partial<Pick<IncomingMessage, 'rawHeaders'>>,
  { hosts, port, defaultPort, origins }: UpgradeGuardOptions,
): TurnedAway | undefined => {
  // Node takes the first of several, a proxy before it may have looked at another: RFC 9112, 3.2
  // has such a request refused.
  const { rawHeaders = [] } = request
  const hostHeaders = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
  if (hostHeaders.length > 1) return { why: 'host', status: 400 }
  const host = splitHost(request.headers.host ?? '', defaultPort)
  const isOurs =
    host !== undefined && ((host.port === port && hosts.has(host.name)) || hosts.has(`${host.name}:${host.port}`))
  if (!isOurs) return refusal('host', 403, request.headers.host)
  const { origin } = request.headers
  if (origin !== undefined && !origins.has(origin)) return refusal('origin', 403, origin)
  return undefined
}
