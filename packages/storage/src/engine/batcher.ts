/**
 * Group commit: what arrives while a flush runs is flushed together next.
 *
 * One durable write costs about the same for one row as for a hundred, so under load every caller gets the
 * price of a shared one, and without load nobody waits for company.
 */
export type Batcher<In, Out> = (item: In) => Promise<Out>

interface Waiting<In, Out> {
  readonly item: In
  readonly resolve: (value: Out) => void
  readonly reject: (error: unknown) => void
}

/**
 * @param flush - writes the items together and answers one result for each, in their order; when it rejects, all
 * of its callers are rejected with the same error
 * @param options.maxItems - largest batch handed to `flush`
 */
export function createBatcher<In, Out>(
  flush: (items: readonly In[]) => Promise<readonly Out[]>,
  options: { readonly maxItems: number },
): Batcher<In, Out> {
  let waiting: Waiting<In, Out>[] = []
  let flushing = false

  async function drain(): Promise<void> {
    flushing = true
    while (waiting.length > 0) {
      // The embedded database keeps the event loop to itself while it writes: only between two writes can anyone join.
      await endOfTurn()
      const batch = waiting.slice(0, options.maxItems)
      waiting = waiting.slice(options.maxItems)
      await settle(batch, flush)
    }
    flushing = false
  }

  return (item) =>
    new Promise<Out>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!flushing) void drain()
    })
}

/** When everything that has arrived by now has been looked at. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function settle<In, Out>(
  batch: readonly Waiting<In, Out>[],
  flush: (items: readonly In[]) => Promise<readonly Out[]>,
): Promise<void> {
  let results: readonly Out[]
  try {
    results = await flush(batch.map(({ item }) => item))
    if (results.length !== batch.length) throw new Error(`A batch of ${batch.length} got ${results.length} results`)
  } catch (error) {
    for (const { reject } of batch) reject(error)
    return
  }
  for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Out)
}
