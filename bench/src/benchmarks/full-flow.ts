/** The whole way, one after another: exchange, redeem, call a tool of a guarded server built with the official SDK. */
import { Agent, request } from 'node:http'
import { type Benchmark, type Effort, percent, WARM_UP_AT_MOST_SECONDS, withStarted } from '../benchmark.ts'
import { basic, newOrganisation, type Organisation } from '../organisation.ts'
import type { CarnetReady, CarnetSettings } from '../processes/carnet.ts'
import type { LimitReady } from '../processes/limit.ts'
import { startProcess } from '../server-process.ts'
import { median, medianRatio, rounded } from '../statistics.ts'
import { exchangeBody, redemptionBody } from '../token-requests.ts'

const FLOWS_AT_A_TIME = 8
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_issues', arguments: {} },
})

type Legs = { exchange: number[]; redeem: number[]; call: number[] }

export const fullFlow: Benchmark = (effort) =>
  withStarted(async (keep) => {
    const limit = await keep(startProcess<LimitReady>('./processes/limit.js'))
    const { organisation } = await keep(newOrganisation())
    const told: CarnetSettings = { organisation, further: false }
    const carnet = await keep(startProcess<CarnetReady>('./processes/carnet.js', told))
    await keep(startProcess<object>('./processes/mcp-server.js', organisation))
    const agent = new Agent({ keepAlive: true, maxSockets: FLOWS_AT_A_TIME * 2 })
    try {
      return await measure(effort, {
        bare: () => post(agent, limit.ready.url, FORM, limit.ready.body),
        flow: (legs) => oneFlow(agent, organisation, carnet.ready.idToken, legs),
      })
    } finally {
      agent.destroy()
    }
  })

interface Work {
  readonly bare: () => Promise<unknown>
  readonly flow: (legs: Legs) => Promise<void>
}

async function measure({ rounds, secondsPerRound, warmUpRequests }: Effort, { bare, flow }: Work) {
  const legs: Legs = { exchange: [], redeem: [], call: [] }
  await warmUp(bare, warmUpRequests)
  await warmUp(() => flow({ exchange: [], redeem: [], call: [] }), warmUpRequests / 3)
  const bareRates: number[] = []
  const flowRates: number[] = []
  for (let round = 0; round < rounds; round++) {
    bareRates.push(await perSecond(bare, secondsPerRound))
    flowRates.push(await perSecond(() => flow(legs), secondsPerRound))
  }
  const ofLimit = rounded(medianRatio(flowRates, bareRates))
  const milliseconds = {
    exchange: rounded(median(legs.exchange)),
    redeem: rounded(median(legs.redeem)),
    call: rounded(median(legs.call)),
  }
  return {
    lines: [
      `full flow: ${percent(ofLimit)} as many flows as bare requests of the limit; median ${milliseconds.exchange} ms ` +
        `exchange, ${milliseconds.redeem} ms redeem, ${milliseconds.call} ms call, ${FLOWS_AT_A_TIME} at a time`,
    ],
    figures: { ofLimit, milliseconds, rounds: { bareRates, flowRates } },
  }
}

async function perSecond(work: () => Promise<unknown>, seconds: number): Promise<number> {
  const started = performance.now()
  const end = started + seconds * 1000
  const count = await atATime(work, () => performance.now() >= end)
  return (count * 1000) / (performance.now() - started)
}

async function warmUp(work: () => Promise<unknown>, times: number): Promise<void> {
  const end = performance.now() + WARM_UP_AT_MOST_SECONDS * 1000
  await atATime(work, (count) => count >= times || performance.now() >= end)
}

async function atATime(work: () => Promise<unknown>, enough: (count: number) => boolean): Promise<number> {
  let count = 0
  await Promise.all(
    Array.from({ length: FLOWS_AT_A_TIME }, async () => {
      while (!enough(count)) {
        await work()
        count++
      }
    }),
  )
  return count
}

async function oneFlow(agent: Agent, organisation: Organisation, idToken: string, legs: Legs): Promise<void> {
  const { issuer, authorizationServer, client, clientThere, resource } = organisation
  const timed = async <T>(times: number[], leg: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const result = await leg()
    times.push(performance.now() - started)
    return result
  }
  const idJag = await timed(legs.exchange, () =>
    token(agent, `${issuer}/token`, basic(client), exchangeBody(organisation, idToken)),
  )
  const accessToken = await timed(legs.redeem, () =>
    token(agent, `${authorizationServer}/token`, basic(clientThere), redemptionBody(idJag)),
  )
  const headers = {
    authorization: `Bearer ${accessToken}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
  }
  const answer = await timed(legs.call, () => post(agent, resource, headers, CALL))
  if (!answer.includes('3 open issues')) throw new Error(`The tool was not called: ${answer}`)
}

async function token(agent: Agent, url: string, authorization: string, body: string): Promise<string> {
  const answer = JSON.parse(await post(agent, url, { ...FORM, authorization }, body)) as { access_token: string }
  return answer.access_token
}

function post(agent: Agent, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { agent, method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (response.statusCode === 200) resolve(text)
          else reject(new Error(`${url} answered ${response.statusCode}: ${text}`))
        })
        response.once('error', reject)
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
