/** A log of JSON lines on standard error, for guards whose host has none to offer. */
import type { Log, LogFields } from '@carnet/protocol'

function line(level: string, message: string, fields: LogFields = {}): void {
  process.stderr.write(`${JSON.stringify({ level, message, ...printable(fields) })}\n`)
}

function printable(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? `${value.name}: ${value.message}` : value,
    ]),
  )
}

export const standardErrorLog: Log = {
  debug: () => {},
  info: (message, fields) => line('info', message, fields),
  warn: (message, fields) => line('warn', message, fields),
  error: (message, fields) => line('error', message, fields),
}
