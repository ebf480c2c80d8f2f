import type { PositionChange } from './trade-fills.js'

/**
 * Trades of one symbol under one method, each with the index of the fill that closed it, and what
 * has not been closed.
 */
export interface Book<Trade, Open> {
  readonly closed: readonly { readonly exitFill: number; readonly trade: Trade }[]
  readonly open: Open
}

/** Derives a book from the fills of one symbol, in the order of time. */
export type BookMethod<Trade, Open> = (changes: readonly PositionChange[]) => Book<Trade, Open>
