import type { IncomingMessage } from 'node:http'

export interface UpgradeGuardOptions {
  /** The path of the endpoint. */
  readonly path: string
  /** Names under which the gateway may be reached, without port. */
  readonly hosts: ReadonlySet<string>
  /** The port it listens on. */
  readonly port: number
  /** Origins of web pages that may connect, compared to the letter. */
  readonly origins: ReadonlySet<string>
}

/** Why a request to upgrade is turned away. */
export interface TurnedAway {
  readonly why: 'origin' | 'host' | 'path'
  readonly status: 403 | 404
}

/** `name:port`, or a name alone, which stands for port 80. */
const splitHost = (host: string): { readonly name: string; readonly port: number } | undefined => {
  const match = /^(\[[0-9a-f:.]{2,45}\]|[^:]{1,253})(?::(\d{1,5}))?$/i.exec(host)
  return match?.[1] === undefined ? undefined : { name: match[1].toLowerCase(), port: Number(match[2] ?? 80) }
}

/**
 * Looks at a request before it becomes a WebSocket. A gateway on loopback is within reach of every web page that the user opens:
 * browsers let any page dial it and say only whose page it is. So a page must be on the list (no Origin at all is a
 * native client), and the name it dialled must be ours: a page whose own name was made to point at 127.0.0.1 has the
 * right address and a wrong Host.
 */
export const turnedAway = (
  request: Pick<IncomingMessage, 'url' | 'headers'>,
  { path, hosts, port, origins }: UpgradeGuardOptions,
): TurnedAway | undefined => {
  const host = splitHost(request.headers.host ?? '')
  if (host === undefined || !hosts.has(host.name) || host.port !== port) return { why: 'host', status: 403 }
  const { origin } = request.headers
  if (origin !== undefined && !origins.has(origin)) return { why: 'origin', status: 403 }
  if ((request.url ?? '').split('?', 1)[0] !== path) return { why: 'path', status: 404 }
  return undefined
}
