/** One figure of a metric; `labels` say which, where there are several. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string | number>>
  /** Suffix of the metric's name: the parts of a histogram have names of their own. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
  readonly value: number
}

/**
 * A metric in the words of Prometheus: a counter's name ends in `_total`, other names in their
 * unit.
 */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}

export const metricContentType = 'text/plain; version=0.0.4; charset=utf-8'

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

const figure = (value: number): string => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value))

const line = (name: string, { labels = {}, suffix, value }: Sample): string => {
  const pairs = Object.entries(labels).map(
    ([label, word]) => `${label}="${typeof word === 'number' ? figure(word) : escaped(word)}"`,
  )
  return `${name}${suffix ?? ''}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${figure(value)}\n`
}

/** The text exposition format 0.0.4 of Prometheus. */
export const metricText = (metrics: readonly Metric[]): string =>
  metrics
    .map(
      ({ name, type, help, samples }) =>
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n` +
        samples.map((sample) => line(name, sample)).join(''),
    )
    .join('')
