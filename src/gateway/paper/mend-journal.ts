import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  encodeLines,
  isPlain,
  type JournalReport,
  noFinding,
  readRegular,
  soundLines,
  soundNotes,
  systemDisk,
  textOf,
  writeLines,
} from '../../disk/index.js'
import { lockFolder } from './file-venue-journal.js'
import { nameOf, namesIn, parseSnapshot, survey } from './journal-files.js'
import { removeHead } from './journal-head.js'
import { type FileHeader, isEntry, isHeader, parsed } from './journal-lines.js'
import { JournalUnusable, type VenueLife } from './venue-journal.js'

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The folders of a gateway's journal, one for each exchange: `path` itself, or those in it. */
export const venueFolders = (path: string): readonly string[] => {
  const isJournal = (folder: string): boolean => {
    const { logs, snapshots } = namesIn(folder)
    return logs.length + snapshots.length > 0 || existsSync(join(folder, 'head.json'))
  }
  if (isJournal(path)) return [path]
  return readdirSync(path)
    .map((name) => join(path, name))
    .filter((folder) => statSync(folder).isDirectory() && isJournal(folder))
}

/** Looks for damage in the journal of one exchange, and changes nothing. */
export const checkVenueJournal = (folder: string): JournalReport => {
  try {
    const notes = soundNotes(survey(folder), 'it was never carried out')
    return { path: folder, finding: noFinding, isMendable: true, notes }
  } catch (error) {
    if (!(error instanceof JournalUnusable)) throw error
    const { logs, snapshots } = namesIn(folder)
    const base = snapshots.at(-1)
    const isMendable = base === undefined ? logs.length > 0 : isSnapshotSound(folder, base)
    return {
      path: folder,
      finding: wordsOf(error),
      isMendable,
      notes: [
        isMendable
          ? 'repair keeps what comes before the damage, drops what comes after it, and begins a new epoch'
          : 'it cannot be repaired: put back a copy, or begin with another folder',
      ],
    }
  }
}

const isSnapshotSound = (folder: string, base: number): boolean => {
  try {
    parseSnapshot(join(folder, nameOf(base, 'snapshot')), readRegular(join(folder, nameOf(base, 'snapshot'))), base)
    return true
  } catch {
    return false
  }
}

/**
 * The payloads of a log up to the first that is damaged. Later ones would be carried out on
 * something else than they were.
 */
const soundBeginning = (bytes: Uint8Array): { readonly kept: readonly string[]; readonly dropped: number } => {
  if (isPlain(bytes)) {
    const lines = textOf(bytes).split('\n').slice(0, -1)
    const end = lines.findIndex((line, i) => i > 0 && !isEntry(parsed(line)))
    const kept = end < 0 ? lines : lines.slice(0, end)
    return { kept, dropped: lines.length - kept.length }
  }
  const sound = soundLines(bytes)
  const kept: string[] = []
  for (let payload = sound.get(1); payload !== undefined; payload = sound.get(kept.length + 1)) kept.push(payload)
  return { kept, dropped: sound.size - kept.length }
}

/**
 * Keeps what comes before the damage of a journal. The life gets a new epoch: clients then take
 * nothing for granted that may have been lost. The files as they were stay beside it, with
 * `.damaged` at their names.
 *
 * @throws JournalUnusable where nothing can be kept, or a gateway writes there
 */
export const repairVenueJournal = (path: string): readonly string[] => {
  const folder = realpathSync(path)
  const unlock = lockFolder(folder)
  try {
    const report = checkVenueJournal(folder)
    if (report.finding === noFinding) return ['nothing to repair']
    if (!report.isMendable) throw new JournalUnusable(`${folder} cannot be repaired: ${report.finding}`)
    const { logs, snapshots } = namesIn(folder)
    const base = snapshots.at(-1)
    const first = base ?? logs[0] ?? 1
    const logPath = join(folder, nameOf(first, 'ndjson'))
    const snapshotPath = join(folder, nameOf(first, 'snapshot'))
    const snapshot = base === undefined ? undefined : parseSnapshot(snapshotPath, readRegular(snapshotPath), base)
    const { kept, dropped } = logs.includes(first)
      ? soundBeginning(readRegular(logPath))
      : { kept: [] as readonly string[], dropped: 0 }
    const header = parsed(kept[0] ?? '')
    const life = snapshot?.life ?? (isHeader(header) ? header.life : undefined)
    if (life === undefined) {
      throw new JournalUnusable(
        `${folder} cannot be repaired: what says whose life it is (the snapshot, or the first line of the first log) is lost`,
      )
    }
    const isOfSnapshot = snapshot === undefined || (isHeader(header) && header.after === snapshot.last)
    const entries = isOfSnapshot ? kept.slice(1) : []
    for (const each of [logPath, snapshotPath]) if (existsSync(each)) copyFileSync(each, `${each}.damaged`)
    rewrite(folder, first, { ...life, epoch: randomBytes(16).toString('base64url') }, snapshotPath, logPath, entries)
    return [
      `${entries.length} entries after ${base === undefined ? 'the beginning' : 'the snapshot'} are kept, ${dropped} readable ones after the damage are dropped`,
      'the epoch is a new one: clients take new snapshots of everything',
      `the files as they were end in .damaged`,
    ]
  } finally {
    unlock()
  }
}

const rewrite = (
  folder: string,
  first: number,
  life: VenueLife,
  snapshotPath: string,
  logPath: string,
  entries: readonly string[],
): void => {
  let after: string | undefined
  if (existsSync(snapshotPath)) {
    const header: FileHeader = { kind: 'snapshot', version: 2, generation: first, life }
    const payloads = [...soundLines(readRegular(snapshotPath)).values()].slice(1)
    const lines = encodeLines([JSON.stringify(header), ...payloads], (end) => {
      after = end.last.toString(16).padStart(8, '0')
    })
    writeLines(systemDisk, `${snapshotPath}.tmp`, lines)
  }
  const header: FileHeader = {
    ...{ kind: 'log', version: 2, generation: first },
    ...(after === undefined ? { life } : { after }),
  }
  writeLines(systemDisk, `${logPath}.tmp`, encodeLines([JSON.stringify(header), ...entries]))
  // A kill in between leaves a log that names another snapshot: damage, and the copies are there.
  removeHead(folder)
  if (after !== undefined) systemDisk.rename(`${snapshotPath}.tmp`, snapshotPath)
  systemDisk.rename(`${logPath}.tmp`, logPath)
  for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true })
}
