/** Finds out which login an `op: error` frame answers: the frame itself does not say what it is about. */
export interface Complaints {
  /** A request, or a ping, was written. */
  asked(id: string | number, isLogin: boolean): void
  /** It was answered. */
  answered(id: string | number): void
  /** Nobody waits for its answer any more. */
  givenUp(id: string | number): void
  /** An error frame has arrived. */
  complained(words: string): void
}

/**
 * An error frame answers one of the frames that were unanswered as it came. Where exactly one login is among them, the others
 * clear themselves by their own answers; if the login is all that is left, the error was its answer, and `refused` is called.
 * If another of them stays unanswered, nobody knows.
 */
export const findsComplaints = (refused: (cid: string, words: string) => void): Complaints => {
  const unanswered = new Set<string | number>()
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
    asked(id, isLogin) {
      unanswered.add(id)
      if (isLogin && typeof id === 'string') logins.add(id)
    },
    answered(id) {
      forget(id)
      if (complaint?.login === id) complaint = undefined
      else if (complaint?.suspects.delete(id) === true) look()
    },
    givenUp(id) {
      forget(id)
      if (complaint?.suspects.has(id) === true) complaint = undefined
    },
    complained(words) {
      const [login, another] = logins
      if (complaint !== undefined || login === undefined || another !== undefined) return
      complaint = { login, words, suspects: new Set(unanswered) }
      look()
    },
  }
}
