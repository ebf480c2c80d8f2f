import { NotSent } from '../errors.js'
import type { IntentEntry, IntentJournal } from './intent-journal.js'
import type { Intent } from './proof.js'

type Fate = Extract<IntentEntry, { kind: 'settled' }>['fate']

/** Writes a login's intent journal; does nothing without a journal. */
export interface IntentLog {
  /** Before the order is written. Throws NotSent (journal-failed). */
  sent(intent: Intent): void
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
  frees(intent: Intent, fate: Fate): boolean
}

export function createIntentLog(journal: IntentJournal | undefined): IntentLog {
  const owed: IntentEntry[] = []

  const put = (entry: IntentEntry): void => {
    // Types let an async function pass for one that returns nothing.
    const left: unknown = journal?.write(entry)
    if (left instanceof Promise) {
      left.catch(() => undefined)
      throw new TypeError('the intent journal gives a promise, and an order would be sent before it is written down')
    }
  }
  const write = (entry: IntentEntry): void => {
    for (let first = owed[0]; first !== undefined; first = owed[0]) {
      put(first)
      owed.shift()
    }
    put(entry)
  }

  const log: IntentLog = {
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
        throw new NotSent('place_order', 'journal-failed', 'the intent journal could not be written; mend it first', {
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
    frees({ cid, validUntil, epoch }, fate) {
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
