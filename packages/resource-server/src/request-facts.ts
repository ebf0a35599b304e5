/** What a guard looks at before any body is read. A web-standard `Request` is one. */
export interface RequestFacts {
  readonly method: string
  /** Absolute, or path and query. */
  readonly url: string
  readonly headers: { get(name: string): string | null }
}
