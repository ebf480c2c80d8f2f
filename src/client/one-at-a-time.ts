/**
 * Makes `take` handle one value at a time: a value that arrives while another is being handled
 * waits until that one is done. All of it happens before the outermost call returns.
 */
export const oneAtATime = <T>(take: (value: T) => void): ((value: T) => void) => {
  const waiting: T[] = []
  let isBusy = false
  return (value) => {
    if (isBusy) {
      waiting.push(value)
      return
    }
    isBusy = true
    try {
      take(value)
      // By index: the same loop sees what is added meanwhile.
      for (let at = 0; at < waiting.length; at++) take(waiting[at] as T)
    } finally {
      if (waiting.length > 0) waiting.length = 0
      isBusy = false
    }
  }
}
