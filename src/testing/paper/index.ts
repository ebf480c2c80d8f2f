export { paper, type PaperSettings } from './paper.js'
export { intentWords, marketWords } from './words.js'
