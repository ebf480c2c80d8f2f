import type { Instant } from '../../time/index.js'

/** Finds out which login an `op: error` frame answers: the frame itself does not name a request. */
export interface Complaints {
  /** A request, or a ping, was written. */
  asked(id: string | number, at: Instant, isLogin: boolean): void
  /** It was answered. Returns the instant at which it was asked, if it was waited for. */
  answered(id: string | number): Instant | undefined
  /** Its answer is no longer waited for. */
  givenUp(id: string | number): void
  /** An error frame has arrived. */
  complained(words: string): void
}

/**
 * An error frame answers one of the frames that were unanswered as it came. Where exactly one login
 * is among them, the others clear themselves by their own answers; if only the login is left, the
 * error was its answer, and `refused` is called. If another of them stays unanswered, the error
 * cannot be attributed.
 */
export const findsComplaints = (refused: (cid: string, words: string) => void): Complaints => {
  const unanswered = new Map<string | number, Instant>()
  const logins = new Set<string>()
  let complaint: { readonly login: string; readonly words: string; readonly suspects: Set<string | number> } | undefined

  const look = (): void => {
    if (complaint?.suspects.size !== 1) return
    const { login, words } = complaint
    complaint = undefined
    refused(login, words)
  }
  const forget = (id: string | number): void => {
    unanswered.delete(id)
    if (typeof id === 'string') logins.delete(id)
  }

  return {
    asked(id, at, isLogin) {
      unanswered.set(id, at)
      if (isLogin && typeof id === 'string') logins.add(id)
    },
    answered(id) {
      const at = unanswered.get(id)
      forget(id)
      if (complaint?.login === id) complaint = undefined
      else if (complaint?.suspects.delete(id) === true) look()
      return at
    },
    givenUp(id) {
      forget(id)
      if (complaint?.suspects.has(id) === true) complaint = undefined
    },
    complained(words) {
      const [login, another] = logins
      if (complaint !== undefined || login === undefined || another !== undefined) return
      complaint = { login, words, suspects: new Set(unanswered.keys()) }
      look()
    },
  }
}
