import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'

/** A path that leads to something else than a regular file, where one is needed. */
export class NotRegularFile extends Error {
  readonly _tag = 'NotRegularFile'
  override readonly name = 'NotRegularFile'

  constructor(path: string, kind: string) {
    super(`${path} is ${kind}: it must be a regular file`)
  }
}

const kindOf = (stats: Stats): string | undefined => {
  if (stats.isFile()) return undefined
  if (stats.isSymbolicLink()) return 'a symbolic link'
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a FIFO'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

const check = (path: string, stats: Stats | undefined): void => {
  const kind = stats && kindOf(stats)
  if (kind !== undefined) throw new NotRegularFile(path, kind)
}

// Windows has neither.
const noFollow = (constants.O_NOFOLLOW as number | undefined) ?? 0
const noWait = (constants.O_NONBLOCK as number | undefined) ?? 0

const flagsOf = {
  read: constants.O_RDONLY,
  append: constants.O_APPEND | constants.O_RDWR | constants.O_CREAT,
  'append to existing': constants.O_APPEND | constants.O_RDWR,
  'create new': constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
} as const

/**
 * Opens a regular file; a new one is readable by its owner alone. Never follows a symbolic link at
 * the end of the path, and never waits: to open a FIFO would wait for its other end, with the whole
 * process.
 *
 * @throws NotRegularFile, and what the file system throws
 */
export const openRegular = (path: string, how: keyof typeof flagsOf): number => {
  // Whatever is there, a new file fails with EEXIST.
  if (how !== 'create new') check(path, lstatSync(path, { throwIfNoEntry: false }))
  const file = openSync(path, flagsOf[how] | noFollow | noWait, 0o600)
  try {
    check(path, fstatSync(file))
  } catch (error) {
    closeSync(file)
    throw error
  }
  return file
}

/**
 * Reads a regular file whole. Follows no link.
 * @throws NotRegularFile, and what the file system throws
 */
export const readRegular = (path: string): Uint8Array => {
  const file = openRegular(path, 'read')
  try {
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Checks that a path, links followed, leads to a regular file: to read from a FIFO may wait
 * forever.
 * @throws NotRegularFile, and what the file system throws
 */
export const checkRegular = (path: string): void => check(path, statSync(path))
