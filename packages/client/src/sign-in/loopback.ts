/**
 * Receives the one authorization response on a loopback port of this machine.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8252#section-7.3 RFC 8252 §7.3}
 */
import { createServer, type Server } from 'node:http'
import { accept } from '@carnet/protocol'
import { type Step, stop } from '../refusal.ts'

export interface Loopback {
  readonly redirectUri: string
  /**
   * The response that carries `state`. Requests without it are turned away and waited past: any page can make a
   * browser call this port.
   */
  response(state: string, signal: AbortSignal): Promise<Step<URLSearchParams>>
  close(): Promise<void>
}

export async function listenOnLoopback(path: string): Promise<Loopback> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const redirectUri = `http://127.0.0.1:${port}${path}`
  return {
    redirectUri,
    response: (state, signal) => responseWith(server, redirectUri, state, signal),
    close: () => closed(server),
  }
}

function responseWith(
  server: Server,
  redirectUri: string,
  state: string,
  signal: AbortSignal,
): Promise<Step<URLSearchParams>> {
  return new Promise((resolve) => {
    const abandon = () => resolve(stop('sign-in', 'sign-in-abandoned'))
    if (signal.aborted) return abandon()
    signal.addEventListener('abort', abandon, { once: true })
    server.on('request', (request, response) => {
      const params = request.method === 'GET' ? answerIn(request.url ?? '/', redirectUri, state) : undefined
      response.writeHead(params === undefined ? 400 : 200, PAGE_HEADERS)
      response.end(params === undefined ? FOREIGN_PAGE : FINISHED_PAGE)
      if (params === undefined) return
      signal.removeEventListener('abort', abandon)
      response.once('close', () => resolve(accept(params)))
    })
  })
}

/** @param target - of a request any page can send: not even a URL, perhaps */
function answerIn(target: string, redirectUri: string, state: string): URLSearchParams | undefined {
  if (!URL.canParse(target, redirectUri)) return undefined
  const { origin, pathname, searchParams } = new URL(target, redirectUri)
  const [given, ...more] = searchParams.getAll('state')
  const ours = `${origin}${pathname}` === redirectUri && given === state && more.length === 0
  return ours ? searchParams : undefined
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
}

/** The address bar holds the code, so the page loads nothing, links to nothing and is not kept. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

const FINISHED_PAGE = page('Back to your application', 'You can close this window and go back to your application.')
const FOREIGN_PAGE = page(
  'Nothing to see here',
  'This address only receives the answer of a sign-in that is under way.',
)

function page(title: string, text: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`
}
