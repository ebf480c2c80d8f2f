/** Names for other folders of this package; index.ts has the public ones. */
export { marketStreams } from './market-streams.js'
export { askedTopics } from './session/asked-topics.js'
export { gatewayOver, type ConnectionParts } from './connect.js'
export { settingsOf } from './options.js'
export type { LoginFrame, ProtocolConnection, ReplyOrFailure } from './connection/protocol-connection.js'
