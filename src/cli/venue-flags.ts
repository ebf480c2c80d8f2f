import { type Command, InvalidArgumentError } from 'commander'
import type { Latency, PaperGatewayOptions, RunningPaperGateway } from '../gateway/index.js'

/** How a paper exchange is made harder than it need be, as the command line says it. */
export interface VenueFlags {
  readonly latency?: Latency
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

/** Adds them to a command that starts a paper gateway. */
export const addVenueFlags = (command: Command): Command =>
  command.option(
    '--latency <ms>',
    'how far the paper exchange is: ms there,back,jitter; one number is for there and back',
    latency,
  )

/** Those of a gateway alone: what a strategy does in real time is never the same twice. */
export const addHashFlag = (command: Command): Command =>
  command.option('--hash', 'print the SHA-256 of each exchange’s event log at the end', false)

/** A line for each exchange; none if its log was not asked for. */
export const hashesInWords = (platforms: RunningPaperGateway['platforms']): string[] =>
  Array.from(platforms).flatMap(([platform, { eventLog }]) =>
    eventLog === undefined ? [] : [`event log of ${platform}: ${eventLog.lines} lines, sha256 ${eventLog.sha256}`],
  )

/** What they ask of the gateway. */
export const venueSettings = ({
  latency,
  hash = false,
}: VenueFlags): Pick<PaperGatewayOptions, 'latency' | 'hash'> => ({
  hash,
  ...(latency === undefined ? {} : { latency }),
})
