/** What the guard adds to a request, in this process: for a token it has seen, and for one it has not. */
import { createGuard, type RequestFacts } from '@carnet/resource-server'
import {
  generateSigningKey,
  type SigningKey,
  signJwt,
  staticKeySource,
  systemClock,
  systemRandom,
  verifySignature,
} from '@carnet/tokens'
import type { Benchmark } from '../benchmark.ts'
import { medians, microsecondsPerCall, type Operation, repeated } from '../micro.ts'
import { rounded } from '../statistics.ts'

const ISSUER = 'https://authorization-server.example'
const RESOURCE = 'https://server.example/mcp'

/** Signed before each round, so that signing is not part of it. */
const FIRST_SEEN_PER_ROUND = 1500

export const guard: Benchmark = async ({ rounds }) => {
  const key = await generateSigningKey('ES256', { kid: 'key-1' })
  const guard = createGuard(
    {
      resource: RESOURCE,
      authorizationServers: [{ issuer: ISSUER, jwksUri: `${ISSUER}/jwks` }],
      tools: { list_issues: ['issues.read'] },
    },
    { keys: new Map([[ISSUER, staticKeySource([key])]]) },
  )
  const known = token(key)
  const request = requestWith(known)
  if (!(await guard.check(request)).ok) throw new Error('The guard refuses the token of the benchmark')

  const samples = await microsecondsPerCall(
    {
      nothing: repeated(() => admitEverybody(request)),
      seen: repeated(() => guard.check(request)),
      unseen: freshTokens(key, async (fresh) => {
        const admission = await guard.check(requestWith(fresh))
        if (!admission.ok) throw new Error('The guard refuses a token of the benchmark')
      }),
      verifyAlone: repeated(() => verifySignature(known, key)),
    },
    { rounds: rounds * 2, millisecondsPerRound: 150 },
  )
  await guard.close()

  const { nothing, seen, unseen, verifyAlone } = medians(samples)
  const added = { seen: rounded(seen - nothing), unseen: rounded(unseen - nothing) }
  return {
    lines: [
      `guard: ${added.seen} µs for a token it has seen, ${added.unseen} µs for a new one ` +
        `(${rounded(added.seen / verifyAlone)} and ${rounded(added.unseen / verifyAlone)} of one verification)`,
    ],
    figures: {
      microseconds: { ...added, verifyAlone: rounded(verifyAlone) },
      ofOneVerification: { seen: rounded(added.seen / verifyAlone), unseen: rounded(added.unseen / verifyAlone) },
      rounds: samples,
    },
  }
}

/** What stands in the guard's place where there is none. */
function admitEverybody({ headers }: RequestFacts): boolean {
  return headers.get('authorization') !== null
}

function freshTokens(key: SigningKey, work: (token: string) => Promise<void>): Operation {
  let prepared: string[] = []
  return {
    prepare() {
      prepared = Array.from({ length: FIRST_SEEN_PER_ROUND }, () => token(key))
    },
    async run(enough) {
      let count = 0
      for (const next of prepared) {
        await work(next)
        count++
        if (enough()) break
      }
      return count
    },
  }
}

function token(key: SigningKey): string {
  const now = systemClock.now()
  const claims = {
    iss: ISSUER,
    sub: 'account-1',
    aud: RESOURCE,
    client_id: 'assistant',
    jti: systemRandom.token(16),
    iat: now,
    exp: now + 600,
    scope: 'issues.read issues.write',
    sid: 'session-1',
    txn: systemRandom.token(16),
  }
  return signJwt(claims, { typ: 'at+jwt', key })
}

function requestWith(token: string): RequestFacts {
  const headers = new Map([
    ['host', 'server.example'],
    ['authorization', `Bearer ${token}`],
    ['content-type', 'application/json'],
    ['mcp-protocol-version', '2025-11-25'],
  ])
  return { method: 'POST', url: '/mcp', headers: { get: (name) => headers.get(name) ?? null } }
}
