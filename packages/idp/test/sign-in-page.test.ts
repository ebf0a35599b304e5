/** The sign-in page as a person meets it: in a real browser, with and without JavaScript. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ClientId } from '@carnet/protocol'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { authorizeUrl, client, startWorld, type World } from './oidc-fixture.ts'

/** An installed Chromium, or an error that says what to do. */
function installedChromium(): string {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = [
    ...(process.env.CHROMIUM_PATH === undefined ? [] : [process.env.CHROMIUM_PATH]),
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  const found = candidates.find((path) => existsSync(path))
  if (found === undefined) {
    throw new Error('No Chromium found. Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.')
  }
  return found
}

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let world: World
let callbackServer: Server
let callback: string
let folder: string
let context: BrowserContext | undefined

beforeAll(async () => {
  world = await startWorld()
  callbackServer = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<title>Back</title>back at the application')
  })
  await new Promise<void>((done) => callbackServer.listen(0, '127.0.0.1', done))
  callback = `http://127.0.0.1:${(callbackServer.address() as AddressInfo).port}/cb`
  const hostile = client('hostile', { name: '<img src=x onerror=alert(1)>', redirectUris: [callback] })
  const app = client('app', { name: 'Notes', applicationType: 'native', redirectUris: ['http://127.0.0.1/cb'] })
  for (const each of [hostile, app]) world.clients.set(each.id as ClientId, each)
})

afterEach(async () => {
  await context?.close()
  context = undefined
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

afterAll(async () => {
  await world.close()
  callbackServer.closeAllConnections()
  await new Promise((done) => callbackServer.close(done))
})

async function open(javaScriptEnabled: boolean, query: Record<string, string> = {}): Promise<Page> {
  folder = await mkdtemp(join(tmpdir(), 'carnet-browser-'))
  context = await chromium.launchPersistentContext(folder, {
    executablePath: installedChromium(),
    args: ARGUMENTS,
    javaScriptEnabled,
    viewport: { width: 1000, height: 800 },
  })
  const page = context.pages()[0] ?? (await context.newPage())
  await page.goto(authorizeUrl(world, { client_id: 'app', redirect_uri: callback, ...query }))
  return page
}

for (const javaScript of [true, false]) {
  describe(`the sign-in page ${javaScript ? 'with' : 'without'} JavaScript`, () => {
    test('names the application, takes keyboard input at once and leads back to it', async () => {
      const page = await open(javaScript)
      expect(await page.title()).toBe('Sign in – Carnet')
      expect(await page.getByText('to continue to Notes').isVisible()).toBe(true)
      await page.keyboard.type('alice')
      await page.keyboard.press('Tab')
      await page.keyboard.type('correct horse')
      await page.keyboard.press('Enter')
      await page.waitForURL(`${callback}?**`)
      expect(new URL(page.url()).searchParams.get('code')).toEqual(expect.any(String))
    })

    test('says what is wrong, keeps the username and puts the cursor where something is to do', async () => {
      const page = await open(javaScript)
      await page.getByLabel('Username').fill('alice')
      await page.getByLabel('Password').fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      const alert = page.getByRole('alert')
      await alert.waitFor()
      expect(await alert.textContent()).toContain('is not right')
      expect(await page.title()).toMatch(/^Problem: /)
      expect(await page.getByLabel('Username').inputValue()).toBe('alice')
      expect(await page.getByLabel('Password').inputValue()).toBe('')
      expect(await page.getByLabel('Password').getAttribute('aria-describedby')).toBe('problem')
      await page.keyboard.type('correct horse')
      await page.keyboard.press('Enter')
      await page.waitForURL(`${callback}?**`)
    })

    test('goes back to the application with a refusal when the person cancels', async () => {
      const page = await open(javaScript)
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.waitForURL(`${callback}?**`)
      expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied')
    })
  })
}

describe('the sign-in page', () => {
  test('is labelled, in one language, and fits a narrow screen', async () => {
    const page = await open(true)
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in')
    expect(await page.getByLabel('Username').getAttribute('autocomplete')).toBe('username')
    expect(await page.getByLabel('Password').getAttribute('autocomplete')).toBe('current-password')
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  })

  test('shows the name of an application as text, and runs nothing', async () => {
    const page = await open(true, { client_id: 'hostile' })
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    expect(await page.getByText('<img src=x onerror=alert(1)>').isVisible()).toBe(true)
    const complaint = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'))
    await page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'alert(1)'
      document.body.append(script)
    }`)
    await complaint
    expect(dialogs).toEqual([])
  })

  test('is what a screenshot shows', async () => {
    const page = await open(true)
    const picture = process.env.CARNET_SCREENSHOTS
    if (picture !== undefined) {
      await page.screenshot({ path: join(picture, 'sign-in.png') })
      await page.getByLabel('Username').fill('alice')
      await page.getByLabel('Password').fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await page.screenshot({ path: join(picture, 'sign-in-problem.png') })
      await page.goto(`${world.issuer}/logout`)
      await page.goto(authorizeUrl(world, { client_id: 'nobody' }))
      await page.screenshot({ path: join(picture, 'error.png') })
    }
    expect((await page.screenshot()).byteLength).toBeGreaterThan(5000)
  })
})
