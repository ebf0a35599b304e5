/**
 * Reads a body as text, up to a bound.
 *
 * @returns `undefined` when there is more than `maxCharacters`; the rest is not read
 */
export async function boundedText(
  body: ReadableStream<Uint8Array> | null,
  maxCharacters: number,
): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > maxCharacters) return undefined
  }
  return text + decoder.decode()
}
