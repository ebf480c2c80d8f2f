import type { Replacements } from './replacements.js'

/** Readings of the virtual time. */
export interface VirtualReadings {
  /** Milliseconds since 1970. */
  readonly wallMs: () => number
  /** Milliseconds since the run began. */
  readonly sinceStartMs: () => number
  readonly startMs: number
}

type Global = Readonly<Record<string, { readonly prototype?: object } | undefined>>
type HrTime = readonly [seconds: number, nanoseconds: number]

const prototypeOf = (name: string): object | undefined => (globalThis as unknown as Global)[name]?.prototype

const replaceDate = (it: Replacements, { wallMs }: VirtualReadings): void => {
  const RealDate = Date
  // Also on the real Date, of which other code may hold a reference.
  it.replace(RealDate, 'now', wallMs)
  it.replace(
    globalThis,
    'Date',
    new Proxy(RealDate, {
      construct: (target, args: unknown[], newTarget) =>
        Reflect.construct(target, args.length === 0 ? [wallMs()] : args, newTarget) as object,
      apply: () => new RealDate(wallMs()).toString(),
    }),
  )
}

/** Formats the present where no date is given. */
const replaceDateFormats = (it: Replacements, { wallMs }: VirtualReadings): void => {
  const { prototype } = Intl.DateTimeFormat
  it.replaceGetter(prototype, 'format', (original) => {
    const format = original() as (date: unknown) => string
    return (date?: unknown) => format(date === undefined ? wallMs() : date)
  })
  it.replaceMethod(
    prototype,
    'formatToParts',
    (original) =>
      function formatToParts(this: unknown, date?: unknown) {
        return original.call(this, date === undefined ? wallMs() : date)
      },
  )
}

const replacePerformance = (it: Replacements, { sinceStartMs, startMs }: VirtualReadings): void => {
  const machine: unknown = (globalThis as { readonly performance?: unknown }).performance
  if (typeof machine !== 'object' || machine === null) return
  it.replace(machine, 'now', sinceStartMs)
  it.replace(machine, 'timeOrigin', startMs)
  it.replaceMethod(
    machine,
    'mark',
    (original) => (name: unknown, options?: object) =>
      original.call(machine, name, { startTime: sinceStartMs(), ...options }),
  )
  it.replaceMethod(machine, 'measure', (original) => (name: unknown, from?: unknown, to?: unknown) => {
    const options =
      typeof from === 'object' && from !== null ? (from as { start?: unknown; duration?: unknown }) : { start: from }
    const endsByDuration = options.start !== undefined && options.duration !== undefined
    return original.call(machine, name, { ...(endsByDuration ? {} : { end: to ?? sinceStartMs() }), ...options })
  })
}

/** Stamps an event when its stamp is first read: as a rule, while it is dispatched. */
const replaceEventStamps = (it: Replacements, { sinceStartMs }: VirtualReadings): void => {
  const prototype = prototypeOf('Event')
  if (prototype === undefined) return
  const stamps = new WeakMap<object, number>()
  it.replaceGetter(prototype, 'timeStamp', function (this: unknown, original) {
    // Throws for what is no event.
    original()
    const known = stamps.get(this as object)
    if (known !== undefined) return known
    stamps.set(this as object, sinceStartMs())
    return sinceStartMs()
  })
}

const replaceHighResolution = (it: Replacements, { sinceStartMs }: VirtualReadings): void => {
  const bigint = () => BigInt(Math.round(sinceStartMs() * 1e6))
  const hrtime = (before: HrTime = [0, 0]): HrTime => {
    const passed = bigint() - BigInt(before[0]) * BILLION - BigInt(before[1])
    // Floored, as in Node: the nanoseconds are never negative.
    const nanoseconds = ((passed % BILLION) + BILLION) % BILLION
    return [Number((passed - nanoseconds) / BILLION), Number(nanoseconds)]
  }
  const process = (globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } }).process
  // A test runner may show the code under test a copy of the process.
  for (const each of new Set([process, process?.getBuiltinModule?.('node:process')])) {
    it.replaceMethod(each, 'hrtime', (original) => {
      it.replaceMethod(original, 'bigint', () => bigint)
      return Object.assign(hrtime.bind(undefined), { bigint })
    })
  }
}

const BILLION = 1_000_000_000n

/**
 * Makes the clocks of the platform show virtual time. Functions that were taken from them before
 * the run still show the real one.
 */
export const replaceClocks = (it: Replacements, readings: VirtualReadings): void => {
  replaceDate(it, readings)
  replaceDateFormats(it, readings)
  replacePerformance(it, readings)
  replaceEventStamps(it, readings)
  replaceHighResolution(it, readings)
}
