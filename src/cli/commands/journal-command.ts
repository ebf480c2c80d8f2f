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

/** A folder is a gateway's journal, a file that of a client's orders. */
const kindOf = (path: string): Kind => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new CliError(`there is no journal ${path}`)
  if (!stats.isDirectory()) return { paths: [path], check: checkOrderJournal, repair: repairOrderJournal }
  const paths = venueFolders(path)
  if (paths.length === 0) throw new CliError(`${path} holds no journal of a gateway`)
  return { paths, check: checkVenueJournal, repair: repairVenueJournal }
}

/** `rxquant journal check`: says what is wrong with a journal, and changes nothing. Ends with 1 where something is. */
export function checkCommand(path: string): void {
  const { paths, check } = kindOf(path)
  const reports = paths.map(check)
  for (const { path: each, finding, notes } of reports) {
    console.log(`${each}: ${finding === '' ? 'sound' : 'damaged'}`)
    for (const words of finding === '' ? notes : [finding, ...notes]) console.log(`  ${words}`)
  }
  if (reports.some(({ finding }) => finding !== '')) process.exitCode = 1
}

/** `rxquant journal repair`: mends what can be mended, and keeps what was there. */
export function repairCommand(path: string): void {
  const { paths, repair } = kindOf(path)
  for (const each of paths) {
    console.log(each)
    for (const words of repair(each)) console.log(`  ${words}`)
  }
}
