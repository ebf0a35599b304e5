/** Every option of the issuer. */
import { Fault, type IssuerId } from '@carnet/protocol'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@carnet/tokens'

export interface IssuerConfig {
  /** The issuer identifier: https (http on a loopback address only), without trailing slash, query or fragment. */
  readonly issuer: IssuerId
  /** `production` refuses what only a demonstration may use. */
  readonly environment: 'production' | 'demonstration'
  /** What ID Tokens are signed with. */
  readonly idTokenAlgorithm: SigningAlgorithm
  /** Algorithms for which keys are kept, for ID Tokens and ID-JAGs. Holds `idTokenAlgorithm`. */
  readonly signingAlgorithms: readonly SigningAlgorithm[]
  /** At most 3600. */
  readonly idTokenSeconds: number
  /** At most 60. */
  readonly codeSeconds: number
  /** Of the access token for this issuer's own endpoints: userinfo and the list of servers. 60 to 3600. */
  readonly accessTokenSeconds: number
  /** How long the refresh tokens of a sign-in live, however often they rotate, from the client's last sign-in on. */
  readonly refreshTokenSeconds: number
  /** How long a browser stays signed in without a visit. */
  readonly sessionSeconds: number
  /** How long the sign-in page may stay open. */
  readonly interactionSeconds: number
  /** How long a new signing key is published before it signs, unless a rotation says otherwise. */
  readonly keyPublishAheadSeconds: number
  /** Clock difference that is tolerated, in seconds: 0 to 120. */
  readonly clockSkewSeconds: number
  /** Leave the ID-JAG out of the metadata; it is issued all the same (DISC-02). */
  readonly hideIdJagSupport: boolean
  /** Addresses or ranges of our own proxies, whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Signs the cookies; the first signs, all verify. Each at least 32 characters. The same on every process. */
  readonly cookieKeys: readonly string[]
}

export const ISSUER_DEFAULTS = {
  environment: 'production',
  idTokenAlgorithm: 'ES256',
  signingAlgorithms: ['ES256', 'RS256'],
  idTokenSeconds: 3600,
  codeSeconds: 60,
  accessTokenSeconds: 3600,
  refreshTokenSeconds: 14 * 24 * 3600,
  sessionSeconds: 12 * 3600,
  interactionSeconds: 900,
  keyPublishAheadSeconds: 600,
  clockSkewSeconds: 60,
  hideIdJagSupport: false,
  trustedProxies: [],
} as const satisfies Partial<IssuerConfig>

/** What must be given; the rest has defaults. */
export type IssuerOptions = Pick<IssuerConfig, 'issuer' | 'cookieKeys'> & Partial<IssuerConfig>

export interface ConfigProblem {
  /** Which option, as a path. */
  readonly path: string
  readonly problem: string
}

/**
 * Completes the options with the defaults.
 *
 * @throws {Fault} `configuration-invalid`, naming every problem by its path
 */
export function issuerConfig(options: IssuerOptions): IssuerConfig {
  const config: IssuerConfig = { ...ISSUER_DEFAULTS, ...options }
  const problems = configProblems(config)
  if (problems.length === 0) return config
  const list = problems.map(({ path, problem }) => `${path}: ${problem}`).join('; ')
  throw new Fault('configuration-invalid', `The issuer is not configured correctly: ${list}`)
}

/** Everything that is wrong with a configuration, all at once. */
export function configProblems(config: IssuerConfig): readonly ConfigProblem[] {
  return [
    ...problemsOfIssuer(config.issuer),
    ...outside(config, 'idTokenSeconds', 60, 3600),
    ...outside(config, 'codeSeconds', 1, 60),
    ...outside(config, 'accessTokenSeconds', 60, 3600),
    ...outside(config, 'refreshTokenSeconds', 60, 366 * 24 * 3600),
    ...outside(config, 'sessionSeconds', 60, 31 * 24 * 3600),
    ...outside(config, 'interactionSeconds', 60, 3600),
    ...outside(config, 'keyPublishAheadSeconds', 0, 7 * 24 * 3600),
    ...outside(config, 'clockSkewSeconds', 0, 120),
    ...problemsOfAlgorithms(config),
    ...problemsOfCookieKeys(config.cookieKeys),
  ]
}

type Quantity = { [Name in keyof IssuerConfig]: IssuerConfig[Name] extends number ? Name : never }[keyof IssuerConfig]

function outside(config: IssuerConfig, path: Quantity, least: number, most: number): readonly ConfigProblem[] {
  const value = config[path]
  if (Number.isInteger(value) && value >= least && value <= most) return []
  return [{ path, problem: `must be a whole number from ${least} to ${most}` }]
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

function problemsOfIssuer(issuer: string): readonly ConfigProblem[] {
  const path = 'issuer'
  if (!URL.canParse(issuer)) return [{ path, problem: 'must be an absolute URL' }]
  const url = new URL(issuer)
  const problems: string[] = []
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname))) {
    problems.push('must use https; http is for loopback addresses only')
  }
  if (issuer.endsWith('/')) problems.push('must not end with a slash')
  if (issuer.includes('?') || issuer.includes('#')) problems.push('must have neither query nor fragment')
  if (url.username !== '' || url.password !== '') problems.push('must not hold user information')
  // Peers compare it as text: a spelling that a parser would tidy will be tidied by one of them.
  if (problems.length === 0 && url.href.replace(/\/$/, '') !== issuer) {
    problems.push(`must be spelled as URL parsers write it: ${url.href.replace(/\/$/, '')}`)
  }
  return problems.map((problem) => ({ path, problem }))
}

function problemsOfAlgorithms({ signingAlgorithms, idTokenAlgorithm }: IssuerConfig): readonly ConfigProblem[] {
  const unknown = signingAlgorithms.filter((alg) => !SIGNING_ALGORITHMS.includes(alg))
  return [
    ...unknown.map((alg) => ({ path: 'signingAlgorithms', problem: `${JSON.stringify(alg)} is not one we sign with` })),
    ...(signingAlgorithms.includes(idTokenAlgorithm)
      ? []
      : [{ path: 'idTokenAlgorithm', problem: 'must be one of signingAlgorithms' }]),
  ]
}

function problemsOfCookieKeys(cookieKeys: readonly string[]): readonly ConfigProblem[] {
  if (cookieKeys.length === 0) return [{ path: 'cookieKeys', problem: 'must hold at least one key' }]
  return cookieKeys.flatMap((key, index) =>
    key.length >= 32 ? [] : [{ path: `cookieKeys[${index}]`, problem: 'must have at least 32 characters' }],
  )
}
