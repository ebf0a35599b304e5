/** The part of `autocannon` that is used here; it brings no types. */
declare module 'autocannon' {
  interface Request {
    readonly body?: string
  }
  interface Options {
    readonly url: string
    readonly connections: number
    /** In seconds. */
    readonly duration: number
    readonly method: 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    /** Asked for before each request. */
    readonly requests?: readonly { readonly setupRequest: (request: Request) => Request }[]
  }
  interface Result {
    /** In seconds, as it turned out. */
    readonly duration: number
    readonly '2xx': number
    readonly non2xx: number
    readonly errors: number
    readonly timeouts: number
    readonly latency: { readonly p50: number; readonly p99: number }
  }
  export default function autocannon(options: Options): Promise<Result>
}
