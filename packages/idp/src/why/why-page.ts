/**
 * The page behind `error_uri`: why company policy refused, in one plain sentence, and what to do next.
 *
 * Whoever holds the `txn` may read it: 128 random bits that only the client was told. It names nobody.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749 §5.2}
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type EpochSeconds, Fault, type PublicReason, parseTxn, sentenceOf, type Txn } from '@carnet/protocol'
import { escapeHtml, type Page, pageHeaders, pageHtml } from '../sign-in/html.ts'

/** What the page tells of a refusal. */
export interface PolicyRefusalFacts {
  readonly reason: PublicReason
  readonly at: EpochSeconds
  /** As people call it; absent where the request named no server we know. */
  readonly serverName: string | undefined
}

export interface PolicyRefusals {
  /** @returns `undefined` where nothing of this `txn` was refused by policy */
  find(txn: Txn): Promise<PolicyRefusalFacts | undefined>
}

/** @returns a listener for the paths `/why/<txn>` below the issuer */
export function createWhyPage(refusals: PolicyRefusals) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' })
      response.end()
      return
    }
    const { status, page } = await answer(request, refusals)
    response.writeHead(status, pageHeaders([]))
    response.end(request.method === 'HEAD' ? '' : pageHtml(page))
  }
}

async function answer(request: IncomingMessage, refusals: PolicyRefusals): Promise<{ status: number; page: Page }> {
  const [path = ''] = (request.url ?? '').split('?', 1)
  const txn = parseTxn(path.slice(path.lastIndexOf('/') + 1))
  try {
    const facts = txn && (await refusals.find(txn))
    return txn === undefined || facts === undefined
      ? { status: 404, page: NOTHING_HERE }
      : { status: 200, page: refusedPage(facts, txn) }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { status: 503, page: LATER }
  }
}

function refusedPage({ reason, at, serverName }: PolicyRefusalFacts, txn: Txn): Page {
  const server = serverName === undefined ? 'this server' : escapeHtml(serverName)
  const when = new Date(at * 1000).toISOString()
  return {
    title: 'Not enabled for you – Carnet',
    body: `<h1>Your company has not enabled ${server} for you</h1>
<p>${escapeHtml(sentenceOf(reason))}</p>
<p>If you need it for your work, ask your administrators for access and give them this number. It tells them exactly
what was asked for and which rule decided.</p>
<p><strong>${escapeHtml(txn)}</strong><br><time datetime="${when}">${when.slice(0, 16).replace('T', ' ')} UTC</time></p>`,
  }
}

const NOTHING_HERE: Page = {
  title: 'Nothing to explain – Carnet',
  body: '<h1>There is nothing to explain here</h1>\n<p>No refusal goes by this number.</p>',
}

const LATER: Page = {
  title: 'Try again later – Carnet',
  body: '<h1>Try again later</h1>\n<p>Something on our side does not answer.</p>',
}
