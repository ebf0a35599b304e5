/** A browser as far as redirects and cookies go, and no further: no JavaScript. */

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

export interface Visit {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  readonly location: string | undefined
}

export class Browser {
  #cookies: readonly Cookie[] = []

  get cookies(): readonly Cookie[] {
    return this.#cookies
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Visit> {
    return this.#visit(url, { headers })
  }

  async post(url: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Visit> {
    return this.#visit(url, { method: 'POST', body: new URLSearchParams(form), headers })
  }

  /** Follows redirects within one origin; the first one that leaves it is the last visit. */
  async follow(visit: Visit, origin: string): Promise<Visit> {
    let last = visit
    while (last.location?.startsWith(origin)) last = await this.get(last.location)
    return last
  }

  async #visit(url: string, init: RequestInit & { headers: Record<string, string> }): Promise<Visit> {
    const { pathname } = new URL(url)
    const sent = this.#cookies.filter(({ path }) => covers(path, pathname)).map(({ name, value }) => `${name}=${value}`)
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, ...(sent.length > 0 && { cookie: sent.join('; ') }) },
    })
    for (const line of response.headers.getSetCookie()) this.#take(line)
    const location = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      body: await response.text(),
      location: location === null ? undefined : new URL(location, url).href,
    }
  }

  #take(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const attribute = (wanted: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.split('=')[1]
    const cookie = { name, value, path: attribute('path') ?? '/' }
    this.#cookies = this.#cookies.filter((known) => known.name !== name || known.path !== cookie.path)
    const expires = attribute('expires')
    if (expires === undefined || Date.parse(expires) > 86_400_000) this.#cookies = [...this.#cookies, cookie]
  }
}

function covers(path: string, pathname: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}
