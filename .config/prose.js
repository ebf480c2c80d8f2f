// `npm run check prose`: counts faults of style in comments and messages, by folder, against prose.json beside this.
// The counts may only fall: `node .config/prose.js --write` lowers them. Words name folders whose faults are listed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const args = process.argv.slice(2)
const at = args.indexOf('--root')
const root = at < 0 ? join(dirname(fileURLToPath(import.meta.url)), '..') : args[at + 1]
const write = args.includes('--write')
const listed = args.filter((word, index) => !word.startsWith('--') && (at < 0 || index !== at + 1))
const budgetFile = join(root, '.config/prose.json')

const WIDTH = 100
const kinds = {
  clause: 'a doc comment that begins with a clause (What, Who, Whether, How …); begin with a verb or a noun',
  word: 'a word of the stop list; name the actor, in plain words',
  wide: `a line of comment of more than ${WIDTH} columns`,
}
const clause = /^(What|Who|Whose|Whom|Whether|How|Where|When|Why)\b/
const stopWords = [
  ...[
    'nobody',
    'somebody',
    'everybody',
    'whoever',
    'whomever',
    'whom',
    'lest',
    'anew',
    'himself',
    'he',
    'she',
    'his',
    'him',
  ],
  ...[
    '(?:in )?(?:its|their|his) stead',
    '(?:is|are|was|were|be|been) told',
    'none of ours',
    'for ever',
    'be it',
    'but for',
  ],
]
const stopWord = new RegExp(`\\b(?:${stopWords.join('|')})\\b`, 'gi')

/** Comments of a file, and the texts of its string literals and templates. */
const proseOf = (text) => {
  const file = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true)
  const comments = new Map()
  const messages = []
  const keep = (pos, end) => {
    comments.set(pos, text.slice(pos, end))
  }
  const visit = (node) => {
    if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode) return
    ts.forEachLeadingCommentRange(text, node.getFullStart(), keep)
    ts.forEachTrailingCommentRange(text, node.end, keep)
    // A single word is a name or a value, not a message.
    if ((ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) && /\S\s+\S/.test(node.text))
      messages.push([node.getStart(), node.getText()])
    for (const child of node.getChildren(file)) visit(child)
  }
  visit(file)
  return { comments, messages }
}

/** Faults of a file; the width of comments counts in src only. */
const findingsOf = (text, isSource) => {
  const { comments, messages } = proseOf(text)
  const lines = text.split('\n')
  const starts = [0]
  for (const line of lines) starts.push(starts.at(-1) + line.length + 1)
  const lineAt = (pos) => starts.findLastIndex((start) => start <= pos) + 1
  const found = []
  for (const [pos, comment] of comments) {
    const words = comment.replace(/^\/\*\*?|\*\/$|^\/\//g, '').replace(/^\s*\* ?/gm, '')
    if (comment.startsWith('/**') && clause.test(words.trim())) found.push(['clause', lineAt(pos), words.trim()])
    const first = lineAt(pos)
    comment.split('\n').forEach((_, index) => {
      const line = lines[first - 1 + index]
      const isComment = /^\s*(\/\/|\/\*|\*)/.test(line)
      if (isSource && isComment && line.length > WIDTH && !/https?:\S{60}|eslint-disable/.test(line))
        found.push(['wide', first + index, line.trim()])
    })
  }
  for (const [pos, words] of [...comments, ...messages])
    for (const match of words.matchAll(stopWord)) found.push(['word', lineAt(pos + match.index), match[0]])
  return found
}

const files = ['src', 'examples', 'marbles']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
const folderOf = (file) => {
  const [top, next, ...rest] = file.split(sep)
  return top === 'src' && rest.length > 0 ? `${top}/${next}` : top
}

const counts = {}
const places = {}
for (const file of files.sort()) {
  const folder = folderOf(file)
  counts[folder] ??= { clause: 0, word: 0, wide: 0 }
  for (const [kind, line, words] of findingsOf(readFileSync(join(root, file), 'utf8'), folder.startsWith('src'))) {
    counts[folder][kind]++
    ;(places[`${folder} ${kind}`] ??= []).push(`${file}:${line}: ${words.split('\n')[0]}`)
  }
}

const budget = existsSync(budgetFile) ? JSON.parse(readFileSync(budgetFile, 'utf8')) : {}
const allowed = (folder, kind) => budget[folder]?.[kind] ?? 0
const isNew = write && !existsSync(budgetFile)
let failed = false
for (const [folder, count] of Object.entries(counts)) {
  for (const kind of Object.keys(kinds)) {
    const isOver = !isNew && count[kind] > allowed(folder, kind)
    if (isOver || listed.includes(folder))
      for (const place of places[`${folder} ${kind}`] ?? []) console.log(`${kind}: ${place}`)
    if (!isOver) continue
    console.error(`${folder}: ${count[kind]} of ${kind}, at most ${allowed(folder, kind)}: ${kinds[kind]}`)
    failed = true
  }
}
if (write) {
  const lower = (folder, count) =>
    Object.fromEntries(
      Object.keys(kinds).map((kind) => [kind, isNew ? count[kind] : Math.min(count[kind], allowed(folder, kind))]),
    )
  const next = Object.entries(counts).map(
    ([folder, count]) =>
      `  ${JSON.stringify(folder)}: ${JSON.stringify(lower(folder, count))
        .replaceAll(/([:,{])/g, '$1 ')
        .replace('}', ' }')}`,
  )
  writeFileSync(budgetFile, `{\n${next.join(',\n')}\n}\n`)
}
process.exit(failed ? 1 : 0)
