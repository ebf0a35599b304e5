/** Who may import whom. The table is the architecture; a package that needs more must say so here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

const FOUNDATION = ['protocol', 'tokens', 'net']
const CONTROL_PLANE = ['registry', 'directory', 'policy', 'audit']

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  tokens: ['protocol'],
  net: ['protocol', 'tokens'],
  http: FOUNDATION,
  revocation: FOUNDATION,
  registry: [...FOUNDATION, 'http', 'revocation'],
  directory: [...FOUNDATION, 'http', 'revocation'],
  policy: [...FOUNDATION, 'http', 'revocation'],
  audit: [...FOUNDATION, 'http', 'revocation'],
  idp: [...FOUNDATION, 'http', 'revocation', ...CONTROL_PLANE],
  'resource-as': [...FOUNDATION, 'http', 'revocation'],
  'resource-server': [...FOUNDATION, 'revocation'],
  client: FOUNDATION,
  storage: [...FOUNDATION, 'http', 'revocation', ...CONTROL_PLANE, 'idp', 'resource-as', 'resource-server'],
  requirements: [],
  testing: FOUNDATION,
}

/** Places that may do what everything else must have injected. */
const ONLY_IN = [
  { what: 'jose', pattern: /from 'jose'/, where: /^packages\/(tokens|testing)\// },
  {
    what: 'asymmetric keys of node:crypto',
    pattern: /\b(createPrivateKey|createPublicKey|generateKeyPair(Sync)?|createSign|createVerify)\b/,
    where: /^packages\/(tokens|testing)\//,
  },
  { what: 'undici', pattern: /from 'undici'/, where: /^packages\/net\// },
  {
    what: 'the environment',
    pattern: /\bprocess\.env\b/,
    where: /^(apps\/[a-z]+\/src\/(.*\/)?environment\.ts|packages\/(testing|requirements)\/)/,
  },
  {
    what: 'the ambient clock',
    pattern: /\bDate\.now\(\)|\bnew Date\(\)/,
    where: /^(packages\/(storage|testing)\/|packages\/tokens\/src\/system\.ts|apps\/)/,
  },
  { what: 'ambient randomness', pattern: /\bMath\.random\(\)/, where: /^never$/ },
  { what: 'oidc-provider', pattern: /from 'oidc-provider'/, where: /^(packages\/(idp|resource-as)\/|apps\/)/ },
]

interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
}

function sourcesOf(group: string): readonly Source[] {
  return readdirSync(join(root, group), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[^/]+\/src\/.*\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path))
    .map((path) => {
      const text = readFileSync(join(root, group, path), 'utf8')
      const imports = [...text.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)].map(([, a, b]) => a ?? b ?? '')
      return { path: relative(root, join(root, group, path)), text, imports }
    })
}

const packages = sourcesOf('packages')
const everything = [...packages, ...sourcesOf('apps')]

describe('the direction of dependencies', () => {
  test('there are imports to check', () => {
    expect(
      packages.flatMap(({ imports }) => imports.filter((name) => name.startsWith('@carnet/'))).length,
    ).toBeGreaterThan(100)
  })

  test('every package is in the table', () => {
    expect(readdirSync(join(root, 'packages')).sort()).toEqual(Object.keys(ALLOWED).sort())
  })

  for (const [name, allowed] of Object.entries(ALLOWED)) {
    test(`${name} imports only what it may`, () => {
      const wrong = packages
        .filter(({ path }) => path.startsWith(`packages/${name}/`))
        .flatMap(({ path, imports }) =>
          imports
            .filter((from) => from.startsWith('@carnet/'))
            .map((from) => from.split('/')[1] ?? '')
            .filter((target) => target !== name && !allowed.includes(target))
            .map((target) => `${path} → ${target}`),
        )
      expect(wrong).toEqual([])
    })

    test(`${name} declares exactly the packages it imports`, () => {
      const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
      const declared = Object.keys({
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
      })
      const used = packages
        .filter(({ path }) => path.startsWith(`packages/${name}/`))
        .flatMap(({ imports }) => imports)
        .filter((from) => !from.startsWith('.') && !from.startsWith('node:'))
        .map((from) =>
          from
            .split('/')
            .slice(0, from.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((from) => from !== `@carnet/${name}`)
      expect([...new Set(used)].filter((from) => !declared.includes(from))).toEqual([])
      expect(declared.filter((from) => from.startsWith('@carnet/') && !used.includes(from))).toEqual([])
    })
  }

  test('nothing reaches into another package past its entry points', () => {
    const deep = everything.flatMap(({ path, imports }) =>
      imports
        .filter((from) => /^@carnet\/[^/]+\/(src|dist)\b/.test(from) || from.startsWith('../../..'))
        .map((from) => `${path} → ${from}`),
    )
    expect(deep).toEqual([])
  })
})

describe('what only some places may do', () => {
  for (const { what, pattern, where } of ONLY_IN) {
    test(`${what}`, () => {
      const wrong = everything
        .filter(({ path, text }) => pattern.test(text) && !where.test(path))
        .map(({ path }) => path)
      expect(wrong).toEqual([])
    })
  }
})
