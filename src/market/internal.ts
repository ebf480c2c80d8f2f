/** Names for other folders of this package; index.ts has the public ones. */
export { checkFile, type FileReport } from './files/check/check-file.js'
export { heldSymbols } from './held-symbols.js'
export { marketMakerCommand } from './exchange/market-maker-command.js'
export { convertFiles, fileNames, fileOf, symbolAndFile } from './market-files.js'
export { lotSnapper, snapToLots } from './exchange/snap-to-lots.js'
export { snapToTicks, tickSnapper } from './exchange/snap-to-ticks.js'
export { stalePrices } from './stale-prices.js'
