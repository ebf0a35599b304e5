/** A change as NOTIFY carries it: a JSON array of topic and key. */

/** All topics share one channel. */
export const CHANNEL = 'carnet_changes'

export interface Change {
  readonly topic: string
  readonly key: string | undefined
}

export function changePayload({ topic, key }: Change): string {
  return JSON.stringify([topic, key ?? null])
}

/** @returns `undefined` for what no process of ours wrote: any role of the database may use the channel */
export function parseChange(payload: string): Change | undefined {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  if (!Array.isArray(value) || typeof value[0] !== 'string') return undefined
  return { topic: value[0], key: typeof value[1] === 'string' ? value[1] : undefined }
}
