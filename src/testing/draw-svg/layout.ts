import { shortly } from '../compare/show.js'
import { formatMs } from '../notation/duration.js'
import type { LaneRecord } from '../record/lane-record.js'
import type { Run, RunLane } from '../run.js'

/** Sizes in px. Text is set in a monospaced face and told its length, so that a box fits its label in every face. */
export const size = {
  character: 7.3,
  font: 12,
  pill: 22,
  pillPadding: 8,
  stack: 26,
  lane: 44,
  axis: 26,
  margin: 20,
  page: 960,
  columnGap: 10,
} as const

const longestLabel = 36

export const textWidth = (text: string): number => Math.ceil(text.length * size.character)

/** What is drawn for one record. */
export interface Mark {
  readonly kind: LaneRecord['kind']
  readonly label: string
  /** The whole label, where it was too long to be drawn. */
  readonly full: string
  readonly x: number
  readonly width: number
  /** 0 lies on the line; the others of one instant are stacked below it. */
  readonly level: number
}

export interface DrawnLane {
  readonly name: string
  readonly role: RunLane['role']
  /** Where its line is, below the top of the system. */
  readonly y: number
  readonly marks: readonly Mark[]
  /** Where its line ends; undefined where it goes on beyond this system. */
  readonly endX: number | undefined
  /** It had ended in a system above. */
  readonly over: boolean
}

export interface Instant {
  readonly label: string
  readonly x: number
}

/** One line of the page: as many instants as have room side by side. */
export interface System {
  readonly top: number
  readonly height: number
  readonly right: number
  readonly instants: readonly Instant[]
  readonly lanes: readonly DrawnLane[]
  /** Where the code stands; undefined where there is none. */
  readonly codeY: number | undefined
}

export interface Layout {
  readonly width: number
  readonly height: number
  /** Where the lines begin. */
  readonly left: number
  readonly systems: readonly System[]
  readonly code: string | undefined
}

const marksOf = (lane: RunLane): readonly LaneRecord[] =>
  [...lane.records, ...(lane.pairs !== undefined && lane.role === 'input' ? lane.subscriptions : [])].sort(
    (a, b) => a.atMs - b.atMs,
  )

const isWide = ({ kind }: LaneRecord): boolean => kind === 'next' || kind === 'error'

const gapPx = (ms: number): number => Math.min(64, 10 + 12 * Math.log10(Math.max(1, ms)))

interface Column {
  readonly atMs: number
  readonly width: number
  /** What separates it from the column before. */
  readonly gap: number
}

const columnsOf = (run: Run, lanes: readonly RunLane[]): readonly Column[] => {
  const byInstant = new Map<number, number>()
  for (const lane of lanes) {
    for (const record of marksOf(lane)) {
      const label = shortly(run.label(record), longestLabel)
      const width = isWide(record) ? textWidth(label) + 2 * size.pillPadding : 14
      byInstant.set(record.atMs, Math.max(byInstant.get(record.atMs) ?? textWidth(formatMs(record.atMs)), width))
    }
  }
  const instants = [...byInstant.keys()].sort((a, b) => a - b)
  return instants.map((atMs, i) => ({
    atMs,
    width: byInstant.get(atMs) ?? 0,
    gap: i === 0 ? 0 : size.columnGap + gapPx(atMs - (instants[i - 1] ?? 0)),
  }))
}

const systemsOf = (columns: readonly Column[], room: number): readonly (readonly Column[])[] => {
  const systems: Column[][] = []
  let used = Infinity
  for (const column of columns) {
    const needed = column.gap + column.width
    if (used + needed > room) {
      systems.push([])
      used = 0
    }
    systems[systems.length - 1]?.push(column)
    used += needed
  }
  return systems
}

/** Places everything that a run shows. Nothing overlaps: a column is as wide as the widest thing in it, and what happens at one instant is stacked. */
export const layOut = (run: Run, code: string | undefined): Layout => {
  const lanes = run.lanes
  const left = size.margin + Math.max(0, ...lanes.map(({ name }) => textWidth(name))) + 16
  const columns = columnsOf(run, lanes)
  const codeWidth = code === undefined ? 0 : textWidth(code) + 48
  const room = Math.max(size.page - left - 2 * size.margin, ...columns.map(({ width }) => width))
  const rows = systemsOf(columns, room)
  const systems: System[] = []
  const ended = new Set<string>()
  let top = size.margin
  for (const row of rows) {
    const system = placeSystem(run, lanes, row, { left, top, code, ended, isLast: row === rows[rows.length - 1] })
    systems.push(system)
    top += system.height + 14
  }
  const right = Math.max(left + codeWidth, ...systems.map((system) => system.right), left + 120)
  return { width: Math.ceil(right + size.margin), height: Math.ceil(top - 14 + size.margin), left, systems, code }
}

const placeSystem = (
  run: Run,
  lanes: readonly RunLane[],
  columns: readonly Column[],
  at: {
    readonly left: number
    readonly top: number
    readonly code: string | undefined
    readonly ended: Set<string>
    readonly isLast: boolean
  },
): System => {
  const xOf = new Map<number, number>()
  let x = at.left + 10
  columns.forEach(({ atMs, width, gap }, i) => {
    x += (i === 0 ? 0 : gap) + width / 2
    xOf.set(atMs, x)
    x += width / 2
  })
  const right = x + 26
  const drawn: DrawnLane[] = []
  let y = size.axis
  let codeY: number | undefined
  lanes.forEach((lane, i) => {
    const before = lanes[i - 1]
    if (at.code !== undefined && codeY === undefined && before?.role === 'input' && lane.role !== 'input') {
      codeY = y + 6
      y += 46
    }
    const over = at.ended.has(lane.name)
    const levels = new Map<number, number>()
    let endX: number | undefined
    const marks: Mark[] = []
    const records = marksOf(lane).filter(({ atMs }) => xOf.has(atMs))
    for (const record of records) {
      const markX = xOf.get(record.atMs) ?? 0
      const full = run.label(record)
      const label = shortly(full, longestLabel)
      const level = isWide(record) ? (levels.get(record.atMs) ?? 0) : 0
      if (isWide(record)) levels.set(record.atMs, level + 1)
      const width = isWide(record) ? textWidth(label) + 2 * size.pillPadding : 14
      marks.push({ kind: record.kind, label, full, x: markX, width, level })
    }
    const last = marksOf(lane)[marksOf(lane).length - 1]
    if (last !== undefined && (last.kind === 'complete' || last.kind === 'error') && xOf.has(last.atMs)) {
      // The bar stands behind what happened at the same instant, not in it.
      const beside = marks.filter((mark) => mark.x === xOf.get(last.atMs) && mark.kind === 'next')
      endX =
        (xOf.get(last.atMs) ?? 0) +
        (last.kind === 'error' ? 0 : Math.max(0, ...beside.map(({ width }) => width / 2 + 7)))
      at.ended.add(lane.name)
    }
    const depth = Math.max(0, ...marks.map(({ level }) => level))
    drawn.push({ name: lane.name, role: lane.role, y: y + size.lane / 2, marks, endX, over })
    y += size.lane + depth * size.stack
  })
  return {
    top: at.top,
    height: y,
    right,
    instants: columns.map(({ atMs }) => ({ label: formatMs(atMs), x: xOf.get(atMs) ?? 0 })),
    lanes: drawn,
    codeY,
  }
}
