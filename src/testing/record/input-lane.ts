import { Observable, type SchedulerLike, Subject, Subscription } from 'rxjs'
import type { LaneRecord } from './lane-record.js'

/** A subscription or unsubscription, and whether it only followed from the lane's own end. */
export interface SubscriptionRecord extends LaneRecord {
  readonly byEnd: boolean
  /** True where the kit itself unsubscribed: at a `!`, or at the end of the run. */
  readonly byKit: boolean
}

const deliver = (to: { next(v: unknown): void; error(e: unknown): void; complete(): void }, record: LaneRecord) => {
  if (record.kind === 'next') to.next(record.value)
  else if (record.kind === 'error') to.error(record.value)
  else to.complete()
}

/** A lane that is played, and the records of who subscribed to it when. */
export interface InputLane {
  readonly kind: 'hot' | 'cold'
  readonly observable: Observable<unknown>
  readonly subscriptions: readonly SubscriptionRecord[]
  /** Delivered events, with their instants. */
  readonly delivered: readonly LaneRecord[]
  /** Events of the script that reached no subscriber. */
  unheard(): readonly LaneRecord[]
}

/** Tells whether the kit itself is unsubscribing just now. */
export interface Leaving {
  isLeaving: boolean
}

const watched = (
  scheduler: SchedulerLike,
  records: readonly LaneRecord[],
  leaving: Leaving,
  connect: (onRecord: (record: LaneRecord, copy?: LaneRecord) => void) => Observable<unknown>,
): Pick<InputLane, 'observable' | 'subscriptions' | 'delivered' | 'unheard'> => {
  const subscriptions: SubscriptionRecord[] = []
  const delivered: LaneRecord[] = []
  // Two subscribers see one event of a hot lane: it is one event all the same.
  const noted = new Set<LaneRecord>()
  const heard = new Set<LaneRecord>()
  const observable = new Observable<unknown>((subscriber) => {
    const note = (kind: 'subscribe' | 'unsubscribe', byEnd: boolean) =>
      subscriptions.push({ atMs: scheduler.now(), kind, value: undefined, byEnd, byKit: leaving.isLeaving })
    let ended = false
    note('subscribe', false)
    const subscription = connect((record, copy = record) => {
      ended ||= record.kind !== 'next'
      heard.add(record)
      if (noted.has(copy)) return
      noted.add(copy)
      delivered.push({ ...record, atMs: scheduler.now() })
    }).subscribe(subscriber)
    return () => {
      note('unsubscribe', ended)
      subscription.unsubscribe()
    }
  })
  return { observable, subscriptions, delivered, unheard: () => records.filter((record) => !heard.has(record)) }
}

/** Plays its events at their instants, with or without subscribers. */
export const hotLane = (
  scheduler: SchedulerLike,
  records: readonly LaneRecord[],
  leaving: Leaving,
): InputLane & { start(): void } => {
  const subject = new Subject<unknown>()
  let playing: LaneRecord | undefined
  const lane = watched(scheduler, records, leaving, (onRecord) => {
    const tell = () => {
      if (playing !== undefined) onRecord(playing)
    }
    return new Observable((subscriber) =>
      subject.subscribe({
        next: (value) => {
          tell()
          subscriber.next(value)
        },
        error: (error: unknown) => {
          tell()
          subscriber.error(error)
        },
        complete: () => {
          tell()
          subscriber.complete()
        },
      }),
    )
  })
  return {
    kind: 'hot',
    ...lane,
    start: () => {
      for (const record of records) {
        if (record.atMs < scheduler.now()) continue
        scheduler.schedule(function hotLaneEvent() {
          playing = record
          deliver(subject, record)
          playing = undefined
        }, record.atMs - scheduler.now())
      }
    },
  }
}

/** Plays its events from the beginning for each subscriber. */
export const coldLane = (scheduler: SchedulerLike, records: readonly LaneRecord[], leaving: Leaving): InputLane => ({
  kind: 'cold',
  ...watched(
    scheduler,
    records,
    leaving,
    (onRecord) =>
      new Observable((subscriber) => {
        const all = new Subscription()
        for (const record of records) {
          all.add(
            scheduler.schedule(function coldLaneEvent() {
              onRecord(record, { ...record })
              deliver(subscriber, record)
            }, record.atMs),
          )
        }
        return all
      }),
  ),
})
