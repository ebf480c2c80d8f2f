import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A jest reporter that leaves the totals of a run in a file, for .ci/run: `npm cit` hands no --json on to jest. */
export default class ResultsFile {
  constructor(_globalConfig, { file }) {
    this.file = file
  }

  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    mkdirSync(dirname(this.file), { recursive: true })
    writeFileSync(this.file, JSON.stringify({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites }))
  }
}
