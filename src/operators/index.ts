export {
  createGate,
  createGates,
  type Gate,
  type GateOptions,
  GateRefused,
  gate,
  type HoldOptions,
  type GateRefusalReason,
} from './gate.js'
export { type HeartbeatOptions, heartbeat, PeerSilent } from './heartbeat.js'
export {
  IdInUse,
  type MatchReplyOptions,
  matchReply,
  RepliesEnded,
  type ReplyMatcher,
  ReplyTimeout,
  type RequestOptions,
} from './match-reply.js'
export { type Multiplexed, type MultiplexOptions, multiplex } from './multiplex.js'
export { type BackoffOptions, fullJitterBackoffMs, type ReconnectOptions, type Retry, reconnect } from './reconnect.js'
export { type Stopwatch } from './stopwatch.js'
export { trampoline } from './trampoline.js'
