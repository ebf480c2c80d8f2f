import { statSync } from 'node:fs'
import { checkVenueJournal, repairVenueJournal } from '../../gateway/index.js'
import { venueFolders } from '../../gateway/internal.js'
import { checkOrderJournal, repairOrderJournal } from '../../journal/index.js'
import { CliError } from '../cli-error.js'

interface Kind {
  readonly paths: readonly string[]
  readonly check: typeof checkVenueJournal
  readonly repair: typeof repairVenueJournal
}

/** Distinguishes the journal of a gateway (a folder) from an order journal (a file). */
const kindOf = (path: string): Kind => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new CliError(`there is no journal ${path}`)
  if (!stats.isDirectory()) return { paths: [path], check: checkOrderJournal, repair: repairOrderJournal }
  const paths = venueFolders(path)
  if (paths.length === 0) throw new CliError(`${path} holds no journal of a gateway`)
  return { paths, check: checkVenueJournal, repair: repairVenueJournal }
}

/**
 * `rxquant journal check`: reports damage of a journal without changing it. Sets exit code 1 if it
 * is damaged.
 */
export function checkCommand(path: string): void {
  const { paths, check } = kindOf(path)
  const reports = paths.map(check)
  for (const { path: each, finding, notes } of reports) {
    console.log(`${each}: ${finding === '' ? 'sound' : 'damaged'}`)
    for (const words of finding === '' ? notes : [finding, ...notes]) console.log(`  ${words}`)
  }
  if (reports.some(({ finding }) => finding !== '')) process.exitCode = 1
}

/** `rxquant journal repair`: repairs a journal and keeps the old files. */
export function repairCommand(path: string): void {
  const { paths, repair } = kindOf(path)
  for (const each of paths) {
    console.log(each)
    for (const words of repair(each)) console.log(`  ${words}`)
  }
}
