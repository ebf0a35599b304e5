/**
 * `npm start`: Carnet with the demo organisation, its two MCP servers as processes of their own, and the story.
 *
 * `--no-story` only starts. Everything it keeps is in one folder; a second start continues with it.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault, Hidden } from '@carnet/protocol'
import { type RunningServer, startServer } from '@carnet/server'
import { type ChildProgram, runProgram, startProgram } from './child-program.ts'
import type { DemoFile } from './demo-file.ts'
import { settingsFromEnvironment } from './environment.ts'
import { planDemo } from './plan.ts'
import { keepSecrets } from './secrets.ts'
import { seedDemo } from './seed.ts'
import { vendorProvider } from './vendor.ts'

const started = performance.now()
const children: ChildProgram[] = []
let carnet: RunningServer | undefined
let stopping: Promise<never> | undefined

process.once('SIGINT', () => void stop(0))
process.once('SIGTERM', () => void stop(0))

try {
  await main(!process.argv.includes('--no-story'))
} catch (error) {
  // A fault is the operator's to read; anything else is a bug and shows where it is.
  process.stderr.write(
    `${error instanceof Fault ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  )
  await stop(1)
}

async function main(withStory: boolean): Promise<void> {
  const settings = settingsFromEnvironment()
  const plan = planDemo(settings.port, settings.home)
  for (const folder of [settings.home, dirname(plan.logFile)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const secrets = keepSecrets(plan.secretsFile)

  carnet = await startServer({
    mode: 'demonstration',
    issuer: plan.issuer,
    listen: { host: '127.0.0.1', port: settings.port },
    database:
      settings.databaseUrl === undefined ? { folder: plan.dataFolder } : { url: new Hidden(settings.databaseUrl) },
    masterKey: new Hidden(secrets.masterKey),
    adminApiKey: new Hidden(secrets.adminApiKey),
    trustedProxies: [],
    hosted: plan.servers.map(({ server, authorizationServer }) => ({
      issuer: authorizationServer,
      ...(server.authorizationServer === 'oidc-provider' && { inFrontOf: vendorProvider }),
    })),
    log: { level: 'info', file: plan.logFile },
    // On one machine nobody keeps an old key set: the story shows a new key at work at once.
    keyPublishAheadSeconds: 0,
  })
  const demo = await seedDemo(carnet, plan, secrets.adminApiKey)
  children.push(
    ...(await Promise.all(
      plan.servers.map(({ settingsFile, logFile }) => startProgram('./mcp-servers/main.js', [settingsFile], logFile)),
    )),
  )
  process.stdout.write(
    `Carnet is ready after ${((performance.now() - started) / 1000).toFixed(1)} s at ${plan.issuer}\n`,
  )

  const code = withStory ? await runProgram('./story/main.js', [plan.demoFile]) : 0
  tellWhatNext(demo, plan.demoFile)
  if (code !== 0)
    process.stderr.write(`\nThe story ended with exit code ${code}; the logs are in ${dirname(plan.logFile)}\n`)
}

function tellWhatNext(demo: DemoFile, file: string): void {
  const lines = [
    '',
    `issuer        ${demo.issuer}   (${demo.issuer}/.well-known/openid-configuration)`,
    ...demo.servers.map(
      ({ name, resource, authorizationServer }) =>
        `${name.padEnd(13)} ${resource}   redeemed at ${authorizationServer}`,
    ),
    `everything    ${file}   (sign-ins, client ids and secrets; only you can read it)`,
    '',
    'To try: point an MCP client that speaks Enterprise-Managed Authorization at the issuer with a client of that file;',
    'sign in as one of its people; ask the administration API why something was refused:',
    `  curl -H "Authorization: Bearer $(node -p "require('${file}').admin.apiKey")" ${demo.admin.url}/audit/trails/<txn>`,
    'Ctrl-C stops it all; the next start continues with the same data.',
    '',
  ]
  process.stdout.write(lines.join('\n'))
}

function stop(code: number): Promise<never> {
  stopping ??= (async () => {
    await Promise.all(children.map((child) => child.stop()))
    await carnet?.close()
    process.exit(code)
  })()
  return stopping
}
