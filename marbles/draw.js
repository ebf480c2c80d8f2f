// Runs marbles/*.marble.ts, draws an SVG beside each and a gallery of them all. `--check` writes nothing and fails where
// something would have been written; words choose files by name.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { drawDiagram } from '../src/testing/index.ts'

const folder = dirname(fileURLToPath(import.meta.url))
const check = process.argv.includes('--check')
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const names = readdirSync(folder, { recursive: true })
  .filter((file) => file.endsWith('.marble.ts'))
  .map((file) => file.replace(/\.marble\.ts$/, '').replaceAll('\\', '/'))
  .sort()

let wrong = 0
const keep = (file, text) => {
  const path = join(folder, file)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  if (check) {
    console.error(`stale: marbles/${file}; \`npm run marbles\` draws it anew`)
    wrong++
    return
  }
  writeFileSync(path, text)
  console.log(`drawn: marbles/${file}`)
}

const drawn = []
for (const name of names) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  const source = readFileSync(join(folder, `${name}.marble.ts`), 'utf8')
  try {
    const { default: diagram } = await import(pathToFileURL(join(folder, `${name}.marble.ts`)).href)
    keep(`${name}.svg`, drawDiagram(diagram))
    drawn.push({ name, diagram, source })
  } catch (error) {
    console.error(`\nmarbles/${name}.marble.ts: ${error instanceof Error ? error.message : String(error)}`)
    wrong++
  }
}

const headings = {
  operators: 'Operators',
  signals: 'Signals',
  client: 'The client: its contract',
  outcomes: 'The client: how a command ends',
  strategies: 'Strategies',
}
const chapterOf = (name) => (name.includes('/') ? name.split('/')[0] : 'more')
const chapters = [...new Set([...Object.keys(headings), ...drawn.map(({ name }) => chapterOf(name))])]
const gallery = `# Marbles

Each of these is a test, and its picture is drawn from the run of that test: \`npm test -- marbles\` runs them, \`npm run marbles\`
draws them. This page is made from them too.

Time runs from left to right on one axis that all lanes share; long gaps are shortened. What stands in one column happened at one
instant, in the order from top to bottom.
${chapters
  .map((chapter) => {
    const all = drawn.filter(({ name }) => chapterOf(name) === chapter)
    if (all.length === 0) return ''
    return `\n## ${headings[chapter] ?? chapter}\n${all
      .map(
        ({ name, diagram }) =>
          `\n### ${diagram.title}\n\n${diagram.text.trim()}\n\n[![${diagram.title}](${name}.svg)](${name}.marble.ts)\n`,
      )
      .join('')}`
  })
  .join('')}`
if (words.length === 0 && wrong === 0) {
  keep('README.md', gallery)
  for (const file of readdirSync(folder, { recursive: true })) {
    const orphan = file.endsWith('.svg') && !names.includes(file.replace(/\.svg$/, '').replaceAll('\\', '/'))
    if (!orphan) continue
    if (check) {
      console.error(`stale: marbles/${file} has no diagram`)
      wrong++
    } else rmSync(join(folder, file))
  }
}
if (check && wrong === 0) console.log(`marbles: ${drawn.length} pictures are what their runs show`)
process.exit(wrong > 0 ? 1 : 0)
