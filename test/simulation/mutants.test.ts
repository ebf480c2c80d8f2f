import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import { allMarkers, markersIn, replaced } from './markers.js'
import { mutants } from './mutants.js'

const root = join(import.meta.dirname, '../..')
const markers = allMarkers(root, 'src')
const edits = mutants.flatMap((mutant) => mutant.edits.map((edit) => ({ name: mutant.name, ...edit })))

/** The identifiers of a piece of code, property names included. */
const identifiersIn = (code: string): ReadonlySet<string> => {
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) found.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('a.ts', code, ts.ScriptTarget.Latest))
  return found
}
const ofTheLanguage = new Set(['queueMicrotask', 'undefined', 'const'])

describe('the safeguards that npm run simulate:mutants takes away', () => {
  it.each(edits)('has one marker in the source, whose code can be replaced: $name ($marker)', ({ marker, to }) => {
    const marked = markers.filter(({ name }) => name === marker)
    expect(marked).toHaveLength(1)
    const [only] = marked
    const before = readFileSync(join(root, only!.file), 'utf8')
    const after = replaced(before, only!, to)
    expect(after).not.toBe(before)
    const { diagnostics } = ts.transpileModule(after, { reportDiagnostics: true, compilerOptions: { module: 99 } })
    expect(diagnostics?.map(({ messageText }) => messageText)).toEqual([])
    // A name that the source no longer has would make every seed fail, whatever the safeguard does.
    const known = identifiersIn(before)
    const unknown = [...identifiersIn(to.replaceAll('$&', 'undefined'))].filter((each) => !known.has(each))
    expect(unknown.filter((each) => !ofTheLanguage.has(each))).toEqual([])
  })

  it('are all that the source marks', () => {
    const used = new Set(edits.map(({ marker }) => marker))
    expect(markers.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
  })

  it('have a name and markers of their own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
    expect(new Set(edits.map(({ marker }) => marker)).size).toBe(edits.length)
  })
})

describe('a marker', () => {
  const replacing = (text: string, to: string): string => {
    const [only] = markersIn('a.ts', text)
    return replaced(text, only!, to)
  }

  it.each([
    ['// mutant: it\nif (a) {\n  b()\n}\nc()', '', '// mutant: it\n\nc()'],
    ['// mutant: it\n// A reason.\nb()\n', 'd()', '// mutant: it\n// A reason.\nd()\n'],
    ['const x = a && /* mutant: it */ b === c && d', 'true', 'const x = a && /* mutant: it */ true && d'],
    [
      'pipe(\n  // mutant: it\n  filter(a),\n  map(b),\n)',
      'filter(e)',
      'pipe(\n  // mutant: it\n  filter(e),\n  map(b),\n)',
    ],
    ['f({ /* mutant: it */ a: 1, b })', 'a: 2', 'f({ /* mutant: it */ a: 2, b })'],
    [
      'switch (a) {\n  case /* mutant: it */ b:\n    c()\n}',
      'd',
      'switch (a) {\n  case /* mutant: it */ d:\n    c()\n}',
    ],
    ['const f = () =>\n  // mutant: it\n  a ? b : c\n', '!($&)', 'const f = () =>\n  // mutant: it\n  !(a ? b : c)\n'],
  ])('stands for the code behind it: %j', (text, to, expected) => {
    expect(replacing(text, to)).toBe(expected)
  })

  it('that stands before nothing is told', () => {
    expect(() => markersIn('a.ts', 'a()\n// mutant: it\n')).toThrow(
      'a.ts: nothing can be replaced behind the marker it',
    )
  })
})
