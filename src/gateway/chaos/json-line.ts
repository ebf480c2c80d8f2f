/** A string, a mark, or anything else that is one word. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/**
 * The line, counted from 1, on which what stands at a path of a JSON text begins; of a path that is
 * not there, that of the longest part of it which is. For errors: JSON.parse forgets where things
 * stood.
 */
export const jsonLine = (text: string, path: readonly string[]): number => {
  const wanted = path.map(String)
  // One for each object and list that is open: the key or index at which it is.
  const stack: { readonly isList: boolean; key: string }[] = []
  let found = { depth: 0, at: 0 }
  let last: { text: string; at: number } | undefined

  const look = (at: number): void => {
    if (stack.length <= found.depth || stack.length > wanted.length) return
    if (stack.every(({ key }, depth) => key === wanted[depth])) found = { depth: stack.length, at }
  }
  for (const { 0: word, index } of text.matchAll(token)) {
    const open = stack.at(-1)
    if (word === ':' && open !== undefined && last !== undefined) {
      open.key = JSON.parse(last.text) as string
      look(last.at)
    } else if (word === ',' && open?.isList === true) {
      open.key = String(Number(open.key) + 1)
    } else if (word === ']' || word === '}') {
      stack.pop()
    } else if (word !== ',' && word !== ':') {
      if (open?.isList === true) look(index)
      if (word === '[' || word === '{') stack.push({ isList: word === '[', key: word === '[' ? '0' : '' })
    }
    last = { text: word, at: index }
  }
  return text.slice(0, found.at).split('\n').length
}
