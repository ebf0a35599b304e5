/** How one audience is told who a person is: the registry records it, the directory acts on it (IDP-38). */
export type SubjectRule =
  /** The directory's own id of the person: the same everywhere, and the `sub` of our ID Tokens. */
  | { readonly kind: 'directory-id' }
  /** An id of its own for each sector, so that two sectors cannot compare notes. */
  | { readonly kind: 'pairwise'; readonly sector: string }
  /** The id the company's own provisioning gives the person. */
  | { readonly kind: 'external-id' }
