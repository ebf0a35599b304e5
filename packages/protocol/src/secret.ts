/** Text that must not be printed: a token, an assertion, a secret. Every way of turning it into text says so. */
const HIDDEN = '[hidden]'

export class Hidden {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** Hands out the text. Search for this name to find every place that does. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN
  }
}
