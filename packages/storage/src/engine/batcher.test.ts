import { describe, expect, test } from 'vitest'
import { createBatcher } from './batcher.ts'

/** A flush that waits until it is let go, and remembers its batches. */
function heldFlush() {
  const batches: (readonly number[])[] = []
  let release = () => {}
  const flush = async (items: readonly number[]) => {
    batches.push(items)
    await new Promise<void>((resolve) => {
      release = resolve
    })
    return items.map((item) => item * 10)
  }
  return { batches, flush, release: () => release() }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('createBatcher', () => {
  test('gives each caller its own result', async () => {
    const write = createBatcher(async (items: readonly number[]) => items.map((item) => item * 10), { maxItems: 100 })
    expect(await Promise.all([write(1), write(2), write(3)])).toEqual([10, 20, 30])
  })

  test('flushes together what was asked for in one turn', async () => {
    const batches: (readonly number[])[] = []
    const write = createBatcher(
      async (items: readonly number[]) => {
        batches.push(items)
        return items
      },
      { maxItems: 100 },
    )
    await Promise.all([write(1), write(2)])
    expect(batches).toEqual([[1, 2]])
  })

  test('queues while a flush runs, then flushes all that waited', async () => {
    const { batches, flush, release } = heldFlush()
    const write = createBatcher(flush, { maxItems: 100 })
    const first = write(1)
    await until(() => batches.length === 1)
    const others = [write(2), write(3)]
    release()
    expect(await first).toBe(10)
    await until(() => batches.length === 2)
    release()
    expect(await Promise.all(others)).toEqual([20, 30])
    expect(batches).toEqual([[1], [2, 3]])
  })

  test('hands over no more than the largest batch', async () => {
    const sizes: number[] = []
    const write = createBatcher(
      async (items: readonly number[]) => {
        sizes.push(items.length)
        return items
      },
      { maxItems: 2 },
    )
    await Promise.all([1, 2, 3, 4, 5].map(write))
    expect(sizes).toEqual([2, 2, 1])
  })

  test('a failed flush rejects all of its callers and none of the next', async () => {
    let fails = true
    const write = createBatcher(
      async (items: readonly number[]) => {
        if (fails) throw new Error('disk full')
        return items
      },
      { maxItems: 2 },
    )
    const failed = await Promise.allSettled([write(1), write(2)])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await write(3)).toBe(3)
  })

  test('a flush that answers too little rejects its callers', async () => {
    const write = createBatcher(async () => [1], { maxItems: 10 })
    const answers = await Promise.allSettled([write('a'), write('b')])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
