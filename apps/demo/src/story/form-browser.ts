/**
 * The smallest browser that can sign in: it follows redirects, keeps cookies, and fills in the form it is shown.
 *
 * It knows nothing of the sign-in page but what stands in it.
 */

const MAX_HOPS = 20

export interface FormValues {
  readonly username: string
  readonly password: string
}

/**
 * Opens `url` and signs in wherever a form asks for it, until the last page is reached.
 *
 * @returns how many pages asked the person for something: a consent page would be counted here
 */
export async function signInThroughForm(url: string, values: FormValues): Promise<number> {
  const cookies = new CookieJar()
  let request: { url: string; body?: URLSearchParams } = { url }
  let pagesShown = 0
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const response = await fetch(request.url, {
      method: request.body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { accept: 'text/html', cookie: cookies.headerFor(request.url) },
      ...(request.body && { body: request.body }),
    })
    cookies.take(request.url, response.headers.getSetCookie())
    const location = response.headers.get('location')
    if (location !== null) {
      request = { url: new URL(location, request.url).href }
      continue
    }
    const form = readForm(await response.text())
    if (form === undefined) return pagesShown
    if (!response.ok) throw new Error(`The sign-in page answered ${response.status}`)
    pagesShown++
    request = { url: new URL(form.action, request.url).href, body: filledIn(form, values) }
  }
  throw new Error('The sign-in did not come to an end')
}

interface Form {
  readonly action: string
  readonly fields: readonly { readonly name: string; readonly value: string }[]
}

function readForm(html: string): Form | undefined {
  const form = /<form\b[^>]*method="post"[^>]*>([\s\S]*?)<\/form>/i.exec(html)
  if (form === null) return undefined
  const [whole, inside = ''] = form
  const fields = [...inside.matchAll(/<input\b[^>]*>/gi)].flatMap(([input]) => {
    const name = attribute(input, 'name')
    return name === undefined ? [] : [{ name, value: attribute(input, 'value') ?? '' }]
  })
  return { action: attribute(whole.slice(0, whole.indexOf('>') + 1), 'action') ?? '', fields }
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x2F;', '/')
}

function filledIn({ fields }: Form, values: FormValues): URLSearchParams {
  const filled = new URLSearchParams()
  for (const { name, value } of fields) filled.append(name, nameIsOf(values, name) ? values[name] : value)
  return filled
}

function nameIsOf(values: FormValues, name: string): name is keyof FormValues {
  return Object.hasOwn(values, name)
}

class CookieJar {
  readonly #cookies = new Map<string, { readonly host: string; readonly path: string; readonly value: string }>()

  take(url: string, headers: readonly string[]): void {
    const { host } = new URL(url)
    for (const header of headers) {
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim())
      const separator = pair.indexOf('=')
      const name = pair.slice(0, separator)
      const path = attributes.find((entry) => /^path=/i.test(entry))?.slice('path='.length) ?? '/'
      this.#cookies.set(`${host} ${path} ${name}`, { host, path, value: pair })
    }
  }

  headerFor(url: string): string {
    const { host, pathname } = new URL(url)
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.host === host && pathname.startsWith(cookie.path))
      .map(({ value }) => value)
      .join('; ')
  }
}
