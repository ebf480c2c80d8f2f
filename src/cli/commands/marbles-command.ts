import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { draftDiagram } from '../../testing/index.js'
import { checkRegular } from '../../disk/index.js'
import { CliError } from '../cli-error.js'

export interface FromLogOptions {
  readonly out?: string
  readonly title?: string
  readonly market: boolean
}

/** `rxquant marbles from-log`: drafts a diagram module from a recording. Notes go to stderr. */
export function fromLogCommand(file: string, { out, title, market }: FromLogOptions): void {
  if (!existsSync(file)) throw new CliError(`there is no recording ${file}`)
  if (out !== undefined && existsSync(out)) throw new CliError(`${out} is there already; give --out another name`)
  checkRegular(file)
  const draft = draftDiagram(readFileSync(file, 'utf8'), { title: title ?? basename(file, extname(file)), market })
  if (out === undefined) process.stdout.write(draft.source)
  else writeFileSync(out, draft.source, { flag: 'wx' })
  for (const note of draft.notes) console.error(`note: ${note}`)
  console.error(draft.passed ? 'the draft runs and passes' : 'the draft does not pass yet: see the notes')
}
