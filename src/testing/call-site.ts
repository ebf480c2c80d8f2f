/** Place of a scenario in the user's files. */
export interface CallSite {
  readonly file: string
  readonly line: number
}

const framePattern = /(?:\(|at )(?:async )?((?:file:\/\/)?[^\s()]+?):(\d+):\d+\)?$/

/** File and line of a frame. */
const siteOf = (frame: string): CallSite | undefined => {
  const [, file, number] = framePattern.exec(frame.trim()) ?? []
  return file === undefined ? undefined : { file: file.replace(/^file:\/\//, ''), line: Number(number) }
}

/** The first of `frames` that `find` knows. */
const firstSite = (frames: string | undefined, find: (frame: string) => CallSite | undefined): CallSite | undefined => {
  for (const frame of (frames ?? '').split('\n').slice(1)) {
    const site = find(frame)
    if (site !== undefined) return site
  }
  return undefined
}

// Not `import.meta`: a test runner that turns this module into CommonJS (jest by default) has none.
const here = firstSite(new Error('for its stack').stack, siteOf)?.file.replace(/[^/]*$/, '')
const isOfKit = (file: string): boolean =>
  here !== undefined && (file.startsWith(here) || file.startsWith(here.replace(/testing\/$/, 'time/')))

/** A frame of the user's code: neither the kit, nor a package, nor Node. */
const userSite = (frame: string): CallSite | undefined => {
  const site = siteOf(frame)
  if (site === undefined || isOfKit(site.file)) return undefined
  return site.file.includes('/node_modules/') || site.file.startsWith('node:') ? undefined : site
}

/** The first place on the stack that is neither the kit nor a package. */
export const callSite = (stack: string | undefined = new Error('for its stack').stack): CallSite | undefined =>
  firstSite(stack, userSite)

/** Place of the user's code on a stack, in words. */
export const placeIn = (stack: string | undefined): string => {
  const site = callSite(stack)
  return site === undefined ? 'by a library that the pipeline uses' : `${shortFile(site.file)}:${site.line}`
}

const mostFrames = 4

/**
 * The frames of a stack that help its reader, as `at name (file:line:column)`: those of the user's
 * files, however deep below the operators they are; where there are none, the first of all.
 */
export const tellingFrames = (stack: string): readonly string[] => {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  const users = frames.filter((frame) => userSite(frame) !== undefined)
  return (users.length > 0 ? users : frames)
    .slice(0, mostFrames)
    .map((frame) =>
      frame.trim().replace(/(?:file:\/\/)?(\/[^():]+)(?=:\d+)/, (file) => shortFile(file.replace(/^file:\/\//, ''))),
    )
}

interface FileReader {
  readFileSync(path: string, encoding: 'utf8'): string
}

// Asked for, not imported: the kit runs in a browser as well, only without the line of a lane.
const host = (globalThis as { process?: { cwd?(): string; getBuiltinModule?(name: string): unknown } }).process

const linesOf = (file: string): readonly string[] => {
  try {
    const files = host?.getBuiltinModule?.('node:fs') as FileReader | undefined
    return files?.readFileSync(file, 'utf8').split('\n') ?? []
  } catch {
    return []
  }
}

/**
 * The line of the file that holds `text`: the first at or after the call, else the last before it.
 */
const lineHolding = (lines: readonly string[], text: string, from: number): number | undefined => {
  const wanted = text.trim()
  const holds = (line: string) => line.includes(wanted)
  const after = lines.findIndex((line, i) => i >= from - 1 && holds(line))
  const found = after >= 0 ? after : lines.findLastIndex(holds)
  return found < 0 ? undefined : found + 1
}

/**
 * Finds line `line` of `text` in the file of the call; returns the call itself if the text is not
 * there.
 */
export const siteOfLine = (site: CallSite, text: string, line: number): CallSite => {
  const raw = text.split('\n')[line - 1] ?? ''
  const found = raw.trim() === '' ? undefined : lineHolding(linesOf(site.file), raw, site.line)
  return { file: site.file, line: found ?? site.line }
}

/** `test/strategy.test.ts:14`, as {@link siteOfLine} finds it. */
export const place = (site: CallSite | undefined, text: string, line: number): string | undefined => {
  if (site === undefined) return undefined
  const found = siteOfLine(site, text, line)
  return `${shortFile(found.file)}:${found.line}`
}

/**
 * Makes the stack of an error begin where the user can do something about it: a test runner shows
 * the code there.
 */
export const pointTo = (error: Error, site: CallSite | undefined): void => {
  const frame = site === undefined ? '' : `\n    at lanes (${site.file}:${site.line}:1)`
  Object.defineProperty(error, 'stack', {
    value: `${error.name}: ${error.message}${frame}`,
    writable: true,
    configurable: true,
    enumerable: false,
  })
}

/** The file as seen from the working directory. */
export const shortFile = (file: string): string => {
  const folder = host?.cwd?.()
  return folder !== undefined && file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file
}
