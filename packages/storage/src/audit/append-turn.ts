/** Lets one append at a time go on: the next entry of a chain can only be made when the last one is certain. */
export class AppendTurn {
  #last: Promise<void> = Promise.resolve()

  /** Resolves when it is this caller's turn, with the function that ends it. */
  async take(): Promise<() => void> {
    const before = this.#last
    let end = () => {}
    this.#last = new Promise((resolve) => {
      end = resolve
    })
    await before
    return end
  }
}
