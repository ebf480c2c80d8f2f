import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A comment `mutant: some-words` in the source, and the code that stands behind it. */
export interface Marker {
  readonly name: string
  readonly file: string
  readonly start: number
  readonly end: number
}

const comment = /(?:\/\/|\/\*) mutant: ([a-z0-9-]+)(?: \*\/|$)/gm

/** The largest node that begins at this place: a statement, an argument, a property, the right side of an `&&`. */
const nodeAt = (source: ts.SourceFile, start: number): ts.Node | undefined => {
  let found: ts.Node | undefined
  const visit = (node: ts.Node): void => {
    if (found !== undefined || start < node.pos || start >= node.end) return
    if (node !== source && node.getStart(source) === start) found = node
    else ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The start of the first token behind `at`: comments between are skipped. */
const nextToken = (text: string, at: number): number => {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text, undefined, at)
  scanner.scan()
  return scanner.getTokenStart()
}

export const markersIn = (file: string, text: string): readonly Marker[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  return [...text.matchAll(comment)].map(({ 0: whole, 1: name = '', index }) => {
    const start = nextToken(text, index + whole.length)
    const node = nodeAt(source, start)
    if (node === undefined) throw new Error(`${file}: nothing can be replaced behind the marker ${name}`)
    return { name, file, start, end: node.end }
  })
}

/**
 * The source with the marked code replaced.
 *
 * @param to - the new code; `$&` in it stands for the old
 */
export const replaced = (text: string, { start, end }: Marker, to: string): string =>
  `${text.slice(0, start)}${to.replaceAll('$&', () => text.slice(start, end))}${text.slice(end)}`

/** All markers of a folder. */
export const allMarkers = (root: string, folder: string): readonly Marker[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(root, folder, name), 'utf8')
      return text.includes(' mutant: ') ? markersIn(join(folder, name), text) : []
    })
