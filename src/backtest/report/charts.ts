/** Script and style of the charts that a browser draws, with the hash of the script. */
export interface Charts {
  readonly script: string
  /** SHA-256 of the script in base64, for the content security policy. */
  readonly sha256: string
  readonly style: string
}

/**
 * Charts of the report: lightweight-charts and uPlot. Empty in the sources, where a report has its
 * static pictures alone; the build puts the bundle of `.config/report` here.
 */
export const CHARTS: Charts = { script: '', sha256: '', style: '' }
