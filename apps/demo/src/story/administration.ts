/** The administration API, as the story uses it. */
import type { DemoFile } from '../demo-file.ts'

export interface TrailEvent {
  readonly type: string
  readonly outcome: string
  readonly reporter: string
  readonly at: number
  readonly txn?: string
  readonly reason?: string
  readonly rule?: string
  readonly tool?: string
  readonly grantedScopes?: readonly string[]
}

export interface Administration {
  disablePerson(username: string): Promise<void>
  enablePerson(username: string): Promise<void>
  rotateSigningKeys(): Promise<readonly string[]>
  trail(txn: string): Promise<readonly TrailEvent[]>
}

export function administration({ url, apiKey }: DemoFile['admin']): Administration {
  async function call<Answer>(method: 'GET' | 'POST', path: string): Promise<Answer> {
    const response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${apiKey}` } })
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Answer
  }
  return {
    disablePerson: async (username) => void (await call('POST', `/people/${encodeURIComponent(username)}/disable`)),
    enablePerson: async (username) => void (await call('POST', `/people/${encodeURIComponent(username)}/enable`)),
    rotateSigningKeys: async () => (await call<{ kids: readonly string[] }>('POST', '/signing-keys/rotate')).kids,
    trail: async (txn) => (await call<{ events: readonly TrailEvent[] }>('GET', `/audit/trails/${txn}`)).events,
  }
}
