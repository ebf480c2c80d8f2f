import { constants, openSync } from 'node:fs'
import { firstValueFrom, fromEvent, merge, timer } from 'rxjs'
import { systemClock } from '../../transport/index.js'
import type { GatewayEvent } from '../../gateway/index.js'
import { CliError } from '../cli-error.js'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface GatewayLogOptions {
  /** Least level that is logged. @default 'info' */
  readonly level?: LogLevel
  /** File to append to, readable by its owner alone. @default stderr */
  readonly file?: string
}

export interface GatewayLog {
  /** Writes an event as one line of JSON; never throws. */
  readonly write: (event: GatewayEvent) => void
  /** Writes a message of the command line. */
  readonly note: (text: string, level?: 'info' | 'warn') => void
  /** Writes the pending lines and closes the file; resolves when that is done or has failed. */
  close(): Promise<void>
}

/**
 * Greatest number of lines a second: clients can make a gateway refuse them faster than a disk
 * should write.
 */
const linesPerSecond = 200
/** Greatest number of bytes that wait while stderr is not read. */
const waitingBytes = 1_048_576
/** Longest wait for the last lines. */
const closeWithinMs = 1_000

interface Line {
  readonly level: Exclude<LogLevel, 'silent'>
  readonly text: string
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>
}

/**
 * Formats an event as a line. Fields are listed one by one, so that a field that is added to an
 * event later, perhaps a key, is not logged by default.
 */
const lineOf = (event: GatewayEvent): Line => {
  switch (event.type) {
    case 'listening':
      return { level: 'info', text: 'listening', fields: { url: event.url, port: event.port } }
    case 'turned-away':
      return { level: 'warn', text: 'request turned away', fields: { why: event.why, refused: event.refused } }
    case 'connected':
      return { level: 'debug', text: 'connected', fields: { connection: event.connection } }
    case 'disconnected': {
      const { connection, why, code } = event
      // A connection that the gateway closes has misbehaved, or the gateway stops.
      const level = code === undefined ? 'debug' : code === 1001 ? 'info' : 'warn'
      return { level, text: 'disconnected', fields: { connection, why, code } }
    }
    case 'login':
      return { level: 'info', text: 'logged in', fields: { connection: event.connection, platform: event.platform } }
    case 'login-refused':
      return { level: 'warn', text: 'login refused', fields: { connection: event.connection, why: event.why } }
    case 'logout': {
      const { connection, platform, clean } = event
      return { level: 'info', text: 'logged out', fields: { connection, platform, clean } }
    }
    case 'bad-frame':
      return { level: 'debug', text: 'bad frame', fields: { connection: event.connection, why: event.why } }
    case 'fault':
      return { level: 'error', text: 'fault', fields: { where: event.where, error: event.error } }
    case 'journal': {
      const { platform, state, why } = event
      return state === 'failed'
        ? { level: 'error', text: 'the journal cannot be written: orders are refused', fields: { platform, why } }
        : { level: 'warn', text: 'the journal can be written again', fields: { platform } }
    }
    case 'chaos': {
      const { connection, quirk, what } = event
      return { level: 'info', text: 'done wrong on purpose', fields: { connection, quirk, what } }
    }
  }
}

/** Logs the events of a gateway as JSON lines in the format of pino. */
export async function gatewayLog({ level = 'info', file }: GatewayLogOptions = {}): Promise<GatewayLog> {
  if (level === 'silent') return { write: () => undefined, note: () => undefined, close: () => Promise.resolve() }
  // Loaded on demand: pino takes longer to load than the rest of a command without a log.
  const { destination, pino, stdTimeFunctions } = (await import('pino')).default
  const descriptor = file === undefined ? 2 : opened(file)
  const stream = destination({ fd: descriptor, sync: false, maxLength: waitingBytes })
  // A full disk or a closed stderr does not end the gateway.
  let failing = false
  stream.on('error', () => {
    failing = true
  })
  stream.on('write', () => {
    failing = false
  })
  // pino calls this at process exit, and sonic-boom 4 retries forever where the disk is full or a
  // pipe is not read.
  const flushSync = stream.flushSync.bind(stream)
  stream.flushSync = () => {
    if (!failing) flushSync()
  }
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  let since = Number.NEGATIVE_INFINITY
  let lines = 0
  let leftOut = 0
  const room = (): boolean => {
    const now = systemClock.monotonic()
    if (now - since >= 1_000) {
      if (leftOut > 0) logger.warn({ lines: leftOut }, 'lines were left out')
      since = now
      lines = leftOut = 0
    }
    if (lines++ < linesPerSecond) return true
    leftOut++
    return false
  }
  return {
    write: (event) => {
      const { level: at, text, fields } = lineOf(event)
      if (logger.isLevelEnabled(at) && room()) logger[at](fields, text)
    },
    note: (text, at = 'info') => logger[at](text),
    close: async () => {
      if (leftOut > 0) logger.warn({ lines: leftOut }, 'lines were left out')
      const ended = firstValueFrom(
        merge(fromEvent(stream, 'close'), fromEvent(stream, 'error'), timer(closeWithinMs)),
        { defaultValue: undefined },
      )
      stream.end()
      await ended
      failing = true
      stream.removeAllListeners('write')
    },
  }
}

const opened = (file: string): number => {
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a reader.
    const { O_APPEND, O_CREAT, O_WRONLY } = constants
    return openSync(file, O_APPEND | O_CREAT | O_WRONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0), 0o600)
  } catch (error) {
    throw new CliError(`cannot write the log ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
