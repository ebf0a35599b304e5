/**
 * Reads server-sent events from a response body.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream HTML, event streams}
 */
export interface ServerSentEvent {
  readonly event: string
  readonly id: string | undefined
  readonly data: string
}

/** Longest event accepted, in characters. */
const MAX_EVENT_LENGTH = 65_536

/** @throws {RangeError} when an event is longer than any we understand */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let buffered = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    buffered = (buffered + text).replaceAll('\r\n', '\n')
    const blocks = buffered.split('\n\n')
    buffered = blocks.pop() ?? ''
    if ([buffered, ...blocks].some(({ length }) => length > MAX_EVENT_LENGTH))
      throw new RangeError('the event is too long')
    for (const block of blocks) yield parseEvent(block)
  }
}

function parseEvent(block: string): ServerSentEvent {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''))
  }
  return { event: fields.get('event') ?? 'message', id: fields.get('id'), data: fields.get('data') ?? '' }
}
