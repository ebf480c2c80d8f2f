import { NotSent } from '../errors/errors.js'
import type { OrderJournalEntry, OrderJournal } from './order-journal.js'
import type { SentOrder } from './order-reconciler.js'

type Fate = Extract<OrderJournalEntry, { kind: 'settled' }>['fate']

/** Writes a login's order journal; does nothing without a journal. */
export interface OrderJournalWriter {
  /** Before the order is written. Throws NotSent (journal-failed). */
  sent(sent: SentOrder): void
  /**
   * After its reply. A disk that is full now gets the line later, and no order is sent before: else
   * a successor could take this one for open, and the one that was sent instead as well.
   */
  settled(cid: string, fate: Fate, order_no: string | undefined): void
  /**
   * Before the caller hears that another order may be placed instead. Throws what the journal
   * throws, and then the caller must not hear it: a successor would find the order open, and may
   * send it.
   */
  released(cid: string, fate: Fate): void
  /**
   * True if the caller may hear so: as `released`, and also where no successor would send the
   * order, only look for it.
   */
  canRelease(sent: SentOrder, fate: Fate): boolean
}

export function createOrderJournalWriter(journal: OrderJournal | undefined): OrderJournalWriter {
  const owed: OrderJournalEntry[] = []

  const put = (entry: OrderJournalEntry): void => {
    // Types let an async function pass for one that returns nothing.
    const left: unknown = journal?.write(entry)
    if (left instanceof Promise) {
      left.catch(() => undefined)
      throw new TypeError('the order journal gives a promise, and an order would be sent before it is written down')
    }
  }
  const write = (entry: OrderJournalEntry): void => {
    for (let first = owed[0]; first !== undefined; first = owed[0]) {
      put(first)
      owed.shift()
    }
    put(entry)
  }

  const log: OrderJournalWriter = {
    sent({ cid, order, sentAt, validUntil, epoch }) {
      try {
        write({
          kind: 'sent',
          cid,
          order,
          sentAt,
          ...(validUntil === undefined ? {} : { validUntil }),
          ...(epoch === undefined ? {} : { epoch }),
        })
      } catch (cause) {
        throw new NotSent('place_order', 'journal-failed', 'the order journal could not be written; mend it first', {
          cause,
        })
      }
    },
    settled(cid, fate, order_no) {
      const entry = { kind: 'settled', cid, fate, ...(order_no === undefined ? {} : { order_no }) } as const
      try {
        write(entry)
      } catch {
        // mutant: owed-lines
        owed.push(entry)
      }
    },
    released: (cid, fate) => write({ kind: 'settled', cid, fate }),
    canRelease({ cid, validUntil, epoch }, fate) {
      try {
        log.released(cid, fate)
        return true
      } catch {
        if (validUntil !== undefined && epoch !== undefined) return false
        log.settled(cid, fate, undefined)
        return true
      }
    },
  }
  return log
}
