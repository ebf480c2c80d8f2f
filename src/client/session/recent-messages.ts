import { StateCode } from '../../protocol/index.js'

/**
 * Words of the server about a login that is not READY. The last ones may only be `disconnected`,
 * where the first told the reason.
 */
export interface RecentMessages {
  take(code: number, words: string): void
  readonly last: string
  /** Its first words and its first words of trouble, where they are not the last. */
  readonly earlier: readonly string[]
}

/** These tell of progress. */
const isProgress = (code: number): boolean =>
  code === StateCode.CONNECT_SUCCESS || code === StateCode.RECONNECTING || code === StateCode.READY

export const createRecentMessages = (): RecentMessages => {
  let first = ''
  let firstTrouble = ''
  let last = ''
  return {
    take(code, words) {
      if (words === '') return
      if (first === '') first = words
      if (firstTrouble === '' && !isProgress(code)) firstTrouble = words
      last = words
    },
    get last() {
      return last
    },
    get earlier() {
      return [...new Set([first, firstTrouble])].filter((words) => words !== '' && words !== last)
    },
  }
}
