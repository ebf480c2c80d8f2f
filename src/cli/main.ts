#!/usr/bin/env node
import { Command } from 'commander'

const program = new Command('rxquant')
  .description('Reactive streams for quant trading: strategies, a paper gateway, and what joins them.')
  .helpCommand(false)

program.parse()
