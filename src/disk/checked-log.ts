import { closeSync, fstatSync, lstatSync } from 'node:fs'
import { appendLine } from './append-line.js'
import { encodeLine, type LinePosition } from './checked-lines.js'
import type { Disk } from './disk.js'
import { openRegular } from './regular-file.js'

/**
 * Point from which a log continues: the position behind its last whole line, and the bytes up to
 * there.
 */
export interface LogEnd {
  readonly position: LinePosition
  readonly whole: number
}

export interface CheckedLogOptions {
  readonly disk: Disk
  /** Flushes each line to the disk before `append` returns. */
  readonly flush: boolean
}

/**
 * An open file of checked lines that is appended to. Checks before each line that its path still
 * leads to this file and that its length is unchanged: a restarted process would not find lines of
 * a file that was deleted, moved or cut.
 */
export class CheckedLog {
  readonly #options: CheckedLogOptions
  readonly #file: number
  readonly #inode: number
  readonly #device: number
  #path: string
  #position: LinePosition
  #whole: number
  /** The last write failed, and part of a line may still be there. */
  #isDirty: boolean
  #isClosed = false

  /**
   * Opens a log whose content was read before. What stands behind its whole lines is cut off.
   *
   * @throws NotRegularFile, and what the file system throws
   */
  constructor(path: string, { position, whole }: LogEnd, options: CheckedLogOptions) {
    this.#path = path
    this.#options = options
    this.#position = position
    this.#whole = whole
    this.#file = openRegular(path, 'append to existing')
    try {
      const { ino, dev, size } = fstatSync(this.#file)
      this.#inode = ino
      this.#device = dev
      this.#isDirty = size > whole
      this.check()
      this.#mend()
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  get position(): LinePosition {
    return this.#position
  }

  /** Bytes of whole lines. */
  get size(): number {
    return this.#whole
  }

  /** Told after its file was renamed: the path that is checked from now on. */
  renamedTo(path: string): void {
    this.#path = path
  }

  /**
   * Appends lines in one call. Returns their bytes.
   * @throws what the disk throws, and an error in words; then nothing of them is there
   */
  append(...payloads: readonly string[]): number {
    if (this.#isClosed) throw new Error(`${this.#path}: the journal was closed`)
    this.check()
    this.#mend()
    const { disk, flush } = this.#options
    let position = this.#position
    const lines = payloads.map((payload) => {
      const { text, next } = encodeLine(payload, position)
      position = next
      return text
    })
    this.#isDirty = true
    const bytes = appendLine(disk, this.#file, lines.join('\n'), this.#whole, flush)
    this.#isDirty = false
    this.#whole += bytes
    this.#position = position
    return bytes
  }

  /** Returns when all lines are on the disk itself. @throws what the disk throws */
  flush(): void {
    this.#options.disk.flush(this.#file)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#file)
  }

  /** Throws where its path no longer leads to its file, or its length is not as it was left. */
  check(): void {
    const there = lstatSync(this.#path, { throwIfNoEntry: false })
    const isOurs = there?.ino === this.#inode && there.dev === this.#device
    if (!isOurs || there.size < this.#whole) throw this.#displaced('deleted, moved or cut')
    if (there.size > this.#whole && !this.#isDirty) throw this.#displaced('written to by another process')
  }

  #displaced(what: string): Error {
    return new Error(
      `${this.#path} was ${what} while it was open: put it back as it was, or stop and begin with another`,
    )
  }

  /** Cuts off what a failed write has left. */
  #mend(): void {
    if (!this.#isDirty) return
    // mutant: torn-line-is-cut
    if (fstatSync(this.#file).size > this.#whole) this.#options.disk.truncate(this.#file, this.#whole)
    this.#isDirty = false
  }
}
