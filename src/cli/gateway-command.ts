import { existsSync } from 'node:fs'
import { filter, firstValueFrom, map, merge, ReplaySubject, share } from 'rxjs'
import { type PaperMarketOptions, startPaper } from './paper.js'
import { stopSignals } from './stop-signals.js'
import { Trouble } from './trouble.js'
import { hashesInWords, type VenueFlags, venueSettings } from './venue-flags.js'

export interface GatewayCommandOptions extends PaperMarketOptions, VenueFlags {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly allowRemote: boolean
  readonly journal?: string
  readonly verbose: boolean
}

/** `rxquant gateway`: serves paper exchanges until it is told to stop. */
export async function gatewayCommand(options: GatewayCommandOptions): Promise<void> {
  const { host, port, path, allowRemote, journal, verbose, market } = options
  if (market !== undefined && !existsSync(market)) throw new Trouble(`there is no market file ${market}`)
  const signal$ = stopSignals().pipe(share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: false }))
  const early = signal$.subscribe({ error: console.error })
  const gateway = await startPaper(options, {
    ...{ host, port, path, allowRemote },
    ...(journal === undefined ? {} : { journal }),
    ...venueSettings(options),
  })
  const word$ = merge(
    gateway.event$.pipe(
      filter(({ type }) => verbose || type === 'fault'),
      map((event) => JSON.stringify(event)),
    ),
    gateway.word$,
  )
  const watching = word$.subscribe({ next: (words) => console.error(words), error: console.error })
  console.log(`listening on ${gateway.url}`)
  const end = await firstValueFrom(merge(signal$, gateway.failure$), { defaultValue: 0 })
  await gateway.close()
  for (const words of hashesInWords(gateway.platforms)) console.log(words)
  watching.unsubscribe()
  early.unsubscribe()
  if (end instanceof Trouble) throw end
}
