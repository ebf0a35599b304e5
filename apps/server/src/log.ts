/** The log as `pino` writes it. Values that must not be printed have a type that does not print. */
import type { Log, LogFields } from '@carnet/protocol'
import { Fault } from '@carnet/protocol'
import pino, { type Logger } from 'pino'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** A file to append to; standard output unless given. */
  readonly file?: string
}

export function createLog({ level, file }: LogOptions): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination(file))
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logError(logger, message, fields),
  }
}

function destination(file: string | undefined) {
  return pino.destination(file === undefined ? { dest: 1, sync: false } : { dest: file, sync: false, mkdir: true })
}

/** An error tells its name, code and stack. Its own further members may hold what a peer sent, and stay out. */
function logError(
  logger: Logger,
  message: string,
  { error, ...fields }: LogFields & { readonly error?: unknown },
): void {
  if (error === undefined) {
    logger.error(fields, message)
    return
  }
  const told =
    error instanceof Error
      ? {
          name: error.name,
          message: error.message,
          stack: error.stack,
          ...(error instanceof Fault && { fault: error.code }),
        }
      : { name: typeof error }
  logger.error({ ...fields, error: told }, message)
}
