import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { threadId } from 'node:worker_threads'
import { holderIn, isInContainer, isThere, ourselves, wordsOf } from './holder.js'
import { lockByKernel } from './kernel-lock.js'

/** The lock is held by another holder. */
export class LockHeld extends Error {
  readonly _tag = 'LockHeld'
  override readonly name = 'LockHeld'
  readonly pid: number

  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}: stop it, or delete that file if it is none that should hold it`)
    this.pid = pid
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const wordsAt = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const unlessThere = (make: () => void): boolean => {
  try {
    make()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Links the file to the other name unless that exists, so that it never appears there half written.
 */
const publish = (file: string, path: string): boolean => {
  try {
    return unlessThere(() => linkSync(file, path))
  } catch {
    // Some file systems have no second names (exFAT). There the lock is empty for an instant.
    if (!unlessThere(() => closeSync(openSync(path, 'wx', 0o600)))) return false
    renameSync(file, path)
    return true
  }
}

/** Links the file `own` to `path`, which is free or belongs to a dead holder. */
const putThere = (own: string, path: string): void => {
  while (!publish(own, path)) {
    const words = wordsAt(path)
    if (words === undefined) continue
    const holder = holderIn(words)
    if (isThere(holder, path)) throw new LockHeld(path, holder.pid)
    // One at a time: the second to find out that it is gone would take the lock away from the
    // first.
    const letGo = takeLock(`${path}.over`)
    try {
      if (wordsAt(path) === words) {
        renameSync(own, path)
        return
      }
    } finally {
      letGo()
    }
  }
}

/**
 * Takes a lock, a file that names its process: two that write to one journal would each forget the
 * other's orders. A lock whose process is gone is none: kill -9 leaves it. Held by this process is
 * held, in whichever thread, until it is let go of.
 *
 * In a container the number of a process tells little: there the kernel holds the file as well, if
 * there is a command `flock`. Without that, a lock of another container of the machine counts as
 * held until the file is deleted; and machines that share a disk over a network do not see each
 * other.
 *
 * @returns lets go of it
 * @throws LockHeld, and what the file system throws
 */
export function takeLock(file: string): () => void {
  const path = resolve(file)
  const own = [path, ...(/\d+/.exec(ourselves.pidSpace) ?? []), process.pid, threadId].join('.')
  const descriptor = openSync(own, 'w', 0o600)
  const isInKernel = isInContainer && lockByKernel(descriptor) === true
  const words = wordsOf({ ...ourselves, isInKernel })
  try {
    writeSync(descriptor, words)
    putThere(own, path)
  } catch (error) {
    closeSync(descriptor)
    throw error
  } finally {
    rmSync(own, { force: true })
  }
  return () => {
    if (wordsAt(path) === words) rmSync(path, { force: true })
    closeSync(descriptor)
  }
}
