import { proves } from '@carnet/requirements/vitest'
import { expect } from 'vitest'
import { browserUrl } from '../http/urls.ts'
import { browserCommand } from './open-browser.ts'

const URL_WITH_COMMANDS = 'https://x.test/?a=1&calc.exe;$(id)|`id`^&'

for (const platform of ['linux', 'darwin', 'win32', 'freebsd'] as const) {
  proves('CLI-23', `on ${platform} a URL is one argument of a program and never part of a command line`, () => {
    const [program, ...args] = browserCommand(platform, URL_WITH_COMMANDS)
    expect(['cmd', 'cmd.exe', 'sh', 'bash', 'powershell', 'start']).not.toContain(program)
    expect(args.filter((arg) => arg.includes('calc.exe'))).toEqual([URL_WITH_COMMANDS])
  })
}

for (const url of [
  'javascript:alert(1)',
  'file:///etc/passwd',
  'vscode://x',
  'data:text/html,x',
  'not a url',
  'https://u:p@x.test/',
]) {
  proves('CLI-23', `does not open ${url}`, () => {
    expect(browserUrl(url)).toBeUndefined()
  })
}

proves('CLI-23', 'opens https and http in their canonical spelling', () => {
  expect(browserUrl('https://x.test/a b"c')).toBe('https://x.test/a%20b%22c')
  expect(browserUrl('http://127.0.0.1:1/a')).toBe('http://127.0.0.1:1/a')
})
