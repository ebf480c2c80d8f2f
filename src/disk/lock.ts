import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process began, where the system tells (Linux): its number may be another's by now, in a container above all. */
const birthOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** Those of this process. */
const held = new Set<string>()

/** Somebody else has the lock. */
export class LockHeld extends Error {
  readonly _tag = 'LockHeld'
  override readonly name = 'LockHeld'
  readonly pid: number

  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}: stop it, or delete that file if it is none that should hold it`)
    this.pid = pid
  }
}

/**
 * Takes a lock, a file with the number of its process: two that write to one journal would each forget the other's orders. A lock whose
 * process is dead is none: kill -9 leaves it.
 *
 * @returns lets go of it
 * @throws LockHeld
 */
export const takeLock = (file: string): (() => void) => {
  const path = resolve(file)
  const [pid = '', birth = ''] = existsSync(path) ? readFileSync(path, 'utf8').split(' ') : []
  const holder = Number(pid)
  const lives = () => isAlive(holder) && (birth === '' || birthOf(holder) === birth)
  if (holder > 0 && (holder === process.pid ? held.has(path) : lives())) throw new LockHeld(path, holder)
  writeFileSync(path, `${process.pid} ${birthOf(process.pid) ?? ''}`)
  held.add(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}
