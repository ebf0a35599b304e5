/** The user PostgreSQL runs as, because it refuses to run as root. */
import { readFileSync } from 'node:fs'

export interface UserAndGroup {
  readonly uid: number
  readonly gid: number
}

const PREFERRED = ['nobody', 'postgres', 'daemon']
const NOBODY: UserAndGroup = { uid: 65534, gid: 65534 }

/** @returns `undefined` if this process may run PostgreSQL itself */
export function unprivilegedUser(): UserAndGroup | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }] as const),
  )
  return PREFERRED.map((name) => users.get(name)).find((user) => user !== undefined) ?? NOBODY
}
