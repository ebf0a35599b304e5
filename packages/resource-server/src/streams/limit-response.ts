/** Ties a streaming response to the access it was opened with. */
import type { Unsubscribe } from '@carnet/protocol'

/**
 * @param watch - calls back when the access has ended
 * @returns the response with a body that ends then; a JSON answer, which is over in a moment, is left as it is
 */
export function limitResponse(response: Response, watch: (onEnd: () => void) => Unsubscribe): Response {
  const { body, status, statusText, headers } = response
  if (body === null || headers.get('content-type')?.startsWith('application/json')) return response
  return new Response(limitBody(body, watch), { status, statusText, headers })
}

function limitBody(
  body: ReadableStream<Uint8Array>,
  watch: (onEnd: () => void) => Unsubscribe,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let unwatch: Unsubscribe = () => {}
  let over = false
  return new ReadableStream<Uint8Array>({
    start(controller) {
      unwatch = watch(() => {
        over = true
        controller.close()
        // Whoever writes learns by its stream being cancelled; how it takes that is its own affair.
        reader.cancel().catch(() => undefined)
      })
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (over) return
        if (!done) return controller.enqueue(value)
        unwatch()
        controller.close()
      } catch (error) {
        unwatch()
        if (!over) controller.error(error)
      }
    },
    async cancel(reason) {
      over = true
      unwatch()
      await reader.cancel(reason)
    },
  })
}
