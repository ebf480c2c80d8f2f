import type { ExpectedRecord } from '../compare/align.js'
import { type GatewayLanes, isGatewayLane } from '../gateway/gateway-lanes.js'
import { NotationError, type NotationProblem } from '../notation/problem.js'
import { isEvent } from '../record/lane-record.js'
import type { Scenario } from '../scenario.js'
import type { ScriptLane } from '../script.js'
import { Dictionary } from '../vocabulary.js'

/** Gives every event of every lane its value; reports all faults together. */
export const resolve = (
  lanes: readonly ScriptLane[],
  gateway: GatewayLanes,
  scenario: Scenario,
): Map<string, readonly ExpectedRecord[]> => {
  const dictionary = new Dictionary(scenario)
  const sourceText = lanes[0]?.sourceText ?? ''
  const problems: { readonly text: string; readonly problem: NotationProblem }[] = gateway.problems.map((problem) => ({
    text: sourceText,
    problem,
  }))
  const resolved = new Map<string, readonly ExpectedRecord[]>()
  for (const lane of lanes.filter((each) => !isGatewayLane(each))) {
    const records: ExpectedRecord[] = []
    for (const event of lane.events) {
      const meaning = dictionary.meaning(event, lane.isClassic)
      if ('problem' in meaning) problems.push({ text: lane.sourceText, problem: meaning.problem })
      else records.push({ atMs: event.atMs, kind: event.kind, value: meaning.value, text: event.text })
    }
    if (lane.qualifiers.silent === true && records.some(isEvent)) {
      problems.push({
        text: lane.sourceText,
        problem: { span: lane.span, message: `"${lane.name}" is said to be silent, but has events` },
      })
    }
    resolved.set(lane.name, records)
  }
  const first = lanes[0]
  for (const unused of dictionary.unused()) {
    problems.push({
      text: first?.sourceText ?? '',
      problem: { span: first?.span ?? { line: 1, column: 1, length: 1 }, message: `the ${unused} is used in no lane` },
    })
  }
  if (problems.length > 0) {
    const text = problems[0]?.text ?? ''
    throw new NotationError(
      text,
      problems.map(({ problem }) => problem),
    )
  }
  return resolved
}
