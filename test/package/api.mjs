// `npm run api`: compares the public names of all entries, with their signatures, with api.txt beside this; `npm run api -- --write` updates it.
// It also finds names that two entries use for different things, and types of public signatures that no entry exports.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const out = join(root, '.cache/api')
const reportFile = join(root, 'test/package/api.txt')

const tsc = join(root, 'node_modules/@typescript/native/bin/tsc')
const options = [
  '--emitDeclarationOnly',
  '--removeComments',
  '--outDir',
  out,
  '--tsBuildInfoFile',
  `${out}/tsbuildinfo`,
]
const emitted = spawnSync(process.execPath, [tsc, '-p', join(root, '.config/tsconfig.build.json'), ...options], {
  stdio: 'inherit',
})
if (emitted.status !== 0) process.exit(2)

const printer = ts.createPrinter({ removeComments: true })
const files = new Map()

/** Declarations, imports and exports of a declaration file, each name with the places where it comes from. */
const read = (path) => {
  if (files.has(path)) return files.get(path)
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const file = { path, source, declared: new Map(), imported: new Map(), exported: new Map(), stars: [] }
  files.set(path, file)
  const declare = (name, node) => file.declared.set(name, [...(file.declared.get(name) ?? []), node])
  const target = (specifier) =>
    specifier.text.startsWith('.') ? join(dirname(path), specifier.text.replace(/\.js$/, '.d.ts')) : undefined
  for (const node of source.statements) {
    const isExported = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0
    if (ts.isVariableStatement(node)) {
      for (const { name } of node.declarationList.declarations) {
        declare(name.text, node)
        if (isExported) file.exported.set(name.text, { name: name.text })
      }
    } else if (ts.isImportDeclaration(node)) {
      const from = target(node.moduleSpecifier)
      const bindings = node.importClause?.namedBindings
      if (from && bindings && ts.isNamedImports(bindings))
        for (const { name, propertyName } of bindings.elements)
          file.imported.set(name.text, { from, name: (propertyName ?? name).text })
    } else if (ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier && target(node.moduleSpecifier)
      if (!node.exportClause) file.stars.push(from)
      else
        for (const { name, propertyName } of node.exportClause.elements)
          file.exported.set(name.text, { from, name: (propertyName ?? name).text })
    } else if (node.name) {
      declare(node.name.text, node)
      if (isExported) file.exported.set(node.name.text, { name: node.name.text })
    }
  }
  return file
}

/** The file that declares a name, and its name there. */
const originOf = (path, name) => {
  const file = read(path)
  const via = file.exported.get(name)?.from ? file.exported.get(name) : undefined
  if (via) return originOf(via.from, via.name)
  const local = file.exported.get(name)?.name ?? name
  if (file.imported.has(local)) return originOf(file.imported.get(local).from, file.imported.get(local).name)
  if (file.declared.has(local)) return { path, name: local }
  for (const star of file.stars) {
    const found = originOf(star, name)
    if (found) return found
  }
}
const exportsOf = (path) => {
  const file = read(path)
  return [...file.exported.keys(), ...file.stars.flatMap(exportsOf)]
}

const isHidden = (member) =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0 ||
  (member.name && ts.isPrivateIdentifier(member.name))
/** Types that a declaration names in what users see of it: not in its private members. */
const namesIn = (node) => {
  const names = []
  const visit = (child) => {
    if (ts.isClassElement(child) && isHidden(child)) return
    if (ts.isTypeReferenceNode(child) && ts.isIdentifier(child.typeName)) names.push(child.typeName.text)
    if (ts.isExpressionWithTypeArguments(child) && ts.isIdentifier(child.expression)) names.push(child.expression.text)
    ts.forEachChild(child, visit)
  }
  ts.forEachChild(node, visit)
  return names
}
/** The text of a declaration in the report: one member a line, without what is private. */
const textOf = (node, source) => {
  if (ts.isClassDeclaration(node)) {
    const members = node.members.filter((member) => !isHidden(member))
    node = ts.factory.updateClassDeclaration(
      node,
      node.modifiers,
      node.name,
      node.typeParameters,
      node.heritageClauses,
      members,
    )
  }
  const text = printer.printNode(ts.EmitHint.Unspecified, node, source)
  return text.replace(/^export (declare )?/, '').replace(/;$/gm, '')
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.entries(manifest.exports).map(([entry, { types }]) => [
  entry.replace(/^\./, 'rxquant'),
  join(out, types.replace('./dist/', '')),
])

const report = []
const known = new Set()
const uses = new Map()
for (const [entry, path] of entries) {
  const names = [...new Set(exportsOf(path))].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  report.push(`## ${entry} (${names.length})`, '')
  for (const name of names) {
    const origin = originOf(path, name)
    const id = `${relative(out, origin.path)}:${origin.name}`
    const { declared, source } = read(origin.path)
    const isFirst = !known.has(id)
    known.add(id)
    uses.set(name, new Map([...(uses.get(name) ?? []), [id, [...(uses.get(name)?.get(id) ?? []), entry]]]))
    if (isFirst) for (const node of declared.get(origin.name)) report.push(textOf(node, source))
    else report.push(`${name}: see ${uses.get(name).get(id)[0]}`)
  }
  report.push('')
}

const problems = []
for (const [name, byId] of uses)
  if (byId.size > 1)
    problems.push(
      `${name} means different things: ${[...byId].map(([id, where]) => `${id} (${where.join(', ')})`).join('; ')}`,
    )
const missing = new Map()
for (const id of known) {
  const at = id.lastIndexOf(':')
  const { declared, path } = read(join(out, id.slice(0, at)))
  for (const node of declared.get(id.slice(at + 1)))
    for (const used of namesIn(node)) {
      const origin = originOf(path, used)
      const of = origin && `${relative(out, origin.path)}:${origin.name}`
      if (of && !known.has(of)) missing.set(of, [...(missing.get(of) ?? []), id.slice(at + 1)])
    }
}
for (const [id, users] of missing)
  problems.push(`no entry exports ${id}, which the signature of ${[...new Set(users)].join(', ')} names`)

const count = new Set([...uses.keys()]).size
const text = `# Public names of the package by entry, with their signatures. Written by \`npm run api -- --write\`.\n# ${count} names, ${known.size} declarations.\n\n${report.join('\n')}`
if (process.argv.includes('--write')) writeFileSync(reportFile, text)
const stored = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : ''
if (stored !== text) {
  const [before, now] = [new Set(stored.split('\n')), new Set(text.split('\n'))]
  for (const line of before) if (!now.has(line)) console.error(`- ${line}`)
  for (const line of now) if (!before.has(line)) console.error(`+ ${line}`)
  console.error(
    'The public names or signatures changed. If that is meant: npm run api -- --write, and an entry in CHANGELOG.md.',
  )
}
for (const problem of problems) console.error(problem)
process.exit(stored !== text || problems.length > 0 ? 1 : 0)
