export { type Difference, type ErrorClass, Like, like } from './compare/difference.js'
export type { CallSite } from './call-site.js'
export type { ExpectedRecord, RecordPair, RecordVerdict } from './compare/align.js'
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
export type { EventKind, Lane, LaneEvent, LaneQualifiers } from './notation/lane.js'
export type { NotationArgument } from './notation/literal.js'
export { NotationError, type NotationProblem } from './notation/problem.js'
export type { TextSpan } from './notation/span.js'
export { runScenario } from './run/run-scenario.js'
export type { LaneRecord } from './record/lane-record.js'
export type { ScenarioFault, LaneRole, ScenarioRun, RunLane } from './run/scenario-run.js'
export { type ScenarioContext, type ScenarioOutputs, type Scenario, SubscriptionsOf } from './scenario.js'
export type { LanesText, ScriptLane } from './script.js'
export {
  type ActionKind,
  type FlushOptions,
  StillRunning,
  type VirtualScheduler,
  type VirtualSchedulerOptions,
} from '../time/index.js'
export type { Vocabulary } from './vocabulary.js'
export { checkDiagram, type Diagram, type DiagramOptions, diagram, drawDiagram } from './diagram.js'
export { type Caption, drawSvg } from './draw-svg/svg.js'
export { type Draft, draftDiagram, type DraftOptions } from './recording/draft.js'
export { readRecording, record, type RecordLine, type RecordOptions } from './recording/record.js'
export { replay, type ReplayedCommand, type ReplayedLogin, replayWords } from './recording/replay.js'
export { type FirstDifference, firstDifference, type FirstDifferenceOptions } from './parity/first-difference.js'
export { logTrades, type LoggedNotice, type TradeLog } from './parity/trade-log.js'
