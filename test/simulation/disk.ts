import { ftruncateSync, writeSync } from 'node:fs'
import type { Machine } from './machine.js'

/** What may become of a write. */
export type WriteFate = 'written' | 'full' | 'part of it written' | 'killed before' | 'killed within' | 'killed after'

/** The disk under the gateway's journal. A process that is killed within a write leaves part of it, and mends nothing. */
export class SimulatedDisk {
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
}
