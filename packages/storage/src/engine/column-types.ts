/** How column values become JavaScript values: as `pg` does it, except that `int8` is a number. */
import { Fault } from '@carnet/protocol'
import pg from 'pg'

const INT8 = 20
const INT8_ARRAY = 1016

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Fault('internal', 'An int8 of the database is beyond 2^53')
  return value
}

const parseInt8Array = (text: string): readonly number[] => text.slice(1, -1).split(',').filter(Boolean).map(parseInt8)

export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: string) {
    if (format !== 'binary' && oid === INT8) return parseInt8
    if (format !== 'binary' && oid === INT8_ARRAY) return parseInt8Array
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text')
  },
}
