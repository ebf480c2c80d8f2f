import type { Observable } from 'rxjs'
import type { LoginReply, Notice } from '../../protocol/index.js'
import type { ProtocolConnection } from '../connection/protocol-connection.js'
import type { Redactor } from '../errors/redact.js'
import type { InterfaceState } from '../interface-state.js'
import type { Settings } from '../options.js'
import type { CommandQueue } from '../requests/command-queue.js'

/** Resources of a login, and callbacks for its steps. */
export interface LoginDependencies {
  readonly connection$: Observable<ProtocolConnection | null>
  /** Sockets of its own, for a login that a shared one does not answer. */
  readonly ownConnection$: Observable<ProtocolConnection | null>
  readonly queue: CommandQueue
  readonly settings: Settings
  readonly redactor: Redactor
  /** Emits a token that a reply has called void. */
  readonly invalidToken$: Observable<string>
  readonly onState: (state: InterfaceState) => void
  readonly onReady: (ready: boolean) => void
  /** A token lives from its login reply until it is logged out or its socket ends. */
  readonly onToken: (token: string, alive: boolean) => void
  /** Notices may have been missed since `from`. */
  readonly onLost: (cause: 'connection-lost' | 'interface-lost', from: number) => void
  /** A frame that may have held a notice could not be read; it was sent after `from`. */
  readonly onMissed: (from: number) => void
  /** A session begins: told before any of its notices. */
  readonly onSession: (reply: LoginReply) => void
  /** READY. */
  readonly onStanding: () => void
  readonly onNotice: (notice: Notice) => void
  /** End of the last socket, or of the last attempt to open one. */
  readonly lastLoss: () => Error | undefined
  /** The last frame that could not be read, or the last `error` frame. */
  readonly lastError: () => Error | undefined
  /** Sequence number from which the server may resume. */
  readonly lastSeq: () => number | undefined
}
