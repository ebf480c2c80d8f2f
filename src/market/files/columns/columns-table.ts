import type { Content } from '../source/content.js'
import type { Table } from '../table/table.js'
import { valueTable } from '../table/value-table.js'
import { columnsOf } from './column-file.js'

/** A file of columns as a table. */
export const columnsTable = async (file: string, { packing }: Content): Promise<Table> => {
  const { symbol, rows, columns } = await columnsOf(file, packing)
  const table = await valueTable({
    ...{ file, format: 'columns', packing, width: columns.length, count: rows },
    names: columns.map(({ name }) => name),
    valuesAt: (row) => (index) => {
      const column = columns[index]
      const value = column?.values[row]
      if (value === undefined || Number.isNaN(value)) return undefined
      return column?.words === undefined ? value : column.words[value]
    },
  })
  return { ...table, symbol }
}
