import type { Outcome } from './campaign.js'
import { wanted } from './faults.js'
import { Hits } from './hits.js'

const table = (counts: Readonly<Record<string, number>>, marked: readonly string[] = []): string[] =>
  Object.entries(counts).map(
    ([name, count]) => `${String(count).padStart(9)}  ${name}${marked.includes(name) ? '   ◀ too few' : ''}`,
  )

/** What many runs have shown, in words, and whether that is good. */
export const summaryOf = (outcome: Outcome, seconds: number): { readonly text: string; readonly good: boolean } => {
  const { runs, failures, steps, virtualMs } = outcome
  const hits = new Hits()
  hits.add(outcome.hits)
  const tooFew = hits.tooFew(runs)
  const lines = [
    'What came of them:',
    ...table(Object.fromEntries(Object.entries(outcome.hits.ends).sort())),
    '',
    'Faults, and how often each was hit:',
    ...table(outcome.hits.faults, tooFew),
    '',
  ]
  if (tooFew.length > 0) {
    lines.push(`${tooFew.length} classes of fault were hit ${wanted.hits} times or less: ${tooFew.join('; ')}`)
  } else if (runs >= wanted.ofSeeds) lines.push(`every class of fault was hit over ${wanted.hits} times`)
  lines.push(
    `${runs} runs, ${failures.length} failed; ${(virtualMs / 3_600_000).toFixed(1)} virtual hours and ${steps} events in ${seconds.toFixed(1)} s: ${(runs / seconds).toFixed(0)} runs/s`,
  )
  return { text: lines.join('\n'), good: failures.length === 0 && tooFew.length === 0 }
}
