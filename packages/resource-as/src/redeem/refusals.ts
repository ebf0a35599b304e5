/** Every way a redemption can be refused: a closed union, so that forgetting to answer one does not compile. */
import type { ClientRefusal } from '@carnet/http'
import type { Txn } from '@carnet/protocol'
import type { QuotaRefusal } from './quota.ts'
import type { GrantRefusal, ParameterRefusal } from './request.ts'
import type { ResourceRefusal } from './resource.ts'
import type { ScopeNarrowingRefusal } from './scope.ts'
import type { SubjectRefusal } from './subject.ts'
import type { AssertionRefusal } from './verify-id-jag.ts'
import type { WithdrawnRefusal } from './withdrawn.ts'

export type RedemptionRefusal =
  | ParameterRefusal
  | { readonly reason: 'client-not-authenticated'; readonly cause: ClientRefusal }
  | GrantRefusal
  | AssertionRefusal
  | ResourceRefusal
  | ScopeNarrowingRefusal
  | SubjectRefusal
  | WithdrawnRefusal
  | QuotaRefusal
  | { readonly reason: 'replayed' }

/** A refusal and the id under which the audit log explains it. */
export type RefusedRedemption = RedemptionRefusal & { readonly txn: Txn }
