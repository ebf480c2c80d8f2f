import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError } from 'commander'
import { filter, finalize, type Observable, tap } from 'rxjs'
import {
  type ChaosOptions,
  type GatewayEvent,
  type Latency,
  type PaperGatewayOptions,
  readChaos,
  type RunningPaperGateway,
} from '../../gateway/index.js'
import { checkRegular } from '../../disk/index.js'
import { CliError } from '../cli-error.js'

/** Options that add latency, faults or fees to a paper exchange. */
export interface VenueFlags {
  readonly latency?: Latency
  readonly chaos?: string
  readonly hash?: boolean
}

const latency = (text: string): Latency => {
  const [inMs = NaN, outMs = inMs, jitterMs = 0, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? NaN : Number(part)))
  const fits = [inMs, outMs, jitterMs].every((ms) => ms >= 0 && ms < Infinity)
  if (!fits || more.length > 0) {
    throw new InvalidArgumentError('It must be the ms there, and then back and jitter, such as 20 or 20,15,5.')
  }
  return { inMs, outMs, jitterMs }
}

/** The example that comes with us, as a path that works from here. */
const badDay = (): string => relative('.', fileURLToPath(new URL('../../../examples/chaos.json', import.meta.url)))

/** Adds the distance of the exchange alone. */
export const addLatencyFlag = (command: Command): Command =>
  command.option(
    '--latency <ms>',
    'how far the paper exchange is: ms there,back,jitter; one number is for there and back',
    latency,
  )

/** Adds them to a command that starts a paper gateway. */
export const addVenueFlags = (command: Command): Command =>
  addLatencyFlag(command).option(
    '--chaos <file>',
    `what the paper gateway does wrong on purpose (JSON), such as ${badDay()}`,
  )

/** Those of a gateway alone: what a strategy does in real time is never the same twice. */
export const addHashFlag = (command: Command): Command =>
  command.option('--hash', 'print the SHA-256 of each exchange’s event log at the end', false)

/** A line for each exchange; none if its log was not asked for. */
export const hashesInWords = (platforms: RunningPaperGateway['platforms']): string[] =>
  Array.from(platforms).flatMap(([platform, { eventLog }]) =>
    eventLog === undefined ? [] : [`event log of ${platform}: ${eventLog.lines} lines, sha256 ${eventLog.sha256}`],
  )

const chaosIn = (file: string): ChaosOptions => {
  try {
    checkRegular(file)
    return readChaos(readFileSync(file, 'utf8'), file)
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error))
  }
}

/** Settings of the gateway for these options. @throws CliError */
export const venueSettings = ({
  latency,
  chaos,
  hash = false,
}: VenueFlags): Pick<PaperGatewayOptions, 'latency' | 'chaos' | 'hash'> => ({
  hash,
  ...(latency === undefined ? {} : { latency }),
  ...(chaos === undefined ? {} : { chaos: chaosIn(chaos) }),
})

/** Counts what was done wrong on purpose, and says it at the end, in words. */
export const tellChaos = (event$: Observable<GatewayEvent>, say: (words: string) => void): Observable<unknown> => {
  const counts = new Map<string, number>()
  return event$.pipe(
    filter((event) => event.type === 'chaos'),
    tap(({ quirk }) => counts.set(quirk, (counts.get(quirk) ?? 0) + 1)),
    finalize(() => {
      if (counts.size > 0) say(`chaos: ${Array.from(counts, ([quirk, count]) => `${quirk} ${count}`).join(', ')}`)
    }),
  )
}
