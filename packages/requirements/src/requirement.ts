/** One clause that Carnet answers for. */
export interface Requirement {
  /** Stable; an optional letter tells apart clauses of one row of the matrix. Never renumbered. */
  readonly id: string
  readonly level: 'MUST' | 'SHOULD' | 'MAY' | 'MUST NOT' | 'SHOULD NOT'
  /** Ours is stricter than the source, or the source is silent. */
  readonly stricterThanSource?: true
  readonly roles: readonly Role[]
  /** What must hold. */
  readonly text: string
  /** Where it comes from: document and section. */
  readonly source: string
  readonly status: 'proved' | 'planned' | 'excluded'
  /** Why it is not proved; must be given exactly when it is not. */
  readonly reason?: string
}

export type Role = 'idp' | 'resource-as' | 'resource-server' | 'client' | 'directory' | 'registry'
