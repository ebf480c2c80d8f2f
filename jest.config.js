export { default } from './.config/jest.config.js'
