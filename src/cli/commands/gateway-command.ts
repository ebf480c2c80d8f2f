import { firstValueFrom, merge, ReplaySubject, share } from 'rxjs'
import { PLATFORMS } from '../../exchange/index.js'
import { ListenRefused } from '../../gateway/index.js'
import { gatewayLog, type LogLevel } from './gateway-log.js'
import { warningsOfSecret } from '../options/keys.js'
import { checkMarket, type PaperMarketOptions, startPaper } from '../run/paper.js'
import { stopSignals } from './stop-signals.js'
import { readingOf } from '../options/market-flags.js'
import { type TlsFiles, tlsFromFiles } from '../options/tls-files.js'
import { CliError } from '../cli-error.js'
import { checkGatewayOptions, type IsGiven } from '../options/usage.js'
import { hashesInWords, tellChaos, type VenueFlags, venueSettings } from '../options/venue-flags.js'

export interface GatewayCommandOptions extends PaperMarketOptions, TlsFiles, VenueFlags {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly allowRemote: boolean
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  readonly journal?: string
  readonly fsync: 'never' | 'always'
  readonly logLevel: LogLevel
  readonly logFile?: string
}

/** `rxquant gateway`: serves paper exchanges until stopped. */
export async function gatewayCommand(options: GatewayCommandOptions, isGiven: IsGiven): Promise<void> {
  checkGatewayOptions(isGiven, options)
  const { host, port, path, allowRemote, allowHost = [], allowOrigin = [], journal, fsync, market } = options
  const { logLevel: level, logFile: file } = options
  const logins = Array.from(PLATFORMS, ([platform, specs]) => ({
    platform,
    symbols: specs.map(({ symbol }) => symbol),
  }))
  const marketStartMs =
    market === undefined ? undefined : await checkMarket(market, logins, readingOf(options), 'the gateway trades')
  const tls = tlsFromFiles(options)
  const log = await gatewayLog({ level, ...(file === undefined ? {} : { file }) })
  for (const words of options.tlsKey === undefined ? [] : warningsOfSecret(options.tlsKey)) log.note(words, 'warn')
  const signal$ = stopSignals().pipe(share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: false }))
  const watching = signal$.subscribe({ error: console.error })
  try {
    const gateway = await startPaper({ ...options, ...(marketStartMs === undefined ? {} : { marketStartMs }) }, [], {
      ...{ host, port, path, allowRemote, allowedHosts: allowHost, allowedOrigins: allowOrigin },
      ...(tls === undefined ? {} : { tls }),
      ...(journal === undefined
        ? {}
        : { journal, journalOptions: { fsync, onWord: (words) => log.note(words, 'warn') } }),
      ...venueSettings(options),
    }).catch((error: unknown) => {
      throw error instanceof ListenRefused ? inFlags(error) : error
    })
    gateway.begin()
    watching.add(gateway.event$.subscribe({ next: log.write, error: console.error }))
    watching.add(tellChaos(gateway.event$, log.note).subscribe({ error: console.error }))
    const marketOver = (platform: string): void => log.note(`${platform}: the recorded market is over`)
    watching.add(gateway.note$.subscribe({ next: (words) => log.note(words, 'warn'), error: console.error }))
    watching.add(gateway.over$.subscribe({ next: marketOver, error: console.error }))
    log.write({ type: 'listening', url: gateway.url, port: gateway.port })
    console.log(`listening on ${gateway.url}`)
    const end = await firstValueFrom(merge(signal$, gateway.failure$), { defaultValue: 0 })
    await gateway.close()
    for (const words of hashesInWords(gateway.platforms)) console.log(words)
    if (end instanceof CliError) throw end
  } finally {
    watching.unsubscribe()
    await log.close()
  }
}

const flags = { tls: '--tls-cert and --tls-key', allowRemote: '--allow-remote' } as const

const inFlags = ({ host, missing }: ListenRefused): CliError =>
  new CliError(
    `${host} is beyond loopback: every client that can reach it could trade, and read the traffic. To listen there all the same, give ${missing.map((need) => flags[need]).join(', and ')}`,
  )
