import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { JournalUnusable } from './venue-journal.js'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Those of this process. */
const held = new Set<string>()

/**
 * Two gateways that write to one journal would each forget the other's orders. A lock whose process is dead is none: kill -9 leaves it.
 *
 * @returns lets go of it
 * @throws JournalUnusable when somebody else has it
 */
export const lockJournal = (folder: string): (() => void) => {
  const path = join(folder, 'lock')
  const holder = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  if (holder > 0 && (holder === process.pid ? held.has(path) : isAlive(holder))) {
    throw new JournalUnusable(
      `${folder}: the gateway of process ${holder} writes there; stop it, or name another folder`,
    )
  }
  writeFileSync(path, String(process.pid))
  held.add(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}
