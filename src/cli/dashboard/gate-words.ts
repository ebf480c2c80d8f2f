import type { RiskState } from '../../strategy/index.js'
import { number } from '../format/numbers.js'

/** Whether new orders pass. */
export const isShut = ({ lock }: RiskState): boolean => lock._tag !== 'Open'

/** Whether a gate is open, in a word. */
export const gateInAWord = (risk: RiskState): string =>
  isShut(risk) ? 'shut' : risk.account === 'unknown' ? 'waiting' : 'open'

/** Why it is shut, and how it is opened again. */
export const whyShut = ({ lock, account }: RiskState): string => {
  switch (lock._tag) {
    case 'Halted':
      return `halted: ${lock.reason}; ${REOPEN}`
    case 'Tripped':
      return `${lock.code}: ${lock.words}; ${REOPEN}`
    case 'Open':
      return account === 'unknown' ? 'until the account is known again after a drop' : ''
  }
}
const REOPEN = `\`kill -USR2 ${process.pid}\` reopens it`

/** How much of its limits is used, and what it has refused. */
export const usedInWords = ({ symbols, refusals }: RiskState): string => {
  const used = symbols.flatMap(({ symbol, used: now, limits, missed }) =>
    limits.position === undefined
      ? []
      : [
          `${symbol} ${number(now)} of ${number(limits.position)}, orders to ${number(limits.orderSize ?? 0)} and ${number(limits.orderValue ?? 0)}${missed ? ', at worst: notices were missed' : ''}`,
        ],
  )
  const refused = Object.entries(refusals).map(([code, count]) => `${number(count)} ${code}`)
  return [...used, ...(refused.length === 0 ? [] : [`refused ${refused.join(', ')}`])].join(' · ')
}
