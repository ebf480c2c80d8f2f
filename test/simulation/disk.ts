import { fsyncSync, ftruncateSync, renameSync, writeSync } from 'node:fs'
import type { JournalDisk } from '../../src/gateway/index.js'
import type { Machine } from './machine.js'

/** What may become of a write. */
export type WriteFate = 'written' | 'full' | 'part of it written' | 'killed before' | 'killed within' | 'killed after'

/** The disk under the gateway's journal. A process that is killed within a write leaves part of it, and mends nothing. */
export class SimulatedDisk implements JournalDisk {
  readonly #machine: Machine
  readonly #fateOf: () => WriteFate

  constructor(machine: Machine, fateOf: () => WriteFate) {
    this.#machine = machine
    this.#fateOf = fateOf
  }

  write(file: number, bytes: Uint8Array): number {
    // What a dead process still has on its stack is never done.
    if (this.#machine.dead) throw new Error('dead')
    switch (this.#fateOf()) {
      case 'full':
        throw new Error('ENOSPC: no space left on device')
      case 'part of it written':
        return writeSync(file, bytes.subarray(0, bytes.length >> 1))
      case 'killed before':
        throw new Error('dead')
      case 'killed within':
        writeSync(file, bytes.subarray(0, bytes.length >> 1))
        throw new Error('dead')
      case 'killed after':
      case 'written':
        return writeSync(file, bytes)
    }
  }

  truncate(file: number, length: number): void {
    if (!this.#machine.dead) ftruncateSync(file, length)
  }

  flush(file: number): void {
    if (this.#machine.dead) throw new Error('dead')
    fsyncSync(file)
  }

  rename(from: string, to: string): void {
    if (this.#machine.dead) throw new Error('dead')
    const fate = this.#fateOf()
    if (fate === 'killed before' || fate === 'killed within') throw new Error('dead')
    renameSync(from, to)
    if (fate === 'killed after') throw new Error('dead')
  }
}
