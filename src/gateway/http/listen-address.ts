const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])

/**
 * As a host stands in a URL and in a Host header. With one colon it is a name and a port, with more
 * an address of IPv6.
 */
export const bracketed = (host: string): string =>
  (/:.*:/.test(host) && !host.startsWith('[') ? `[${host}]` : host).toLowerCase()

/** As a host is listened on. */
export const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

/** The names under which a gateway on `host` may be reached. */
export const namesOf = (host: string, more: readonly string[]): ReadonlySet<string> =>
  new Set([host, ...(loopback.has(host) ? loopback : []), ...more].map(bracketed))

/** Option that a gateway needs to listen beyond loopback. */
export type RemoteNeed = 'tls' | 'allowRemote'

const words: Readonly<Record<RemoteNeed, string>> = {
  tls: 'TLS, a certificate and its key (or keys and orders could be read and changed on their way)',
  allowRemote: 'your consent that anyone who can reach the port may trade (allowRemote)',
}

/** The gateway does not listen there as it was asked to; `missing` says what it takes. */
export class ListenRefused extends Error {
  readonly _tag = 'ListenRefused'
  override readonly name = 'ListenRefused'

  constructor(
    readonly host: string,
    readonly missing: readonly RemoteNeed[],
  ) {
    super(
      `the gateway listens on loopback only: to listen on ${host} it needs ${missing.map((need) => words[need]).join(', and ')}`,
    )
  }
}

/** Throws {@link ListenRefused} where a host beyond loopback has not both. */
export const checkRemote = (host: string, given: { readonly tls: boolean; readonly allowRemote: boolean }): void => {
  if (loopback.has(host)) return
  const missing = (['tls', 'allowRemote'] as const).filter((need) => !given[need])
  if (missing.length > 0) throw new ListenRefused(host, missing)
}
