import { expect, test } from 'vitest'
import { describeOnBothDatabases } from './both-databases.ts'

describeOnBothDatabases('The database', (open, kind) => {
  test('is the kind asked for', async () => {
    const db = await open()
    expect(db.kind).toBe(kind)
    console.log(await db.query('select version(), now()'))
    expect(await db.query('select id from carnet_migration order by id limit 1')).toEqual([{ id: '010-audit' }])
  })
})
