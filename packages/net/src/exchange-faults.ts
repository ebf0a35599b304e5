/** What went wrong on the way to a peer, as a fault an operator can act on. */
import { Fault } from '@carnet/protocol'
import { errors } from 'undici'

/**
 * @param url - as it may be logged
 * @returns the fault to throw; an error that no network causes is a bug and is returned as it is
 */
export function faultOfExchange(error: unknown, url: string): unknown {
  if (error instanceof Fault) return new Fault(error.code, `${error.message}: ${url}`)
  if (!(error instanceof Error) || error instanceof TypeError || isMisuse(error)) return error
  if (error.name === 'TimeoutError') return new Fault('peer-unavailable', `The peer did not answer in time: ${url}`)
  // The parser's error holds what it could not parse, so it is not kept as a cause.
  if (isProtocolError(error)) return new Fault('peer-misbehaved', `The peer does not speak HTTP: ${url}`)
  if (typeof codeOf(error) !== 'string') return error
  return new Fault('peer-unavailable', `The peer cannot be reached (${codeOf(error)}): ${url}`, { cause: error })
}

function isMisuse(error: Error): boolean {
  return error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError
}

function isProtocolError(error: Error): boolean {
  return error.name === 'HTTPParserError' || error instanceof errors.HeadersOverflowError
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined
}
