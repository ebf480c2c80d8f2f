export { ChaosInvalid, readChaos } from './chaos/read-chaos.js'
export { ChaosOptions, type ChaosFault, type ChaosFaultName, type FaultTrigger } from './chaos/settings.js'
export { CloseCode } from './close-code.js'
export {
  type AdapterEvent,
  type AdapterJournal,
  type ExchangeAdapter,
  type AdapterNotice,
  type AdapterSession,
  OutcomeUnknown,
  type LoginDetails,
  type NewOrder,
  AdapterRefused,
  type StateChange,
} from './adapter/exchange-adapter.js'
export type { GatewayEvent } from './gateway-event.js'
export { type Latency, type LatencyOptions, withLatency } from './adapter/latency.js'
export { defaultLimits, type Limits } from './limits.js'
export { type MarketContext, type MarketOptions } from './paper/market-source.js'
export { listen, type ListenOptions, type TlsOptions } from './http/listen.js'
export { NoticeLog, type NoticeLogOptions, type NoticeLogState, type NumberedNotice } from './adapter/notice-log.js'
export {
  type LearnedOutcome,
  IdempotencyStore,
  type IdempotencyStoreOptions,
  type RememberedOrder,
} from './adapter/idempotency-store.js'
export {
  paperGateway,
  type PaperGatewayOptions,
  type RunningPaperGateway,
  startPaperGateway,
} from './paper/paper-gateway.js'
export { type PaperOptions, type PaperPlatform, paperPlatforms } from './paper/paper-platforms.js'
export type { CommandObserver } from './paper/paper-venue.js'
export type { EventLogMark } from './paper/event-log-hash.js'
export type { FileVenueJournalOptions } from './paper/file-venue-journal.js'
export type { Disk as JournalDisk, JournalReport } from '../disk/index.js'
export { checkVenueJournal, repairVenueJournal } from './paper/mend-journal.js'
export { JournalUnusable } from './paper/venue-journal.js'
export { Secret } from './adapter/secret.js'
export { serve, type ServeOptions } from './serve.js'
export { Traffic } from './connection/traffic.js'
export { ListenRefused, type RemoteNeed } from './http/listen-address.js'
export type { LoginRefusal } from './login/login-refused.js'
export {
  type MemoryOptions,
  memoryTransport,
  serverConnection,
  type ServerConnectionOptions,
  type WsLike,
} from '../transport/index.js'
