import { shortly } from '../compare/show.js'
import { formatMs } from '../notation/duration.js'
import type { LaneRecord } from '../record/lane-record.js'
import type { ScenarioRun, RunLane } from '../run/scenario-run.js'

/**
 * Sizes in px. Text is set in a monospaced face and told its length, so that a box fits its label
 * in every face.
 */
export const size = {
  character: 7.3,
  font: 12,
  pill: 22,
  pillPadding: 8,
  stack: 26,
  lane: 44,
  axis: 26,
  margin: 20,
  page: 1000,
  columnGap: 10,
} as const

const longestLabel = 36

export const textWidth = (text: string): number => Math.ceil(text.length * size.character)

/** Drawing of one record. */
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
  /** Position of its line below the top of the system. */
  readonly y: number
  readonly marks: readonly Mark[]
  /** End of its line; undefined if it continues beyond this system. */
  readonly endX: number | undefined
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
  /** Position of the code; undefined without code. */
  readonly codeY: number | undefined
}

export interface Layout {
  readonly width: number
  readonly height: number
  /** Begin of the lines. */
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
  /** Width of the widest mark of each lane, by the lane's place; the time has -1. */
  readonly widths: ReadonlyMap<number, number>
  /** Distance from the previous column. */
  readonly gap: number
}

interface PlacedColumn {
  readonly atMs: number
  readonly x: number
}

const timeRow = -1

const widthOf = (run: ScenarioRun, record: LaneRecord): number =>
  isWide(record) ? textWidth(shortly(run.label(record), longestLabel)) + 2 * size.pillPadding : 14

const columnsOf = (run: ScenarioRun, lanes: readonly RunLane[]): readonly Column[] => {
  const byInstant = new Map<number, Map<number, number>>()
  lanes.forEach((lane, place) => {
    for (const record of marksOf(lane)) {
      const widths = byInstant.get(record.atMs) ?? new Map([[timeRow, textWidth(formatMs(record.atMs))]])
      // The bar of an end stands behind what came with it.
      const width = widthOf(run, record) + (record.kind === 'complete' ? size.columnGap : 0)
      widths.set(place, Math.max(widths.get(place) ?? 0, width))
      byInstant.set(record.atMs, widths)
    }
  })
  const instants = [...byInstant.keys()].sort((a, b) => a - b)
  return instants.map((atMs, i) => ({
    atMs,
    widths: byInstant.get(atMs) ?? new Map<number, number>(),
    gap: i === 0 ? 0 : 16 + gapPx(atMs - (instants[i - 1] ?? 0)),
  }))
}

/**
 * Puts columns side by side, so close that no two marks of one lane touch; where there is no more
 * room, another system begins.
 */
const pack = (columns: readonly Column[], left: number, room: number, scale: number): PlacedColumn[][] => {
  const systems: PlacedColumn[][] = []
  let taken = new Map<number, number>()
  let before: number | undefined
  for (const { atMs, widths, gap } of columns) {
    const half = Math.max(...widths.values()) / 2
    const spot = (): number => {
      let x = before === undefined ? left + half : before + 16 + (gap - 16) * scale
      for (const [row, width] of widths) x = Math.max(x, (taken.get(row) ?? left) + size.columnGap + width / 2)
      return x
    }
    let x = spot()
    if (systems.length === 0 || x + half > left + room) {
      systems.push([])
      taken = new Map()
      before = undefined
      x = spot()
    }
    systems[systems.length - 1]?.push({ atMs, x })
    for (const [row, width] of widths) taken.set(row, x + width / 2)
    before = x
  }
  return systems
}

/** The widest drawing that has room in one system; several, where none has. */
const systemsOf = (columns: readonly Column[], left: number, room: number): PlacedColumn[][] => {
  for (const scale of [1, 0.7, 0.4, 0]) {
    const systems = pack(columns, left, room, scale)
    if (systems.length <= 1) return systems
  }
  return pack(columns, left, room, 0.7)
}

/**
 * Places everything that a run shows. Nothing overlaps: marks of one lane keep apart, and what
 * happens at one instant is stacked.
 */
export const layOut = (run: ScenarioRun, code: string | undefined): Layout => {
  const left = size.margin + Math.max(0, ...run.lanes.map(({ name }) => textWidth(name))) + 16
  const room = size.page - left - 2 * size.margin
  const rows = systemsOf(columnsOf(run, run.lanes), left + 4, room)
  const systems: System[] = []
  const ended = new Set<string>()
  let top = size.margin
  rows.forEach((row, i) => {
    const system = placeSystem(run, row, {
      left,
      top,
      code: i === 0 ? code : undefined,
      ended,
      isAlone: rows.length === 1,
    })
    systems.push(system)
    top += system.height + 14
  })
  const codeWidth = code === undefined ? 0 : textWidth(code) + 48
  const right = Math.max(left + codeWidth, ...systems.map((system) => system.right), left + 120)
  return { width: Math.ceil(right + size.margin), height: Math.ceil(top - 14 + size.margin), left, systems, code }
}

const placeSystem = (
  run: ScenarioRun,
  columns: readonly PlacedColumn[],
  at: {
    readonly left: number
    readonly top: number
    readonly code: string | undefined
    readonly ended: Set<string>
    readonly isAlone: boolean
  },
): System => {
  const xOf = new Map(columns.map(({ atMs, x }) => [atMs, x]))
  const drawn: DrawnLane[] = []
  let y = size.axis
  let codeY: number | undefined
  let right = 0
  run.lanes.forEach((lane, i) => {
    const before = run.lanes[i - 1]
    if (at.code !== undefined && codeY === undefined && before?.role === 'input' && lane.role !== 'input') {
      codeY = y + 6
      y += 46
    }
    if (at.ended.has(lane.name)) return
    // A gateway has many lanes; where the drawing takes several systems, those that are quiet in
    // one are left out of it.
    const isQuiet = !marksOf(lane).some(({ atMs }) => xOf.has(atMs))
    if (isQuiet && !at.isAlone && (lane.role === 'server' || lane.role === 'client')) return
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
      const width = widthOf(run, record)
      right = Math.max(right, markX + width / 2 + 12)
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
    drawn.push({ name: lane.name, role: lane.role, y: y + size.lane / 2, marks, endX })
    y += size.lane + depth * size.stack
  })
  return {
    top: at.top,
    height: y,
    right: right + 16,
    instants: columns.map(({ atMs }) => ({ label: formatMs(atMs), x: xOf.get(atMs) ?? 0 })),
    lanes: drawn,
    codeY,
  }
}
