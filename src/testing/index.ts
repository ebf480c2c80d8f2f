export { type Difference, type ErrorClass, Like, like } from './compare/difference.js'
export type { CallSite } from './call-site.js'
export type { ExpectedRecord, Pair, Verdict } from './compare/align.js'
export { MarblesFailed } from './failed.js'
export {
  type EmitOptions,
  type Expect,
  type MarbleExpectation,
  type MatcherResult,
  marbleMatchers,
  withMarbles,
} from './jest.js'
export { marbles } from './marbles.js'
export { type ClassicLane, type ClassicOptions, classic } from './notation/classic.js'
export type { EventKind, LaneEvent, Qualifiers } from './notation/lane.js'
export type { Argument } from './notation/literal.js'
export { NotationError, type Problem } from './notation/problem.js'
export type { Span } from './notation/span.js'
export { play } from './play.js'
export type { LaneRecord } from './record/lane-record.js'
export type { Fault, LaneRole, Run, RunLane } from './run.js'
export { type Kit, type Outputs, type Scenario, SubscriptionsOf } from './scenario.js'
export type { LanesText, ScriptLane } from './script.js'
export { type FlushOptions, StillRunning, type VirtualScheduler } from '../time/index.js'
export type { Vocabulary } from './vocabulary.js'
export { checkDiagram, type Diagram, type DiagramOptions, diagram, drawDiagram } from './diagram.js'
export { type Caption, drawSvg } from './draw-svg/svg.js'
export { type Draft, draftDiagram, type DraftOptions } from './recording/draft.js'
export { readRecording, record, type RecordLine, type RecordOptions } from './recording/record.js'
export { replay, type ReplayedCommand, type ReplayedLogin, replayWords } from './recording/replay.js'
export { type FirstDifference, firstDifference, type FirstDifferenceOptions } from './parity/first-difference.js'
export { logTrades, type Told, type TradeLog } from './parity/trade-log.js'
