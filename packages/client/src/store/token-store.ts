/** Where the sign-in and the access tokens are kept between calls, and between processes of one person. */
import type { Hidden } from '@carnet/protocol'

export interface TokenStore {
  read(key: string): Promise<Hidden | undefined>
  /** After it resolves, another process that opens the same store reads the value, or the one before it; never a part. */
  write(key: string, value: Hidden): Promise<void>
  /** Removing what is not there is harmless. */
  remove(key: string): Promise<void>
  keys(): Promise<readonly string[]>
  /**
   * Runs `work` while nobody else, in this process or another one on the same store, runs work for `key`.
   *
   * @throws {Fault} `store-unavailable` where the turn does not come in reasonable time
   */
  exclusively<Value>(key: string, work: () => Promise<Value>): Promise<Value>
}
