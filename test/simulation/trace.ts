/** One thing that happened. */
export interface TraceEvent {
  readonly at: number
  readonly where: string
  readonly what: string
}

/** All that happened in a run: as a hash always, in words where they are wanted. */
export class Trace {
  readonly events: TraceEvent[] = []
  #hash = 0x811c9dc5
  #count = 0
  readonly #keep: boolean

  constructor(keep: boolean) {
    this.#keep = keep
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0')
  }

  get count(): number {
    return this.#count
  }

  note(at: number, where: string, what: string): void {
    this.#count++
    let hash = Math.imul(this.#hash ^ Math.round(at * 1000), 0x01000193)
    for (let i = 0; i < where.length; i++) hash = Math.imul(hash ^ where.charCodeAt(i), 0x01000193)
    for (let i = 0; i < what.length; i++) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193)
    this.#hash = hash
    if (this.#keep) this.events.push({ at, where, what })
  }
}

const shortOf = (text: string): string => {
  let frame: Record<string, unknown>
  try {
    frame = JSON.parse(text) as Record<string, unknown>
  } catch {
    return text.slice(0, 60)
  }
  const data = frame.data as Record<string, unknown> | undefined
  const word = (key: string, value: unknown): string =>
    typeof value === 'number' || (typeof value === 'string' && value !== '') ? ` ${key}${value}` : ''
  const rest =
    frame.op === 'notify'
      ? `${word('', frame.topic)}${word('#', data?.order_no)}${word('', data?.status)}${word('remain ', data?.remain)}${word('fill ', data?.fill_no)}${word('cid ', data?.cid)}`
      : `${word('', frame.action)}${word('', frame.order_type)}${word('', frame.quantity)}${word('@', frame.price)}${word('#', frame.order_no)}${
          Array.isArray(frame.order_nos) ? ` [${frame.order_nos.join(' ')}]` : ''
        }${word('code ', frame.code)}${frame.result === false ? ` refused ${JSON.stringify(frame.error_message)}` : ''}${frame.unknown === true ? ' unknown' : ''}`
  return `${String(frame.op)}${word('cid ', frame.cid)}${rest}${
    typeof frame.token === 'string' ? ` (${frame.token.slice(-6)})` : ''
  }`
}

/** A trace as a drawing: time, lane, what. Frames are shortened, pings left out. */
export const drawTrace = (events: readonly TraceEvent[], last = 400): string => {
  const shown = events.filter(({ what }) => !/"op":"p[io]ng"/.test(what))
  const left = Math.max(0, shown.length - last)
  const lines = shown
    .slice(left)
    .map(
      ({ at, where, what }) =>
        `${(at / 1000).toFixed(3).padStart(9)} s  ${where.padEnd(14)} ${what.startsWith('{') ? shortOf(what) : what}`,
    )
  return [...(left > 0 ? [`… ${left} earlier events`] : []), ...lines].join('\n')
}
